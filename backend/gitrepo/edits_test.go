package gitrepo

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"background-agents/backend/session"
)

// list writes changes as git does: a letter and the path.
func list(changes []session.FileChange) (lines []string) {
	for _, c := range changes {
		line := strings.ToUpper(c.Status[:1]) + " " + c.Path
		if c.Old != "" {
			line += " < " + c.Old
		}
		lines = append(lines, line)
	}
	return lines
}

// give reads a bundle of edits into the agent's clone.
func (w *world) give(bundle []byte) {
	w.Helper()
	file := filepath.Join(w.TempDir(), "edits")
	if err := os.WriteFile(file, bundle, 0o600); err != nil {
		w.Fatal(err)
	}
	git(w, w.agent, "fetch", "-q", file, "refs/edits/commit:refs/edits/commit")
}

func TestEditsAreFoundSentAndThenReplaced(t *testing.T) {
	w := newWorld(t, someFiles)
	unchanged := w.untouched()
	commit(t, w.agent, "one", map[string]string{"a.txt": "one\n2\nthree\n"})
	write(t, w.agent, map[string]string{"untracked.txt": "agent's\n"})
	path := w.publish(1)
	if edits, err := w.Edits(w.ctx, w.project, w.session); err != nil || len(edits) > 0 {
		t.Fatalf("%v %v", edits, err)
	}
	var b bytes.Buffer
	if commit, err := w.BundleEdits(w.ctx, w.project, w.session, &b); err != nil || commit != w.session.Result.Files || b.Len() > 0 {
		t.Fatalf("nothing changed: %s %v", commit, err)
	}
	write(t, path, map[string]string{"a.txt": "one\n2\nthree\nmine\n", "mine.txt": "mine\n", "b.txt": "\x00", "x.log": "ignored", "untracked.txt": "ours\n"})
	index := read(t, w.repo, ".git", "worktrees", filepath.Base(path), "index")
	edits, err := w.Edits(w.ctx, w.project, w.session)
	if got := list(edits); err != nil || !slices.Equal(got, []string{"M a.txt", "D b.txt", "A mine.txt", "M untracked.txt"}) {
		t.Fatalf("%v %v", got, err)
	}
	if edits[0].Added != 1 || edits[1].Risk != riskDeletion {
		t.Errorf("%+v", edits)
	}
	commitID, err := w.BundleEdits(w.ctx, w.project, w.session, &b)
	if err != nil {
		t.Fatal(err)
	}
	if read(t, w.repo, ".git", "worktrees", filepath.Base(path), "index") != index {
		t.Error("the user's index was written")
	}
	w.give(b.Bytes())
	if got := git(t, w.agent, "diff", "--name-status", w.session.Result.Files, commitID); got != "M\ta.txt\nD\tb.txt\nA\tmine.txt\nM\tuntracked.txt" {
		t.Errorf("the agent got %s", got)
	}
	if got := git(t, w.agent, "log", "-1", "--format=%an %P", commitID); got != "Ada Lovelace "+w.session.Result.Files {
		t.Errorf("commit: %s", got)
	}
	// The agent applies them and works on; the worktree may then be brought up to date.
	git(t, w.agent, "checkout", "-q", commitID, "--", ".")
	write(t, w.agent, map[string]string{"b.txt": "\x00", "mine.txt": "mine, and the agent's\n"})
	commit(t, w.agent, "two", nil)
	w.publish(2)
	if got := git(t, path, "status", "--porcelain"); got != "" {
		t.Errorf("status: %s", got)
	}
	if got := read(t, path, "mine.txt"); got != "mine, and the agent's\n" {
		t.Errorf("got %q", got)
	}
	unchanged()
}

