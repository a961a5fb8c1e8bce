package workspace

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"background-agents/sandbox/wire"
)

// fixture is a clone of a small project, as a session has it.
type fixture struct {
	*Workspace
	t       testing.TB
	base    string
	fresh   bool
	with    Clone
	notices []string
}

const branch = "agents/try"

// open makes a mirror that holds files and a workspace on it, not yet cloned.
func open(t testing.TB, files map[string]string) *fixture {
	t.Helper()
	root := t.TempDir()
	f := &fixture{t: t}
	src := filepath.Join(root, "project")
	f.sh(root, "git init -q -b main project && cd project && git config user.name User && git config user.email u@x")
	for name, text := range files {
		write(t, filepath.Join(src, name), text)
	}
	f.sh(src, "git add -A && git commit -q --allow-empty -m first")
	f.base = f.sh(src, "git rev-parse HEAD")
	f.with = Clone{Base: f.base, Branch: branch, AuthorName: "Ann Author", AuthorEmail: "ann@example.com"}
	mirror := filepath.Join(root, "mirror")
	f.sh(root, "git init -q --bare mirror && cd mirror && git fetch -q ../project "+f.base+":refs/bases/"+f.base)
	f.Workspace = Open(filepath.Join(root, "work space"), mirror, filepath.Join(root, "scratch"))
	f.Notice = func(s string) { f.notices = append(f.notices, s) }
	return f
}

// clone is open with the clone made.
func clone(t testing.TB, files map[string]string) *fixture {
	t.Helper()
	f := open(t, files)
	f.ensure()
	return f
}

func (f *fixture) ensure() {
	f.t.Helper()
	fresh, err := f.Ensure(context.Background(), f.with, io.Discard)
	if err != nil {
		f.t.Fatal(err)
	}
	f.fresh = fresh
}

func (f *fixture) checkpoint() wire.Checkpoint {
	f.t.Helper()
	c, err := f.Checkpoint(context.Background())
	if err != nil {
		f.t.Fatal(err)
	}
	return c
}

// agent runs a shell command in the workspace, as the agent would.
func (f *fixture) agent(script string) string {
	f.t.Helper()
	return f.sh(f.Dir, script)
}

func (f *fixture) sh(dir, script string) string {
	f.t.Helper()
	cmd := exec.Command("sh", "-ec", script)
	cmd.Dir = dir
	cmd.Env = append(environment(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_EDITOR=true")
	out, err := cmd.CombinedOutput()
	if err != nil {
		f.t.Fatalf("%s: %v\n%s", script, err, out)
	}
	return strings.TrimSpace(string(out))
}

// files lists a commit's files with their content.
func (f *fixture) files(commit string) map[string]string {
	f.t.Helper()
	out, err := f.git(context.Background(), "ls-tree", "-r", "-z", "--name-only", commit)
	if err != nil {
		f.t.Fatal(err)
	}
	m := map[string]string{}
	for _, p := range split(out) {
		if m[p], err = f.git(context.Background(), "cat-file", "-p", commit+":"+p); err != nil {
			m[p] = "(not a file)"
		}
	}
	return m
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func names(m map[string]string) string {
	var n []string
	for k := range m {
		n = append(n, k)
	}
	sort.Strings(n)
	return strings.Join(n, " ")
}

func wantCode(t *testing.T, err error, code string) *wire.Error {
	t.Helper()
	var e *wire.Error
	if !errors.As(err, &e) || e.Code != code {
		t.Fatalf("error = %v, want code %s", err, code)
	}
	return e
}

func bundle(t *testing.T, w *Workspace, c wire.Checkpoint, have ...string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := w.Bundle(context.Background(), wire.Bundle{Checkpoint: c, Have: have}, &b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
