package gitrepo

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"background-agents/backend/session"
)

func TestTextOfAPath(t *testing.T) {
	for path, want := range map[string]string{
		"a/b.txt": "a/b.txt", "é 日本": "é 日本", "caf\xe9": "caf�e9", "a\xff\xfe/b": "a�ff�fe/b", "�": "�ef�bf�bd", "�ff": "�ef�bf�bdff",
		"": "", "\xe6\x97": "�e6�97", "a�": "a�ef�bf�bd",
	} {
		text := validPath(path)
		if text != want || rawPath(text) != path {
			t.Errorf("%q became %q and %q again", path, text, rawPath(text))
		}
	}
	for _, text := range []string{"�", "�x", "�f", "a�zz", "�ff�"} { // what validPath never makes
		if got := rawPath(text); got != text {
			t.Errorf("%q became %q", text, got)
		}
	}
}

// A path goes out as JSON and comes back from there.
func TestPathsThatAreNotUTF8AreNotMixedUp(t *testing.T) {
	w := newWorld(t, map[string]string{"n\xff.txt": "old ff\n", "dir\xe9/x": "x\n"})
	names := []string{"n\xff.txt", "n\xfe.txt", "n\xffx.txt", "n�ff.txt", "dir\xe9/Makefile", "dir\xe8/Makefile"}
	files := map[string]string{"dir\xe9/x": "\x00"}
	for _, name := range names {
		files[name] = fmt.Sprintf("new %q\n", name)
	}
	commit(t, w.agent, "odd names", files)
	path := w.publish(1)
	diff, err := w.Diff(w.ctx, w.project, w.session, session.Range{})
	w.must(err)
	wire, err := json.Marshal(diff)
	w.must(err)
	var shown []session.FileChange
	w.must(json.Unmarshal(wire, &shown))
	patches := ""
	for _, c := range shown {
		patch, err := w.Patch(w.ctx, w.project, w.session, session.Range{}, c.Path, session.PatchOptions{})
		if err != nil {
			t.Errorf("%q: %v", c.Path, err)
		}
		for _, h := range patch.Hunks {
			patches += strings.Join(h.Lines, "\n") + "\n"
		}
	}
	for _, name := range names {
		if line := "+" + strings.TrimSuffix(files[name], "\n") + "\n"; strings.Count(patches, line) != 1 {
			t.Errorf("%q is shown %d times", name, strings.Count(patches, line))
		}
		if got := read(t, path, name); got != files[name] {
			t.Errorf("%q in the worktree is %q", name, got)
		}
	}
	if !strings.Contains(patches, "-x\n") || len(shown) != len(names)+1 {
		t.Errorf("of %d files the deleted one is missing:\n%s", len(shown), patches)
	}

	write(t, path, map[string]string{"n\xfe.txt": "mine\n"})
	edits, err := w.Edits(w.ctx, w.project, w.session)
	if err != nil || len(edits) != 1 || rawPath(edits[0].Path) != "n\xfe.txt" {
		t.Errorf("edits: %v (%v)", edits, err)
	}
	w.must(w.UndoEdits(w.ctx, w.project, w.session))
	if got := read(t, path, "n\xfe.txt"); got != files["n\xfe.txt"] {
		t.Errorf("undone it is %q", got)
	}
}

func TestProjectWhosePathIsNotUTF8IsRefused(t *testing.T) {
	dir := t.TempDir() + "/caf\xe9"
	git(t, "/", "init", "-q", dir)
	r := Open(Config{DataDir: t.TempDir()})
	_, err := r.Inspect(t.Context(), dir)
	wantCode(t, err, session.CodeInvalid)
	if e := session.AsError(err); !strings.Contains(e.Message, "caf�e9") || e.Hint == "" {
		t.Errorf("%+v", e)
	}
}
