package projectconfig

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"strings"
	"testing"

	"background-agents/backend/session"
)

func TestDocumentsAreGeneratedFromTheSchema(t *testing.T) {
	asJSON, err := JSONSchema()
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string][]byte{"../../docs/config.schema.json": asJSON,
		"../../docs/config.md": Reference()} {
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s is not what the schema says: run go generate ./backend/projectconfig (%v)", path, err)
		}
	}
	if !json.Valid(asJSON) {
		t.Error("the schema is not JSON")
	}
}

// What the reference shows as examples can be written so.
func TestExamplesAreValid(t *testing.T) {
	for i, part := range strings.Split(string(Reference()), "```yaml\n")[1:] {
		example, _, _ := strings.Cut(part, "```")
		if f := Parse([]byte(example)); len(f.Problems) > 0 || len(f.Lines) == 0 {
			t.Errorf("example %d:\n%s%+v", i, example, f)
		}
	}
}

func TestWhatIsWrittenIsReadAgain(t *testing.T) {
	want := session.Environment{
		Tools: []session.Toolchain{{Name: "go", Version: "1.20"}, {Name: "python", Version: "3.10"},
			{Name: "python", Version: "3.12"}},
		Packages: []string{"libpq-dev", "zip"},
		Configuration: session.Configuration{
			Variables: []string{"A=", "B=yes", "C=1.0", "D=a: b # c", "E=null", "F=~", "G==x", "H=2024-01-02"},
			Setup:     []string{"npm ci"}, Start: []string{"- a", "if true; then\n\techo \"x: y\"\nfi"}, Run: []string{"&x"},
			Test: []string{"*y"}, Archive: []string{"true"},
		},
	}
	data, err := Render(want)
	if err != nil {
		t.Fatal(err)
	}
	f := Parse(data)
	got := session.Environment{Configuration: f.Configuration}
	for _, tool := range f.Tools {
		got.Tools = append(got.Tools, session.Toolchain{Name: tool.Name, Version: tool.Version})
	}
	for _, p := range f.Packages {
		got.Packages = append(got.Packages, p.Name)
	}
	if len(f.Problems) > 0 || !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v\n%+v\n%s", got, want, f.Problems, data)
	}
	if data, err := Render(session.Environment{}); err != nil || len(Parse(data).Problems) > 0 {
		t.Errorf("nothing is %q, %v", data, err)
	}
}
