package environment

import (
	"fmt"
	"testing"
)

func TestUnknownSaysWhy(t *testing.T) {
	five := memory{}
	for i, version := range []string{"1.27.4", "1.26.8", "1.26.4", "1.25.4", "1.24.4"} {
		five[fmt.Sprintf("m%d/go.mod", i)] = "module a\n\ngo 1.20\n\ntoolchain go" + version + "\n"
	}
	for _, c := range []struct {
		files memory
		want  string
	}{
		{memory{"go.mod": "module a\n\ngo 1.99\n"}, "No available version fits. The newest is 1.27.4."},
		{memory{".tool-versions": "terraform 1.9\n"}, "No tool of this name is available."},
		{memory{"mix.exs": "elixir: \"~> 1.15\"\n"}, "No tool of this name is available."},
		{memory{".ruby-version": "truffleruby\n"}, "The version can't be read."},
		{memory{"rust-toolchain": "beta\n"}, "Only stable versions of Rust are available."},
		{five, "The project asks for more than 4 versions of it."},
	} {
		if p := Detect(c.files, stable); len(p.Unknown) == 0 || p.Unknown[len(p.Unknown)-1].Why != c.want {
			t.Errorf("%v: unknown is %+v, want %q", c.files, p.Unknown, c.want)
		}
	}
}

func TestMinimumsOfSeveralPartsHaveOneVersion(t *testing.T) {
	example{name: "together", files: memory{"a/package.json": `{"engines":{"node":">=20"}}`, "b/package.json": `{"engines":{"node":"<23"}}`},
		tools: "node 22.21.0"}.run(t)
}

func TestPinOfAFolderAboveSpeaksForThoseBelow(t *testing.T) {
	example{name: "below", files: memory{".nvmrc": "18", "a/package.json": `{"engines":{"node":">=20"}}`}, tools: "node 18.20.8",
		reasons: []string{`.nvmrc:1 node "18" pin`, `a/package.json:1 node ">=20" minimum`}}.run(t)
	example{name: "beside", files: memory{"b/.nvmrc": "18", "a/package.json": `{"engines":{"node":">=20"}}`},
		tools: "node 18.20.8, node 24.11.1"}.run(t)
}
