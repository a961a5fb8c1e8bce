package environment

import (
	"regexp"
	"strings"

	"golang.org/x/mod/modfile"
)

var cgoImport = regexp.MustCompile(`(?m)^import[ \t]+"C"`)

func readGoMod(d *detector, f file) {
	m, err := modfile.ParseLax(f.path, d.tree.text(f.path), nil)
	if err != nil {
		return
	}
	if m.Go != nil {
		d.minimum(at{f, m.Go.Syntax.Start.Line}, "go", m.Go.Version, atLeast(m.Go.Version))
	}
	for _, s := range m.Syntax.Stmt { // the lax parser, which lets a module's newer directives pass, leaves this one out
		if l, ok := s.(*modfile.Line); ok && len(l.Token) == 2 && l.Token[0] == "toolchain" {
			d.goToolchain(at{f, l.Start.Line}, l.Token[1])
		}
	}
}

func readGoWork(d *detector, f file) {
	w, err := modfile.ParseWork(f.path, d.tree.text(f.path), nil)
	if err != nil {
		return
	}
	if w.Go != nil {
		d.minimum(at{f, w.Go.Syntax.Start.Line}, "go", w.Go.Version, atLeast(w.Go.Version))
	}
	if w.Toolchain != nil {
		d.goToolchain(at{f, w.Toolchain.Syntax.Start.Line}, w.Toolchain.Name)
	}
}

// goToolchain takes names such as go1.24.4 and go1.24.4-custom.
func (d *detector) goToolchain(a at, name string) {
	number, ok := strings.CutPrefix(name, "go")
	if !ok { // "default" is the one that is there
		return
	}
	number, _, _ = strings.Cut(number, "-")
	d.pin(a, "go", number, rankSecond).Wanted = clean(name)
}

func readGoVersion(d *detector, f file) {
	d.firstLine(f, func(a at, text string) { d.pin(a, "go", strings.TrimPrefix(text, "go"), rankFile) })
}

// firstLine calls do with the first line of a file that is no comment.
func (d *detector) firstLine(f file, do func(a at, text string)) {
	done := false
	lines(d.tree.text(f.path), "#", func(n int, line string) {
		if !done {
			done = true
			do(at{f, n}, line)
		}
	})
}

func (d *detector) goParts() {
	for _, f := range d.tree.named("go.mod") {
		d.ensure(f, "go")
		d.part(f.dir, "go", "go mod download", "go test ./...")
	}
	if len(d.tree.named("go.mod")) > 0 {
		d.cgo()
	}
}

// cgo looks for the first .go file that needs a C compiler.
func (d *detector) cgo() {
	for _, p := range d.tree.sources {
		data, err := d.tree.files.Read(p)
		if err != nil {
			continue
		}
		data = data[:min(len(data), maxSource)]
		if m := cgoImport.FindIndex(data); m != nil {
			f := file{path: p, dir: folder(p), place: len(d.tree.manifests)}
			d.any(at{f, 1 + strings.Count(string(data[:m[0]]), "\n")}, "gcc")
			return
		}
	}
}