// What was sent and did not get into the agent's work is still only in the worktree.
func TestEditsThatTheAgentDidNotTakeStay(t *testing.T) {
	w := newWorld(t, someFiles)
	path := w.publish(1)
	write(t, path, map[string]string{"dir/d.txt": "mine\n"})
	if _, err := w.BundleEdits(w.ctx, w.project, w.session, &bytes.Buffer{}); err != nil {
		t.Fatal(err)
	}
	commit(t, w.agent, "without them", map[string]string{"a.txt": "x\n"})
	_, err := w.Publish(w.ctx, w.project, w.session, w.turn(2))
	wantCode(t, err, session.CodeConflict)
	if got := read(t, path, "dir/d.txt"); got != "mine\n" {
		t.Errorf("got %q", got)
	}
}

func TestEditsAreMergedIntoANewerResult(t *testing.T) {
	for name, c := range map[string]struct{ mine, agents, want string }{
		"different places": {"mine\ntwo\nthree\n4\n5\n6\n7\n", "one\ntwo\nthree\n4\n5\n6\nagent's\n", "mine\ntwo\nthree\n4\n5\n6\nagent's\n"},
		"the same place":   {"mine\ntwo\nthree\n4\n5\n6\n7\n", "agent's\ntwo\nthree\n4\n5\n6\n7\n", "<<<<<<<"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, map[string]string{"a.txt": "one\ntwo\nthree\n4\n5\n6\n7\n"})
			path := w.publish(1)
			write(t, path, map[string]string{"a.txt": c.mine})
			write(t, w.agent, map[string]string{"a.txt": c.agents, "more.txt": "more\n"})
			_, err := w.Publish(w.ctx, w.project, w.session, w.turn(2))
			wantCode(t, err, session.CodeConflict)
			var b bytes.Buffer
			commit, err := w.BundleEdits(w.ctx, w.project, w.session, &b)
			if err != nil {
				t.Fatal(err)
			}
			w.give(b.Bytes())
			if got := git(t, w.agent, "diff", "--name-status", w.session.Result.Files, commit); got != "M\ta.txt" {
				t.Errorf("the edit changes %s", got)
			}
			got := git(t, w.agent, "show", commit+":a.txt") + "\n"
			if got != c.want && !(strings.HasPrefix(got, c.want) && strings.Contains(got, "mine") && strings.Contains(got, "agent's")) {
				t.Errorf("got %q", got)
			}
			git(t, w.agent, "checkout", "-q", commit, "--", "a.txt")
			write(t, w.agent, map[string]string{"a.txt": "resolved\n"})
			w.publish(3)
			if got := read(t, path, "a.txt"); got != "resolved\n" {
				t.Errorf("got %q", got)
			}
		})
	}
}

func TestFetchedLFSFilesAreNoEdits(t *testing.T) {
	content := "the large content\n"
	pointer := func(text string) string {
		return fmt.Sprintf("version https://git-lfs.github.com/spec/v1\noid sha256:%x\nsize %d\n", sha256.Sum256([]byte(text)), len(text))
	}
	w := newWorld(t, map[string]string{".gitattributes": "*.bin filter=lfs diff=lfs merge=lfs -text\n", "x.bin": pointer(content), "y.bin": pointer("y")})
	path := w.publish(1)
	if got := read(t, path, "x.bin"); got != pointer(content) {
		t.Fatalf("not a pointer: %q", got)
	}
	write(t, path, map[string]string{"x.bin": content, "y.bin": "y"})
	if edits, err := w.Edits(w.ctx, w.project, w.session); err != nil || len(edits) > 0 {
		t.Errorf("edits: %v %v", edits, err)
	}
	write(t, w.agent, map[string]string{"a.txt": "a", "y.bin": pointer("other")})
	w.publish(2)
	if got := read(t, path, "x.bin"); got != content {
		t.Errorf("an unchanged file was put back: %q", got)
	}
	if got := read(t, path, "y.bin"); got != pointer("other") {
		t.Errorf("a changed pointer did not come: %q", got)
	}
	write(t, path, map[string]string{"x.bin": "my own"})
	if edits, err := w.Edits(w.ctx, w.project, w.session); err != nil || !slices.Equal(list(edits), []string{"M x.bin"}) {
		t.Errorf("edits: %v %v", edits, err)
	}
}

