package gitrepo

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"background-agents/backend/session"
)

// The user's other branches are not the session's to use, although the quarantine borrows their objects.
func TestReceiveRefusesObjectsThatTheSessionWasNeverGiven(t *testing.T) {
	setup := func(t *testing.T) (w *world, secret string) {
		w = newWorld(t, someFiles)
		git(t, w.repo, "checkout", "-q", "-b", "private")
		commit(t, w.repo, "secret", map[string]string{"secret.txt": strings.Repeat("the user's secret, which is long enough for a difference\n", 20)})
		secret = git(t, w.repo, "rev-parse", "HEAD:secret.txt")
		git(t, w.repo, "checkout", "-q", "main")
		return w, secret
	}
	steal := func(w *world, secret string) (c session.Checkpoint, head string) {
		tree := gitIn(w, w.agent, []byte("100644 blob "+secret+"\tloot\n"), "mktree", "--missing")
		id := git(w, w.agent, "commit-tree", tree, "-p", w.base, "-m", "x")
		c = session.Checkpoint{Commit: id, Files: id}
		return c, fmt.Sprintf("# v2 git bundle\n-%s \n%s refs/result/commit\n%s refs/result/files\n\n", w.base, id, id)
	}
	t.Run("named by a tree", func(t *testing.T) {
		w, secret := setup(t)
		c, head := steal(w, secret)
		pack := packOf(t, w.agent, []string{c.Commit, git(t, w.agent, "rev-parse", c.Commit+"^{tree}")})
		_, err := w.Receive(w.ctx, w.project, w.session, 1, c, strings.NewReader(head+string(pack)))
		wantCode(t, err, session.CodeQuarantine)
		// Without the check git takes it: the control.
		if out, err := fetchPlainly(t, w, head+string(pack)); err != nil {
			t.Errorf("the attack does not work: %s", out)
		}
	})
	t.Run("base of a difference", func(t *testing.T) {
		w, secret := setup(t)
		text := strings.Repeat("the user's secret, which is long enough for a difference\n", 20)
		loot := gitIn(t, w.agent, []byte(text+"!"), "hash-object", "-w", "--stdin")
		tree := gitIn(t, w.agent, []byte("100644 blob "+loot+"\tloot\n"), "mktree")
		id := git(t, w.agent, "commit-tree", tree, "-p", w.base, "-m", "x")
		rest := packOf(t, w.agent, []string{id, tree})
		pack := packWithDifference(rest, secret, len(text), "!")
		head := fmt.Sprintf("# v2 git bundle\n-%s \n%s refs/result/commit\n%s refs/result/files\n\n", w.base, id, id)
		if out, err := fetchPlainly(t, w, head+string(pack)); err != nil {
			t.Errorf("the attack does not work: %s", out)
		}
		_, err := w.Receive(w.ctx, w.project, w.session, 1, session.Checkpoint{Commit: id, Files: id}, strings.NewReader(head+string(pack)))
		wantCode(t, err, session.CodeQuarantine)
		if !strings.Contains(err.Error(), secret[:12]) {
			t.Errorf("refused for another reason: %v", err)
		}
	})
	t.Run("without a bundle", func(t *testing.T) {
		w, _ := setup(t)
		id := git(t, w.repo, "rev-parse", "private")
		_, err := w.Receive(w.ctx, w.project, w.session, 1, session.Checkpoint{Commit: id, Files: id}, strings.NewReader(""))
		wantCode(t, err, session.CodeQuarantine)
	})
}

// fetchPlainly fetches a bundle as one would without this package, into a repository that borrows the user's objects.
func fetchPlainly(t *testing.T, w *world, bundle string) (string, error) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "b"), []byte(bundle), 0o600); err != nil {
		t.Fatal(err)
	}
	git(t, dir, "init", "-q", "--bare", "q")
	write(t, dir, map[string]string{"q/objects/info/alternates": filepath.Join(w.repo, ".git", "objects") + "\n"})
	return tryGit(filepath.Join(dir, "q"), "-c", "transfer.fsckObjects=true", "fetch", "-q", "../b", "refs/result/commit:refs/x")
}
