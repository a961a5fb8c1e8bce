package gitrepo

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"background-agents/backend/session"
)

func TestDiffListsChanges(t *testing.T) {
	long := strings.Repeat("a line that makes the file long enough to be found again\n", 20)
	w := newWorld(t, map[string]string{"a.txt": "one\ntwo\n", "moved.txt": long, "gone.txt": "x\ny\n", "bin": "\x00\x01", "type": "text", "mode.sh": "#!/bin/sh\n",
		"package.json": `{"name":"x","scripts":{"test":"t"}}`, "web/package.json": `{"name":"y"}`, "go.sum": "x"})
	commit(t, w.agent, "one", map[string]string{"a.txt": "one\n2\n3\n", "moved.txt": "\x00", "sub/é moved.txt": long + "more\n", "gone.txt": "\x00", "bin": "\x00\x02",
		"type": "\x00", "package.json": `{"name":"x","scripts":{"test":"evil"}}`, "web/package.json": `{"name":"z"}`, "go.sum": "y", "db/migrate/1.sql": "x"})
	write(t, w.agent, map[string]string{"type": "-> a.txt"})
	if err := os.Chmod(filepath.Join(w.agent, "mode.sh"), 0o755); err != nil {
		t.Fatal(err)
	}
	w.turn(1)
	diff, err := w.Diff(w.ctx, w.project, w.session, session.Range{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range diff {
		got = append(got, fmt.Sprintf("%s %s<%s +%d -%d %v %s", c.Status, c.Path, c.Old, c.Added, c.Removed, c.Binary, c.Risk))
	}
	want := []string{"modified a.txt< +2 -1 false ", "modified bin< +0 -0 true ", "added db/migrate/1.sql< +1 -0 false migration", "modified go.sum< +1 -1 false lock",
		"deleted gone.txt< +0 -2 false deletion", "modified mode.sh< +0 -0 false ", "modified package.json< +1 -1 false build",
		"renamed sub/é moved.txt<moved.txt +1 -0 false ", "type_changed type< +1 -1 false ", "modified web/package.json< +1 -1 false "}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	first := w.session.Result
	write(t, w.agent, map[string]string{"a.txt": "one\n2\n3\n4\n"})
	second := w.turn(2)
	diff, err = w.Diff(w.ctx, w.project, w.session, session.Range{Turn: 2, From: first.Files, To: second.Files})
	if err != nil || !slices.Equal(list(diff), []string{"M a.txt"}) {
		t.Errorf("%v %v", diff, err)
	}
	_, err = w.Diff(w.ctx, w.project, w.session, session.Range{From: "--output=/tmp/x"})
	wantCode(t, err, session.CodeInvalid)
	_, err = w.Diff(w.ctx, w.project, w.session, session.Range{From: strings.Repeat("1", 40)})
	wantCode(t, err, session.CodeNotFound)
	// Before there is a result, nothing has changed.
	s := w.session
	s.Result = session.Verified{}
	if diff, err := w.Diff(w.ctx, w.project, s, session.Range{}); err != nil || len(diff) > 0 {
		t.Errorf("%v %v", diff, err)
	}
}

func TestPatch(t *testing.T) {
	numbered := func(n int, f func(i int) string) string {
		var b strings.Builder
		for i := range n {
			b.WriteString(f(i) + "\n")
		}
		return b.String()
	}
	plain := numbered(40, func(i int) string { return fmt.Sprint("line ", i) })
	long := strings.Repeat("enough to be found again\n", 30)
	w := newWorld(t, map[string]string{"a.txt": plain, "crlf.txt": "one\r\ntwo\r\n", "end.txt": "no newline", "bin": "\x00\x01", "latin1.txt": "caf\xe9\n", "gone.txt": "x\n",
		"mode.sh": "#!/bin/sh\n", "space.txt": "a b\n", "moved.txt": long, "type": "text\n", "func.go": "package x\n\nfunc f() {\n\t1\n\t2\n\t3\n\t4\n\t5\n}\n"})
	commit(t, w.agent, "one", map[string]string{"a.txt": strings.Replace(strings.Replace(plain, "line 5\n", "line five\n", 1), "line 30\n", "", 1), "crlf.txt": "one\r\n2\r\n", "end.txt": "still no newline",
		"bin": "\x00\x02", "latin1.txt": "caf\xe8\n", "gone.txt": "\x00", "space.txt": "a  b\n", "moved.txt": "\x00", "new name.txt": long + "more\n",
		"empty.txt": "", "long.txt": strings.Repeat("é", 10000) + "\n", "many.txt": numbered(30_000, func(i int) string { return fmt.Sprint(i) }),
		"wide.txt": numbered(4000, func(int) string { return strings.Repeat("w", 1000) }), "type": "\x00", "--- a": "+++ b\n@@ -1 +1 @@\n", "func.go": "package x\n\nfunc f() {\n\t1\n\t2\n\t3\n\t4\n\t6\n}\n"})
	write(t, w.agent, map[string]string{"type": "-> a.txt"})
	git(t, w.agent, "update-index", "--add", "--cacheinfo", "160000,"+w.base+",mod")
	git(t, w.agent, "update-index", "--chmod=+x", "mode.sh")
	git(t, w.agent, "commit", "-q", "-m", "two")
	if err := os.Chmod(filepath.Join(w.agent, "mode.sh"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(w.agent, "mod"), 0o755); err != nil {
		t.Fatal(err)
	}
	w.turn(1)
	get := func(path string, o session.PatchOptions) session.Patch {
		t.Helper()
		p, err := w.Patch(w.ctx, w.project, w.session, session.Range{}, path, o)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		for _, h := range p.Hunks {
			for _, l := range h.Lines {
				if !utf8.ValidString(l) {
					t.Errorf("%s: invalid text %q", path, l)
				}
			}
		}
		return p
	}
	for path, want := range map[string][]string{
		"crlf.txt": {"-two\r", "+2\r"}, "end.txt": {"-no newline", `\ No newline at end of file`, "+still no newline", `\ No newline at end of file`},
		"latin1.txt": {"-caf�", "+caf�"}, "gone.txt": {"-x"}, "space.txt": {"-a b", "+a  b"}, "new name.txt": {"+more"}, "empty.txt": nil,
		"mod": {"+Subproject commit " + w.base}, "--- a": {"++++ b", "+@@ -1 +1 @@"}, "func.go": {"-\t5", "+\t6"},
	} {
		p := get(path, session.PatchOptions{})
		var lines []string
		for _, h := range p.Hunks {
			lines = append(lines, h.Lines...)
		}
		if !slices.Equal(lines, want) || p.Truncated || p.Binary {
			t.Errorf("%s: %q, want %q (%+v)", path, lines, want, p)
		}
	}
	p := get("a.txt", session.PatchOptions{Context: 1})
	if len(p.Hunks) != 2 || p.Hunks[0].OldStart != 5 || p.Hunks[0].NewLines != 3 || p.Hunks[1].OldStart != 30 || p.Hunks[1].NewLines != 2 {
		t.Errorf("hunks: %+v", p.Hunks)
	}
	if h := get("func.go", session.PatchOptions{}).Hunks[0]; h.Heading != "func f() {" {
		t.Errorf("heading: %q", h.Heading)
	}
	if p := get("space.txt", session.PatchOptions{IgnoreWhitespace: true}); len(p.Hunks) != 0 {
		t.Errorf("whitespace: %+v", p)
	}
	if p := get("bin", session.PatchOptions{}); !p.Binary || len(p.Hunks) != 0 {
		t.Errorf("binary: %+v", p)
	}
	if p := get("mode.sh", session.PatchOptions{}); len(p.Hunks) != 1 || p.Hunks[0].Heading != "mode 100644 → 100755" {
		t.Errorf("mode: %+v", p)
	}
	if p := get("long.txt", session.PatchOptions{}); !p.Truncated || len(p.Hunks[0].Lines[0]) > maxPatchLine+10 {
		t.Errorf("long line: %v", p.Truncated)
	}
	if p := get("many.txt", session.PatchOptions{}); !p.Truncated || len(p.Hunks[0].Lines) != maxPatchLines {
		t.Errorf("many lines: %v %d", p.Truncated, len(p.Hunks[0].Lines))
	}
	if p := get("wide.txt", session.PatchOptions{}); !p.Truncated || len(p.Hunks[0].Lines) > 2100 {
		t.Errorf("many bytes: %v %d", p.Truncated, len(p.Hunks[0].Lines))
	}
	if p := get("type", session.PatchOptions{}); len(p.Hunks) != 2 || p.Hunks[0].Heading != "mode 100644 → 120000" {
		t.Errorf("type: %+v", p)
	}
	_, err := w.Patch(w.ctx, w.project, w.session, session.Range{}, "nope", session.PatchOptions{})
	wantCode(t, err, session.CodeNotFound)
}

func TestRiskOfPath(t *testing.T) {
	for path, want := range map[string]string{
		".github/workflows/x.yml": "ci", "sub/.GitHub/Workflows/x.yml": "ci", ".gitlab-ci.yml": "ci", ".husky/pre-commit": "hook", ".githooks/x": "hook", ".vscode/settings.json": "editor",
		"a/.idea/x": "editor", ".gitattributes": "hook", "a/.gitattributes": "hook", ".gitmodules": "hook", ".lfsconfig": "hook", ".envrc": "hook", ".devcontainer/devcontainer.json": "editor",
		"AGENTS.md": "agent", "x/claude.md": "agent", ".cursorrules": "agent", ".cursor/rules/x": "agent", "opencode.json": "agent", ".claude/settings.json": "agent", ".codex/config.toml": "agent",
		"Makefile": "build", "x/Makefile": "build", "Dockerfile.dev": "build", "main.go": "", "docs/workflows/x.md": "", "package-lock.json": "lock", "db/migrations/1.sql": "migration",
		".github/CODEOWNERS": "ci", "x.code-workspace": "editor", ".background-agents/setup.sh": "hook", "github/workflows/x": "",
	} {
		if got := riskOfPath(path); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
}
