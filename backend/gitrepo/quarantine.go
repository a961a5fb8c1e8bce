package gitrepo

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"background-agents/backend/session"
)

// Refs of the quarantine: refs/sessions/<session>/
//
//	turn/<n>/commit, files   what was accepted, newest checkpoint of the turn
//	published/commit, files  what the worktree holds
//	edits/<commit>           what the user changed there and sent
//	taken/<commit>/commit    another branch of the agent's that was brought out
func sessionRefs(s session.Session) string { return "refs/sessions/" + string(s.ID) + "/" }

// quarantine finds or makes the project's quarantine and lets it borrow from where the user's repository is now.
func (r *Repos) quarantine(ctx context.Context, p session.Project, s session.Session) (string, repo, error) {
	if err := checkIDs(p, &s); err != nil {
		return "", repo{}, err
	}
	u, err := r.open(p)
	if err != nil {
		return "", u, err
	}
	q := r.quarantineDir(p.ID)
	alternates := filepath.Join(q, "objects", "info", "alternates")
	want := alternatesFile(u.objectDirs())
	if got, err := os.ReadFile(alternates); err == nil && string(got) == want && exists(filepath.Join(q, "HEAD")) {
		return q, u, nil
	}
	_, unlock, err := r.lock(ctx, p.ID, projectLock)
	if err != nil {
		return "", u, err
	}
	defer unlock()
	if !exists(q) {
		half := q + ".new"
		_ = os.RemoveAll(half)
		if err := makeBare(half, u.format, u.objectDirs()); err != nil {
			return "", u, explain(err)
		}
		return q, u, explain(os.Rename(half, q))
	}
	return q, u, explain(writeFile(alternates, []byte(want)))
}

// inside is where commands run that read an agent's commits.
func inside(q string) place { return place{dir: q, hostile: true} }

// objectDirs are the quarantine's objects and those that it borrows.
func (r *Repos) objectDirs(u repo, q string) []string {
	return append([]string{filepath.Join(q, "objects")}, u.objectDirs()...)
}

// sessionTips are the commits that the quarantine keeps for a session.
func (r *Repos) sessionTips(ctx context.Context, q string, s session.Session) ([]string, error) {
	out, err := r.output(ctx, inside(q), nil, "for-each-ref", "--format=%(objectname)", sessionRefs(s))
	if err != nil {
		return nil, fmt.Errorf("list results: %w", err)
	}
	tips := strings.Fields(string(out))
	slices.Sort(tips)
	return slices.Compact(tips), nil
}

// checkHeld refuses a result that did not pass Receive. The base itself is a result too: of nothing.
func (r *Repos) checkHeld(ctx context.Context, q string, s session.Session, v session.Verified) error {
	if err := checkCommits(v.Commit, v.Files, s.BaseCommit); err != nil {
		return err
	}
	tips, err := r.sessionTips(ctx, q, s)
	if err != nil {
		return explain(err)
	}
	tips = append(tips, s.BaseCommit)
	if !slices.Contains(tips, v.Commit) || !slices.Contains(tips, v.Files) {
		return fail(session.CodeNotFound, "This result is not kept any more: a later one of the same turn took its place.",
			"Use the latest result.", nil)
	}
	return nil
}

// updateRefs applies the lines of `git update-ref --stdin` at once. A lock file that is in the way was left by a killed
// process: the project's lock is held here.
func (r *Repos) updateRefs(ctx context.Context, p session.Project, q string, lines []string) error {
	ctx, unlock, err := r.lock(ctx, p.ID, projectLock)
	if err != nil {
		return err
	}
	defer unlock()
	input := strings.Join(lines, "\n") + "\n"
	err = r.quiet(ctx, inside(q), strings.NewReader(input), "update-ref", "--stdin")
	if stderrHas(err, ".lock") {
		removeStaleLocks(q)
		err = r.quiet(ctx, inside(q), strings.NewReader(input), "update-ref", "--stdin")
	}
	if err != nil {
		return explain(fmt.Errorf("keep result: %w", err))
	}
	return nil
}

// tidy packs the quarantine's objects when there are many, so that reading stays quick.
func (r *Repos) tidy(ctx context.Context, p session.Project, q string) {
	packs, _ := filepath.Glob(filepath.Join(q, "objects", "pack", "*.pack"))
	if len(packs) < 30 {
		return
	}
	ctx, unlock, err := r.lock(ctx, p.ID, projectLock)
	if err != nil {
		return
	}
	defer unlock()
	at := inside(q)
	at.config = []string{"gc.auto=1", "gc.autoPackLimit=20", "gc.autoDetach=false", "gc.writeCommitGraph=false", "repack.writeBitmaps=false"}
	_ = r.quiet(ctx, at, nil, "gc", "--auto", "--quiet")
}

// writeFile replaces a file at once, and has it on disk when it returns.
func writeFile(path string, b []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*")
	if err != nil {
		return err
	}
	_, err = f.Write(b)
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
	}
	return err
}
