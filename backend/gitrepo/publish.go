package gitrepo

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"background-agents/backend/session"
)

// publishing is one call of Publish, under the session's lock.
type publishing struct {
	r   *Repos
	p   session.Project
	s   session.Session
	v   session.Verified
	u   repo
	q   string
	rec record
	tip string // where the branch is, "" if there is none
	// state is the tree of the worktree's files as they are, with index on it.
	index   string
	state   string
	fetched []string // files that stand for Git LFS pointers
}

// Publish brings branch and worktree to the session's verified result: the branch to Commit, the files to Files, so
// that what the agent has not committed shows as uncommitted. Where the user changed files, staged something, moved the
// branch or left it, nothing is touched, and the error is a CodeConflict. What a crash left half done is completed.
func (r *Repos) Publish(ctx context.Context, p session.Project, s session.Session, v session.Verified) (string, error) {
	q, u, err := r.quarantine(ctx, p, s)
	if err != nil {
		return "", err
	}
	if err := checkBranch(s.Branch); err != nil {
		return "", err
	}
	ctx, unlock, err := r.lock(ctx, p.ID, string(s.ID))
	if err != nil {
		return "", err
	}
	defer unlock()
	if err := r.checkHeld(ctx, q, s, v); err != nil {
		return "", err
	}
	rec, err := r.loadRecord(s)
	if err != nil {
		return "", explain(err)
	}
	pub := &publishing{r: r, p: p, s: s, v: v, u: u, q: q, rec: rec, index: filepath.Join(r.sessionDir(s), "index.next")}
	if err := pub.run(ctx); err != nil {
		return "", explain(err)
	}
	return pub.rec.Worktree, nil
}

func (pub *publishing) run(ctx context.Context) error {
	pub.rec.follow(pub.u)
	if pub.rec.Branch != "" && pub.rec.Branch != pub.s.Branch {
		return invalid(fmt.Sprintf("The session's branch was %s and cannot become %s.", pub.rec.Branch, pub.s.Branch))
	}
	if err := pub.checkBranch(ctx); err != nil {
		return err
	}
	linked := pub.rec.linked(pub.u)
	if linked {
		if err := pub.r.checkHead(ctx, pub.u, pub.s, pub.rec); err != nil {
			return err
		}
	}
	same := pub.rec.Commit == pub.v.Commit && pub.rec.Files == pub.v.Files && pub.rec.NextFiles == ""
	if same && linked && pub.tip == pub.v.Commit {
		return nil
	}
	if err := pub.examine(ctx, linked); err != nil {
		return err
	}
	// From here on things change; the record says to what.
	pub.rec.Branch, pub.rec.NextCommit, pub.rec.NextFiles = pub.s.Branch, pub.v.Commit, pub.v.Files
	if pub.rec.Worktree == "" {
		path, err := pub.r.claimWorktree(pub.p, pub.s)
		if err != nil {
			return err
		}
		pub.rec.Worktree = path
	}
	if err := pub.r.saveRecord(pub.s, pub.rec); err != nil {
		return err
	}
	if err := pub.fetch(ctx); err != nil {
		return err
	}
	if pub.tip == "" || !linked {
		if err := pub.moveBranch(ctx); err != nil {
			return err
		}
	}
	if !linked {
		if err := pub.r.link(ctx, pub.p, pub.s, pub.u, &pub.rec); err != nil {
			return err
		}
	}
	if err := pub.writeFiles(ctx); err != nil {
		return err
	}
	if err := pub.moveBranch(ctx); err != nil {
		return err
	}
	pub.rec.Commit, pub.rec.Files, pub.rec.NextCommit, pub.rec.NextFiles = pub.v.Commit, pub.v.Files, "", ""
	pub.rec.Sent = ""
	return pub.r.saveRecord(pub.s, pub.rec)
}

// checkBranch refuses a branch that is not ours, or that the user moved.
func (pub *publishing) checkBranch(ctx context.Context) error {
	tip, err := pub.r.line(ctx, pub.u.place(), "rev-parse", "--verify", "--quiet", "--end-of-options", "refs/heads/"+pub.s.Branch)
	if err != nil && !exited(err, 1) {
		return fmt.Errorf("read branch: %w", err)
	}
	pub.tip = tip
	switch {
	case tip == "", tip == pub.rec.Commit, tip == pub.rec.NextCommit:
		return nil
	case pub.rec.Commit == "" && pub.rec.NextCommit == "":
		return fail(session.CodeBranchExists, fmt.Sprintf("The branch %s exists already.", pub.s.Branch), "Choose another branch name.", nil)
	case tip == pub.v.Commit:
		return nil
	}
	return conflict(fmt.Sprintf("The branch %s was moved since the agent's last result.", pub.s.Branch),
		fmt.Sprintf("Run `git reset %.12s` in the worktree: what you committed then counts as changed files, which can be sent to the agent.", pub.rec.Commit), nil)
}

