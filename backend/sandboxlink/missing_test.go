package sandboxlink

import (
	"strings"
	"testing"

	"background-agents/sandbox/wire"
)

func TestMissingCommandIsBounded(t *testing.T) {
	long := strings.Repeat("é", 10_000)
	packages := make([]string, 1000)
	for i := range packages {
		packages[i] = long
	}
	e, err := translate(wire.Entry{Epoch: epoch, Seq: 1, Missing: &wire.Missing{
		Item: epoch + ".m", Command: long, Version: "1.2; rm -rf /", Packages: packages, Evidence: long,
	}})
	if err != nil {
		t.Fatal(err)
	}
	m := e.Missing
	if len(m.Command) > maxID || m.Version != "" || len(m.Packages) != wire.MaxMissingPackages ||
		len(m.Packages[0]) > maxID || len(m.Evidence) > wire.MaxEvidence {
		t.Errorf("a command of %d bytes, version %q, %d packages, evidence of %d bytes",
			len(m.Command), m.Version, len(m.Packages), len(m.Evidence))
	}
	for version, want := range map[string]string{
		"1.26.4": "1.26.4", "21": "21", "1.2.3.4": "", "v1": "", "12345": "", "": "",
	} {
		e, err := translate(wire.Entry{Epoch: epoch, Seq: 1, Missing: &wire.Missing{Item: epoch + ".m", Version: version}})
		if err != nil || e.Missing.Version != want {
			t.Errorf("version %q becomes %q, %v", version, e.Missing.Version, err)
		}
	}
	if _, err := translate(wire.Entry{Epoch: epoch, Seq: 1, Missing: &wire.Missing{Item: "other"}}); err == nil {
		t.Error("an item of another journal is taken")
	}
}
