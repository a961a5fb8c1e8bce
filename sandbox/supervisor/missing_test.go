package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"background-agents/sandbox/supervisor/missing"
	"background-agents/sandbox/wire"
)

func TestCommandsThatTheAgentMissesAreToldOnce(t *testing.T) {
	b := newBench(t)
	start := started
	start.Missing = map[string]string{"go": "go", "ruby": "ruby", "sudo": "root", "never": "never"}
	b.must(wire.MethodStart, start)
	b.paths.workspace = t.TempDir()
	script := filepath.Join(b.paths.workspace, "s")
	if err := os.WriteFile(script, []byte("#!/usr/bin/env -S ruby -w\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for i, call := range []wire.Tool{
		{Kind: "read", Status: "completed", Output: "bash: line 1: never: command not found"},
		{Kind: "execute", Status: "running", Output: "bash: line 1: never: command not found"},
		{Kind: "execute", Status: "completed", Title: "go test ./... | true", Output: "bash: line 1: go: command not found"},
		{Kind: "execute", Status: "failed", Output: "sh: 1: go: not found\n./s: cannot execute: required file not found"},
		{Kind: "execute", Status: "failed", Output: "bash: line 1: sudo: command not found",
			Input: json.RawMessage(`{"command":["bash","-lc","sudo apt-get install -y libpq-dev"]}`)},
		{Kind: "execute", Status: "failed", Title: "last", Output: "done"},
	} {
		call.Item = "tool-" + string(rune('a'+i))
		if err := b.Append(wire.Entry{Tool: &call}); err != nil {
			t.Fatal(err)
		}
	}
	var told []string
	ids := map[string]bool{}
	for _, e := range b.until(func(e wire.Entry) bool { return e.Tool != nil && e.Tool.Title == "last" }) {
		if m := e.Missing; m != nil {
			told = append(told, strings.TrimSpace(m.Command+" "+strings.Join(m.Packages, " ")))
			ids[m.Item] = strings.HasPrefix(m.Item, e.Epoch)
		}
	}
	if got := strings.Join(told, ", "); got != "go, ruby, sudo libpq-dev" {
		t.Errorf("told of %s", got)
	}
	for id, own := range ids {
		if !own {
			t.Errorf("the item %s is not the journal's", id)
		}
	}
}

func TestShellsReachTheRunningSupervisor(t *testing.T) {
	b := newBench(t)
	start := started
	start.Missing = map[string]string{"go": "go"}
	b.must(wire.MethodStart, start)
	if err := command(t.Context(), []string{"missing", "-state", b.dir, "--", "go", "-v"}); err == nil {
		t.Error("nobody listens, and no error")
	}
	conn, err := missing.Listen(b.paths.missing())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	go func() { _ = b.missing.Serve(ctx, conn) }()
	for range 3 {
		if err := command(t.Context(), []string{"missing", "-state", b.dir, "--", "go", "-v"}); err != nil {
			t.Fatal(err)
		}
	}
	told := b.until(func(e wire.Entry) bool { return e.Missing != nil })
	if m := told[len(told)-1].Missing; m.Command != "go" || m.Evidence != "" {
		t.Errorf("told %+v", m)
	}
}

func TestScriptsNameTheirInterpreter(t *testing.T) {
	dir := t.TempDir()
	outside := filepath.Join(t.TempDir(), "outside")
	for name, text := range map[string]string{
		"env": "#!/usr/bin/env php\n", "path": "#! /usr/bin/ruby -w\nputs 1", "none": "echo x\n", "empty": "", "bare": "#!\n",
		"flags": "#!/usr/bin/env -S deno run\n",
		"long":  "#!/usr/bin/" + strings.Repeat("x", 1000), outside: "#!/usr/bin/perl\n",
	} {
		path := name
		if !filepath.IsAbs(name) {
			path = filepath.Join(dir, name)
		}
		if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(outside, filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	for script, want := range map[string]string{
		"./env": "php", filepath.Join(dir, "path"): "ruby", "none": "", "empty": "", "bare": "", "flags": "deno", "link": "",
		"../outside": "", outside: "", ".": "", "not there": "",
	} {
		if got := interpreter(dir, script); got != want {
			t.Errorf("%s asks for %q, want %q", script, got, want)
		}
	}
}
