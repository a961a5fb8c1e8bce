package sandbox

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestBashTellsWhatItDoesNotFind runs the step of the recipe that writes what bash reads first, and then bash with it.
func TestBashTellsWhatItDoesNotFind(t *testing.T) {
	const file, program = "/usr/local/lib/background-agents/missing.sh", "/usr/local/bin/supervisor"
	step := regexp.MustCompile(`(?s)RUN (printf '%s\\n' 'command_not_found_handle.*?> ` + regexp.QuoteMeta(file) + `)\n`)
	found := step.FindSubmatch(Dockerfile)
	if found == nil {
		t.Fatal("the recipe has no such step")
	}
	dir := t.TempDir()
	script, told := filepath.Join(dir, "missing.sh"), filepath.Join(dir, "told")
	supervisor := filepath.Join(dir, "supervisor")
	write := func(path, text string) {
		t.Helper()
		if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	write(supervisor, "#!/bin/sh\necho \"$@\" >> "+told+"\necho noise; echo noise >&2; exit 1\n")
	made := strings.NewReplacer("\\\n", " ", file, script, program, supervisor).Replace(string(found[1]))
	if out, err := exec.Command("/bin/sh", "-c", made).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	write(filepath.Join(dir, "nested.sh"), "#!/bin/bash\necho before\nno-such-c three\n")
	for _, c := range []struct{ line, told, out string }{
		{"no-such-a -v 'x y'; echo $?", "missing -- no-such-a -v x y", "127"},
		{"no-such-b | true; echo ${PIPESTATUS[0]}", "missing -- no-such-b", "127"},
		{filepath.Join(dir, "nested.sh"), "missing -- no-such-c three", "nested.sh: line 3: no-such-c: command not found"},
		{"no-such-d || true", "missing -- no-such-d", "no-such-d: command not found"},
		{"command -v no-such-e; type no-such-e > /dev/null 2>&1; /no/such-f 2> /dev/null; echo fine", "", "fine"},
	} {
		_ = os.Remove(told)
		cmd := exec.Command("bash", "-c", c.line)
		cmd.Env = append(os.Environ(), "BASH_ENV="+script)
		out, _ := cmd.CombinedOutput()
		heard, _ := os.ReadFile(told)
		noisy := strings.Contains(string(out), "noise")
		if strings.TrimSpace(string(heard)) != c.told || !strings.Contains(string(out), c.out) || noisy {
			t.Errorf("%s\ntold %q, want %q\nprinted %s", c.line, heard, c.told, out)
		}
	}
}
