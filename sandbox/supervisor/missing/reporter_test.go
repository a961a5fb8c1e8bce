package missing

import (
	"fmt"
	"strings"
	"testing"

	"background-agents/sandbox/wire"
)

func reporter(commands ...string) (*Reporter, *[]wire.Missing) {
	var sent []wire.Missing
	r := &Reporter{Send: func(m wire.Missing) { sent = append(sent, m) }}
	wanted := map[string]string{}
	for _, c := range commands {
		name, part, _ := strings.Cut(c, "=")
		wanted[name] = part
	}
	r.Want(wanted)
	return r, &sent
}

func TestEachMissingToolIsToldOnce(t *testing.T) {
	r, sent := reporter("go=go", "gcc=gcc", "cc=gcc")
	for range 3 {
		r.NotFound([]string{"go", "test"})
		r.Ended(Run{Output: "bash: go: command not found\nmake: gcc: No such file or directory\n" +
			"sh: 1: cc: not found\nsh: 1: foo: not found"})
	}
	r.Ended(Run{Output: "go: go.mod requires go >= 1.26.4 (running go 1.25.4; GOTOOLCHAIN=local)"})
	if got := strings.Join(said(*sent), ", "); got != "go, gcc, go 1.26.4" {
		t.Errorf("told of %s", got)
	}
	if (*sent)[0].Evidence != "" || (*sent)[1].Evidence != "make: gcc: No such file or directory" {
		t.Errorf("%+v", *sent)
	}
}

func TestNothingIsToldBeforeTheHostWantsIt(t *testing.T) {
	r, sent := reporter()
	r.Ended(Run{Output: "bash: go: command not found"})
	r.NotFound(nil)
	r.NotFound([]string{"../go"})
	if len(*sent) > 0 {
		t.Errorf("told of %s", said(*sent))
	}
	r.Want(map[string]string{"go": "go"})
	r.Ended(Run{Output: "bash: go: command not found"})
	if len(*sent) != 1 {
		t.Errorf("told of %s", said(*sent))
	}
}

func TestAThousandForgedLinesAreFewReports(t *testing.T) {
	var names []string
	var forged strings.Builder
	for i := range 1000 {
		names = append(names, fmt.Sprintf("tool%d=tool%d", i, i))
		fmt.Fprintf(&forged, "sh: 1: tool%d: not found\n", i)
	}
	r, sent := reporter(names...)
	for range 20 {
		r.Ended(Run{Output: forged.String()})
	}
	for i := range 1000 {
		r.NotFound([]string{fmt.Sprintf("tool%d", i)})
	}
	if len(*sent) != wire.MaxMissing {
		t.Errorf("%d reports", len(*sent))
	}
}