func TestEditsRespectTheUsersExcludesAndLineEnds(t *testing.T) {
	w := newWorld(t, someFiles)
	excludes := filepath.Join(t.TempDir(), "ignore me")
	write(t, filepath.Dir(excludes), map[string]string{"ignore me": "*.mine\n"})
	git(t, w.repo, "config", "core.excludesFile", excludes)
	git(t, w.repo, "config", "core.autocrlf", "true")
	write(t, w.repo, map[string]string{".git/info/exclude": "*.local\n"})
	path := w.publish(1)
	if got := read(t, path, "b.txt"); got != "b\r\n" {
		t.Errorf("line ends: %q", got)
	}
	write(t, path, map[string]string{"x.mine": "x", "y.local": "y"})
	if edits, err := w.Edits(w.ctx, w.project, w.session); err != nil || len(edits) > 0 {
		t.Errorf("edits: %v %v", edits, err)
	}
	if got := git(t, path, "status", "--porcelain"); got != "" {
		t.Errorf("status: %s", got)
	}
}

func TestUnsavedAndForget(t *testing.T) {
	w := newWorld(t, someFiles)
	unchanged := w.untouched()
	ctx, p := w.ctx, w.project
	if got, err := w.Unsaved(ctx, p, w.session); err != nil || len(got) > 0 {
		t.Errorf("new session: %q %v", got, err)
	}
	if err := w.Forget(ctx, p, w.session, false); err != nil {
		t.Errorf("new session: %v", err)
	}
	commit(t, w.agent, "agent's work", map[string]string{"a.txt": "1\n"})
	write(t, w.agent, map[string]string{"u.txt": "u"})
	v := w.turn(1)
	has := func(want ...string) {
		t.Helper()
		got, err := w.Unsaved(ctx, p, w.session)
		ok := err == nil && len(got) == len(want)
		for i := range want {
			ok = ok && strings.Contains(got[i], want[i])
		}
		if !ok {
			t.Errorf("unsaved: %q %v, want %q", got, err, want)
		}
	}
	has("agent's work", "uncommitted: u.txt")
	path, err := w.Publish(ctx, p, w.session, v)
	if err != nil {
		t.Fatal(err)
	}
	has("agent's work", "uncommitted: u.txt")
	write(t, path, map[string]string{"mine.txt": "mine", "x.log": "log", "ignored/y": "built"})
	has("agent's work", "uncommitted: u.txt", "changed by you: mine.txt", "ignored file: x.log")
	wantCode(t, w.Forget(ctx, p, w.session, false), session.CodeUnsaved)
	wantCode(t, w.ForgetWorktree(ctx, p, w.session), session.CodeUnsaved)
	if !exists(filepath.Join(path, "mine.txt")) {
		t.Fatal("the user's file is gone")
	}
	write(t, path, map[string]string{"mine.txt": "\x00", "x.log": "\x00"})
	if err := w.ForgetWorktree(ctx, p, w.session); err != nil || exists(path) {
		t.Fatalf("%v %v", err, exists(path))
	}
	if out := git(t, w.repo, "worktree", "list"); strings.Contains(out, "\n") {
		t.Errorf("worktrees: %s", out)
	}
	has("agent's work", "uncommitted: u.txt")
	if again, err := w.Publish(ctx, p, w.session, v); err != nil || again != path || read(t, path, "u.txt") != "u" {
		t.Errorf("%s %v", again, err)
	}
	// Saved elsewhere: on a remote, and with what was uncommitted committed.
	commit(t, w.agent, "the rest", nil)
	v = w.turn(2)
	if _, err := w.Publish(ctx, p, w.session, v); err != nil {
		t.Fatal(err)
	}
	has("the rest", "agent's work")
	git(t, w.repo, "update-ref", "refs/remotes/origin/x", v.Commit)
	has()
	if err := w.Forget(ctx, p, w.session, false); err != nil {
		t.Fatal(err)
	}
	git(t, w.repo, "update-ref", "-d", "refs/remotes/origin/x")
	if out := git(t, w.quarantineDir(p.ID), "for-each-ref"); out != "" || exists(path) || exists(w.sessionDir(w.session)) {
		t.Errorf("left: %q %v", out, exists(path))
	}
	if out := git(t, w.repo, "for-each-ref", "refs/heads/agents"); out != "" {
		t.Errorf("left: %s", out)
	}
	unchanged()
	if err := w.Forget(ctx, p, w.session, true); err != nil {
		t.Errorf("again: %v", err)
	}
	if err := w.ForgetProject(ctx, p); err != nil || exists(w.projectDir(p.ID)) {
		t.Errorf("project: %v", err)
	}
}

