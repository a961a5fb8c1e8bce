package environment

import (
	"bytes"
	"regexp"
	"strings"
)

var (
	pythonRequires = regexp.MustCompile(`python_requires\s*=\s*["']?([^"'\n]+)`)
	extModules     = regexp.MustCompile(`(?m)\bext_modules\s*=`)
)

func readPythonVersion(d *detector, f file) {
	lines(d.tree.text(f.path), "#", func(n int, line string) {
		if line != "system" {
			d.pin(at{f, n}, "python", strings.TrimPrefix(line, "python-"), rankFile)
		}
	})
}

func (d *detector) pythonRange(a at, text string) {
	if text = strings.TrimSpace(text); text != "" && text != "*" {
		d.minimum(a, "python", text, specifiers(text, "~="))
	}
}

func readPyproject(d *detector, f file) {
	doc := d.tree.document(f.path)
	d.pythonRange(at{f, doc.line("project", "requires-python")}, doc.text("project", "requires-python"))
	keys := []string{"tool", "poetry", "dependencies", "python"}
	text := doc.text(keys...)
	if text == "" {
		text = doc.text(append(keys, "version")...)
	}
	d.pythonRange(at{f, doc.line(keys...)}, text)
}

func readPipfile(d *detector, f file) {
	doc := d.tree.document(f.path)
	for _, key := range []string{"python_full_version", "python_version"} {
		if text := doc.text("requires", key); text != "" {
			d.pin(at{f, doc.line("requires", key)}, "python", text, rankSecond)
			return
		}
	}
}

func readSetupPy(d *detector, f file) {
	data := d.tree.text(f.path)
	if m := pythonRequires.FindSubmatchIndex(data); m != nil {
		d.pythonRange(at{f, lineAt(data, m[0])}, string(data[m[2]:m[3]]))
	}
	if m := extModules.FindIndex(data); m != nil {
		d.any(at{f, lineAt(data, m[0])}, "gcc")
	}
}

func readSetupCfg(d *detector, f file) {
	data := d.tree.text(f.path)
	if m := pythonRequires.FindSubmatchIndex(data); m != nil {
		d.pythonRange(at{f, lineAt(data, m[0])}, string(data[m[2]:m[3]]))
	}
}

// lineAt is the line of an offset, from 1.
func lineAt(data []byte, offset int) int { return 1 + bytes.Count(data[:offset], []byte("\n")) }
