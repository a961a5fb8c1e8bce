package gitrepo

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"background-agents/backend/session"
)

func TestHostileFileNames(t *testing.T) {
	w := newWorld(t, someFiles)
	names := []string{"-rf", "--help", "a\nb", "tab\there", "quote\"s", "back slash", "$(touch x)", "`x`", ":(glob)*.txt", ":!x", "*x", "?", "[a]", "~", " lead", "trail ",
		"é", "e\u0301", "\xff\xfe", "\u202egpj.exe", "\x1b[31mred", "con", "nul.txt", strings.Repeat("n", 255), "dir/-x/--y", "HEAD", "refs", "@{u}"}
	files := map[string]string{}
	for _, n := range names {
		files[n] = "content\n"
	}
	write(t, w.agent, files)
	path := w.publish(1)
	for _, n := range names {
		if got := read(t, path, n); got != "content\n" {
			t.Errorf("%q holds %q", n, got)
		}
	}
	diff, err := w.Diff(w.ctx, w.project, w.session, session.Range{})
	if err != nil || len(diff) != len(names) {
		t.Fatalf("%d changes, %v", len(diff), err)
	}
	for _, c := range diff {
		p, err := w.Patch(w.ctx, w.project, w.session, session.Range{}, c.Path, session.PatchOptions{})
		if err != nil || len(p.Hunks) != 1 || !slices.Equal(p.Hunks[0].Lines, []string{"+content"}) {
			t.Errorf("%q: %+v %v", c.Path, p, err)
		}
	}
	for _, n := range names {
		write(t, path, map[string]string{n: "edited\n"})
	}
	if edits, err := w.Edits(w.ctx, w.project, w.session); err != nil || len(edits) != len(names) {
		t.Errorf("%d edits, %v", len(edits), err)
	}
}

// A link that the agent makes must not lead our writing out of the worktree.
func TestLinksAreNotFollowed(t *testing.T) {
	w := newWorld(t, someFiles)
	outside := filepath.Join(t.TempDir(), "outside")
	write(t, outside, map[string]string{"precious": "precious"})
	commit(t, w.agent, "link", map[string]string{"out": "-> " + outside, "hard": "-> ../../../../../../../../etc/passwd", "git": "-> .git/config"})
	path := w.publish(1)
	if risky := w.session.Result.Risky; !slices.Equal(risky, []string{"git", "hard", "out"}) {
		t.Errorf("risky: %v", risky)
	}
	write(t, w.agent, map[string]string{"out": "\x00"})
	write(t, w.agent, map[string]string{"out/precious": "overwritten", "out/new": "new"})
	commit(t, w.agent, "folder", nil)
	w.publish(2)
	if got := read(t, outside, "precious"); got != "precious" || exists(filepath.Join(outside, "new")) {
		t.Error("something was written behind the link")
	}
	if got := read(t, path, "out", "precious"); got != "overwritten" {
		t.Errorf("got %q", got)
	}
	if err := w.Forget(w.ctx, w.project, w.session, true); err != nil || read(t, outside, "precious") != "precious" {
		t.Errorf("forget: %v", err)
	}
}