func TestForgetLeavesWhatIsNotOurs(t *testing.T) {
	w := newWorld(t, someFiles)
	path := w.publish(1)
	if err := os.RemoveAll(path); err != nil {
		t.Fatal(err)
	}
	git(t, w.repo, "worktree", "prune")
	write(t, path, map[string]string{"mine": "mine"}) // something else at the same place
	git(t, w.repo, "checkout", "-q", w.session.Branch)
	other := filepath.Join(filepath.Dir(w.repo), "other")
	git(t, w.repo, "worktree", "add", "-q", "-b", "theirs", other)
	if err := os.RemoveAll(other); err != nil { // missing too, but not ours to prune
		t.Fatal(err)
	}
	if err := w.Forget(w.ctx, w.project, w.session, true); err != nil {
		t.Fatal(err)
	}
	if !exists(filepath.Join(path, "mine")) {
		t.Error("the user's folder was removed")
	}
	if out := git(t, w.repo, "for-each-ref", "refs/heads/agents"); out == "" {
		t.Error("a branch that is checked out was deleted")
	}
	if out := git(t, w.repo, "worktree", "list"); !strings.Contains(out, "theirs") {
		t.Errorf("another's worktree was pruned: %s", out)
	}
}

func TestUndoneEditsAreKeptAndTheWorktreeFollows(t *testing.T) {
	w := newWorld(t, someFiles)
	commit(t, w.agent, "one", map[string]string{"a.txt": "one\n"})
	write(t, w.agent, map[string]string{"untracked.txt": "agent's\n"})
	path := w.publish(1)
	if err := w.UndoEdits(w.ctx, w.project, w.session); err != nil {
		t.Fatal("nothing changed:", err)
	}
	write(t, path, map[string]string{"a.txt": "mine\n", "mine.txt": "mine\n", "b.txt": "\x00", "x.log": "ignored"})
	git(t, path, "add", "a.txt", "mine.txt") // staged, too
	commit(t, w.agent, "two", map[string]string{"a.txt": "two\n"})
	v := w.turn(2)
	_, err := w.Publish(w.ctx, w.project, w.session, v)
	wantCode(t, err, session.CodeConflict)
	if err := w.UndoEdits(w.ctx, w.project, w.session); err != nil {
		t.Fatal(err)
	}
	if edits, err := w.Edits(w.ctx, w.project, w.session); err != nil || len(edits) > 0 {
		t.Errorf("left: %v %v", edits, err)
	}
	if exists(filepath.Join(path, "mine.txt")) || read(t, path, "a.txt") != "one\n" || read(t, path, "x.log") != "ignored" {
		t.Error("the worktree is not what was published")
	}
	if got := git(t, path, "status", "--porcelain"); got != "?? untracked.txt" {
		t.Errorf("status: %s", got)
	}
	if _, err := w.Publish(w.ctx, w.project, w.session, v); err != nil || read(t, path, "a.txt") != "two\n" {
		t.Errorf("it does not follow: %v", err)
	}
	kept := git(t, w.quarantineDir(w.project.ID), "for-each-ref", "--format=%(objectname)", strings.TrimSuffix(sessionRefs(w.session)+"undone/", "/"))
	if got := git(t, w.quarantineDir(w.project.ID), "show", kept+":a.txt"); got != "mine" {
		t.Errorf("kept: %q", got)
	}
}