// fetch brings the commit into the user's repository, checked once more. It writes no ref.
func (pub *publishing) fetch(ctx context.Context) error {
	ref := sessionRefs(pub.s) + "published/"
	lines := []string{"update " + ref + "commit " + pub.v.Commit, "update " + ref + "files " + pub.v.Files}
	if err := pub.r.updateRefs(ctx, pub.p, pub.q, lines); err != nil {
		return err
	}
	return pub.take(ctx, ref+"commit")
}

// take brings a ref of the quarantine, which is the commit, into the user's repository.
func (pub *publishing) take(ctx context.Context, ref string) error {
	at := pub.u.place()
	if pub.r.quiet(ctx, at, nil, "merge-base", "--is-ancestor", pub.v.Commit, pub.s.BaseCommit) == nil {
		return nil
	}
	// git looks at the HEADs of all worktrees, also of one that is being made.
	ctx, unlock, err := pub.r.lock(ctx, pub.p.ID, projectLock)
	if err != nil {
		return err
	}
	defer unlock()
	err = pub.r.judgeNew(ctx, pub.u.place(), func(skip string) error {
		at.config = append([]string{"protocol.file.allow=always"}, strictFetch(skip)...)
		return pub.r.quiet(ctx, at, nil, "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules",
			"--no-auto-maintenance", "--no-prune", "--no-show-forced-updates", "--refmap=", pub.q, ref)
	})
	if err != nil {
		return fmt.Errorf("bring the commit into the repository: %w", err)
	}
	return nil
}

// moveBranch moves the branch from where it was found, and from nowhere else.
func (pub *publishing) moveBranch(ctx context.Context) error {
	if pub.tip == pub.v.Commit {
		return nil
	}
	if err := pub.checkFree(ctx); err != nil {
		return err
	}
	from, ref := pub.tip, "refs/heads/"+pub.s.Branch
	if from == "" {
		from = strings.Repeat("0", len(pub.v.Commit))
	}
	args := []string{"update-ref", "-m", "background-agents: turn " + fmt.Sprint(pub.v.Turn), ref, pub.v.Commit, from}
	err := pub.r.quiet(ctx, pub.u.place(), nil, args...)
	if stderrHas(err, ".lock': File exists") {
		// Ours, from a crash, if it stays: nobody else writes this branch.
		if pub.r.waitForRefLock(ctx, pub.u, ref) {
			err = pub.r.quiet(ctx, pub.u.place(), nil, args...)
		}
	}
	switch {
	case err == nil:
		pub.tip = pub.v.Commit
		return nil
	case stderrHas(err, "bad name"), stderrHas(err, "not a valid ref"):
		return notABranch(pub.s.Branch)
	case stderrHas(err, "cannot create"), stderrHas(err, "exists; cannot"):
		return fail(session.CodeBranchExists, fmt.Sprintf("The branch %s can't be created beside the branches that exist.", pub.s.Branch),
			"Choose another branch name.", err)
	case stderrHas(err, "but expected"), stderrHas(err, "reference already exists"):
		return conflict(fmt.Sprintf("The branch %s was moved just now.", pub.s.Branch), "Try again.", err)
	}
	return fmt.Errorf("move branch: %w", err)
}

// checkFree keeps the branch where it is while somebody else than our worktree has it checked out: their files would
// seem changed.
func (pub *publishing) checkFree(ctx context.Context) error {
	list, err := pub.r.checkouts(ctx, pub.u)
	if err != nil {
		return err
	}
	for _, c := range list {
		if c.branch == pub.s.Branch && !pub.ours(c.path) {
			return conflict(fmt.Sprintf("The branch %s is checked out in %s.", pub.s.Branch, cmp.Or(c.path, c.dir)),
				"Check out another branch there, then try again.", nil)
		}
	}
	return nil
}

// ours reports whether a worktree's path is that of the session, or was while it was made.
func (pub *publishing) ours(path string) bool {
	return path == pub.rec.Worktree || sameFile(path, pub.rec.Worktree) ||
		filepath.Base(filepath.Dir(path)) == ".making-"+string(pub.s.ID) || !exists(path) && filepath.Base(path) == filepath.Base(pub.rec.Worktree)
}

// removeTree is os.RemoveAll for folders that nobody may write in, such as those of Go's module cache.
func removeTree(path string) error {
	err := os.RemoveAll(path)
	if !errors.Is(err, fs.ErrPermission) {
		return err
	}
	_ = filepath.WalkDir(path, func(dir string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			_ = os.Chmod(dir, 0o700) // before what lies in it is read
		}
		return nil
	})
	return os.RemoveAll(path)
}

// removeAll removes a worktree's folder, and its parent where that is empty now.
func removeAll(path string) error {
	if err := removeTree(path); err != nil {
		return err
	}
	_ = os.Remove(filepath.Dir(path))
	return nil
}
