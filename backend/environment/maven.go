package environment

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
)

// levelKeys are the elements of a pom.xml that say which Java its classes are for.
var levelKeys = []string{"maven.compiler.release", "maven.compiler.target", "maven.compiler.source", "java.version"}

// element is the text of one XML element.
type element struct {
	text string
	line int
}

// flatten returns the first text of each element, by the names down to it. At most 20 levels are looked at.
func flatten(data []byte) map[string]element {
	found := map[string]element{}
	dec := xml.NewDecoder(bytes.NewReader(data))
	dec.Strict = false
	dec.CharsetReader = func(_ string, in io.Reader) (io.Reader, error) { return in, nil }
	var path []string
	line, read := 1, 0
	for {
		token, err := dec.RawToken()
		if err != nil {
			if !errors.Is(err, io.EOF) {
				return map[string]element{}
			}
			return found
		}
		start := line
		end := int(dec.InputOffset())
		line, read = line+bytes.Count(data[read:end], []byte("\n")), end
		switch token := token.(type) {
		case xml.StartElement:
			path = append(path, token.Name.Local)
		case xml.EndElement:
			path = path[:max(len(path)-1, 0)]
		case xml.CharData:
			text := strings.TrimSpace(string(token))
			if key := strings.Join(path[:min(len(path), 20)], "/"); text != "" && found[key].line == 0 && len(path) <= 20 {
				before := len(token) - len(bytes.TrimLeft(token, " \t\r\n"))
				found[key] = element{text, start + bytes.Count(token[:before], []byte("\n"))}
			}
		}
	}
}

func readPom(d *detector, f file) {
	found := flatten(d.tree.text(f.path))
	for _, key := range levelKeys {
		e := found["project/properties/"+key]
		if name, ok := strings.CutPrefix(e.text, "${"); ok {
			e.text = found["project/properties/"+strings.TrimSuffix(name, "}")].text
		}
		if e.text != "" && !strings.HasPrefix(e.text, "${") {
			d.javaLevel(at{f, e.line}, e.text)
			return
		}
	}
	for _, key := range []string{"release", "target", "source"} {
		e := found["project/build/plugins/plugin/configuration/"+key]
		if e.text != "" && javaTarget.MatchString(e.text) {
			d.javaLevel(at{f, e.line}, e.text)
			return
		}
	}
}

func (d *detector) mavenParts() {
	for _, f := range d.tree.named("pom.xml") {
		if d.covered(f.dir, "maven") {
			continue
		}
		d.anyJava(f)
		command := "./mvnw"
		if d.tree.has(f.dir, "mvnw") == "" { // the wrapper brings its own Maven
			command = "mvn"
			d.ensure(f, "maven")
		}
		d.part(f.dir, "maven", command+" -B dependency:go-offline", command+" -B test")
	}
}
