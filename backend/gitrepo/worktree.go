package gitrepo

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"background-agents/backend/session"
)

// claimWorktree chooses a path for a session's worktree and makes it an empty folder, so that nobody else takes it.
func (r *Repos) claimWorktree(p session.Project, s session.Session) (string, error) {
	branch := s.Branch
	if _, rest, ok := strings.Cut(branch, "/"); ok {
		branch = rest
	}
	dir := filepath.Join(r.worktreeRoot(), folderName(p.Name, "project"))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fail(session.CodeWorktreeTaken, fmt.Sprintf("The folder for worktrees, %s, cannot be made.", dir),
			"Choose another folder for worktrees in the settings.", err)
	}
	base := filepath.Join(dir, folderName(branch, "session")+"-"+string(s.ID))
	path := base
	for n := 2; n <= 20; n++ {
		err := os.Mkdir(path, 0o755)
		if err == nil {
			return path, nil
		}
		if entries, readErr := os.ReadDir(path); readErr == nil && len(entries) == 0 {
			return path, nil // claimed before a crash
		}
		if !os.IsExist(err) {
			return "", explain(err)
		}
		path = fmt.Sprintf("%s-%d", base, n)
	}
	return "", fail(session.CodeWorktreeTaken, fmt.Sprintf("The worktree cannot be made: %s is taken.", base), "Move what is there, then try again.", nil)
}

// folderName makes a short name of any text that every file system takes.
func folderName(text, otherwise string) string {
	name := strings.Map(func(c rune) rune {
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '.', c == '_', c > 127:
			return c
		}
		return '-'
	}, strings.ToValidUTF8(text, "-"))
	for strings.Contains(name, "--") {
		name = strings.ReplaceAll(name, "--", "-")
	}
	if name = strings.Trim(name, "-."); len(name) > 40 {
		name = strings.Trim(strings.ToValidUTF8(name[:40], ""), "-.")
	}
	if name == "" {
		return otherwise
	}
	return name
}

// admin is the worktree's folder in the repository.
func (rec record) admin(u repo) string { return filepath.Join(u.common, "worktrees", rec.Admin) }

// linked reports whether repository and worktree know each other.
func (rec record) linked(u repo) bool {
	if rec.Admin == "" || rec.Worktree == "" {
		return false
	}
	to, err := readPointer(filepath.Join(rec.Worktree, ".git"), "gitdir: ")
	if err != nil || !sameFile(to, rec.admin(u)) || !exists(filepath.Join(to, "HEAD")) || !exists(filepath.Join(to, "commondir")) {
		return false
	}
	back, err := readPointer(filepath.Join(to, "gitdir"), "")
	return err == nil && sameFile(filepath.Dir(back), rec.Worktree)
}

// follow finds a worktree again that the user moved with `git worktree move`.
func (rec *record) follow(u repo) {
	if rec.Admin == "" || exists(rec.Worktree) {
		return
	}
	if back, err := readPointer(filepath.Join(rec.admin(u), "gitdir"), ""); err == nil && exists(back) {
		rec.Worktree = filepath.Dir(back)
	}
}

func sameFile(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	return errX == nil && errY == nil && os.SameFile(x, y)
}

// link makes the folder rec.Worktree, which may hold files already, a worktree of the repository on the session's
// branch. It touches no file in it but .git.
func (r *Repos) link(ctx context.Context, p session.Project, s session.Session, u repo, rec *record) error {
	ctx, unlock, err := r.lock(ctx, p.ID, projectLock)
	if err != nil {
		return err
	}
	defer unlock()
	if err := os.MkdirAll(rec.Worktree, 0o755); err != nil {
		return explain(err)
	}
	// git makes worktrees only in empty folders: so it is made beside, and moved as `git worktree move` would.
	beside := filepath.Join(filepath.Dir(rec.Worktree), ".making-"+string(s.ID))
	made := filepath.Join(beside, filepath.Base(rec.Worktree))
	if err := os.RemoveAll(beside); err != nil {
		return explain(err)
	}
	if err := os.MkdirAll(beside, 0o755); err != nil {
		return explain(err)
	}
	defer func() { _ = os.RemoveAll(beside) }()
	r.unlink(u, *rec)
	if err := r.quiet(ctx, u.place(), nil, "worktree", "add", "--quiet", "--no-checkout", made, s.Branch); err != nil {
		if stderrHas(err, "already checked out") || stderrHas(err, "already used by worktree") {
			return conflict(fmt.Sprintf("The branch %s is checked out in another worktree.", s.Branch), "Check out another branch there, then try again.", err)
		}
		return explain(fmt.Errorf("make worktree: %w", err))
	}
	admin, err := readPointer(filepath.Join(made, ".git"), "gitdir: ")
	if err != nil || !sameFile(filepath.Dir(admin), filepath.Join(u.common, "worktrees")) {
		return fmt.Errorf("make worktree: it points to %q (%w)", admin, err)
	}
	rec.Admin = filepath.Base(admin)
	if err := writeFile(filepath.Join(admin, "gitdir"), []byte(filepath.ToSlash(filepath.Join(rec.Worktree, ".git"))+"\n")); err != nil {
		return explain(err)
	}
	_ = os.Remove(filepath.Join(rec.Worktree, ".git")) // of a repository folder that is gone
	if err := os.Rename(filepath.Join(made, ".git"), filepath.Join(rec.Worktree, ".git")); err != nil {
		return explain(err)
	}
	return r.saveRecord(s, *rec)
}

// unlink removes our entry, and leftovers of making it, from the repository's worktrees; entries of others stay. Ours are
// known by their name, which holds the session's id, and by where they point.
func (r *Repos) unlink(u repo, rec record) {
	base := filepath.Base(rec.Worktree)
	entries, _ := os.ReadDir(filepath.Join(u.common, "worktrees"))
	for _, e := range entries {
		tail, named := strings.CutPrefix(e.Name(), base)
		if e.Name() != rec.Admin && (!named || strings.Trim(tail, "0123456789") != "") {
			continue
		}
		admin := filepath.Join(u.common, "worktrees", e.Name())
		if back, err := readPointer(filepath.Join(admin, "gitdir"), ""); err == nil {
			if dir := filepath.Dir(back); dir != rec.Worktree && !sameFile(dir, rec.Worktree) &&
				!strings.HasPrefix(filepath.Base(filepath.Dir(dir)), ".making-") {
				continue
			}
		}
		_ = os.RemoveAll(admin)
	}
	_ = os.Remove(filepath.Join(u.common, "worktrees")) // where it is empty, as git does
}
