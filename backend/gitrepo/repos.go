package gitrepo

import (
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"time"

	"background-agents/backend/session"
)

// Config says where things are kept. Zero Limits take the defaults.
type Config struct {
	DataDir     string        // quarantines and records lie below DataDir/projects
	WorktreeDir func() string // where worktrees go; nil or "" for DataDir/worktrees
	Limits      Limits
}

// Limits bound what a sandbox can bring into the quarantine with one result.
type Limits struct {
	Bundle  int64 // bytes of a bundle, 1 GiB
	Blob    int64 // bytes of one file, 256 MiB
	Total   int64 // bytes of all new objects, unpacked, 4 GiB
	Objects int   // new objects, 500,000
	Files   int   // changed files against the base, 100,000
	Path    int   // bytes of a path, 1,000
}

// Repos is session.Git for all projects of one data folder. Its methods can be called at the same time.
type Repos struct {
	config Config
	locks  locks

	mu       sync.Mutex
	reserved map[string]time.Time // branch names handed out by FreeBranch, for an hour
	links    map[string]links     // symbolic links of trees that were compared lately, by id; at most keptLinks
}

var _ session.Git = (*Repos)(nil)

// Open clears what a killed process left in the data folder, and waits for nothing.
func Open(c Config) *Repos {
	d := &c.Limits
	setDefault(&d.Bundle, 1<<30)
	setDefault(&d.Blob, 256<<20)
	setDefault(&d.Total, 4<<30)
	setDefault(&d.Objects, 500_000)
	setDefault(&d.Files, 100_000)
	setDefault(&d.Path, 1000)
	r := &Repos{config: c, reserved: map[string]time.Time{}, links: map[string]links{}}
	r.sweep()
	return r
}

func setDefault[T int | int64](v *T, d T) {
	if *v == 0 {
		*v = d
	}
}

func (r *Repos) projectDir(p session.ProjectID) string {
	return filepath.Join(r.config.DataDir, "projects", string(p))
}

func (r *Repos) quarantineDir(p session.ProjectID) string {
	return filepath.Join(r.projectDir(p), "quarantine.git")
}

// sessionDir holds a session's record, the index of what was published, and scratch files.
func (r *Repos) sessionDir(s session.Session) string {
	return filepath.Join(r.projectDir(s.Project), "git", string(s.ID))
}

func (r *Repos) worktreeRoot() string {
	if r.config.WorktreeDir != nil {
		if dir := r.config.WorktreeDir(); dir != "" {
			return dir
		}
	}
	return filepath.Join(r.config.DataDir, "worktrees")
}

var (
	safeID = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$`)
	fullID = regexp.MustCompile(`^([0-9a-f]{40}|[0-9a-f]{64})$`)
)

// checkIDs keeps ids that become parts of paths and refs from being anything else.
func checkIDs(p session.Project, s *session.Session) error {
	if !safeID.MatchString(string(p.ID)) {
		return invalid("The project's id is not valid.")
	}
	if s != nil && (!safeID.MatchString(string(s.ID)) || s.Project != p.ID) {
		return invalid("The session's id is not valid for this project.")
	}
	return nil
}

func checkCommits(ids ...string) error {
	for _, id := range ids {
		if !fullID.MatchString(id) {
			return invalid("A commit's id is not valid.")
		}
	}
	return nil
}

// sweep removes scratch folders and stale lock files of quarantines that no living process works on.
func (r *Repos) sweep() {
	dirs, _ := filepath.Glob(filepath.Join(r.config.DataDir, "projects", "*", "quarantine.git"))
	for _, q := range dirs {
		id := session.ProjectID(filepath.Base(filepath.Dir(q)))
		if unlock, ok := r.tryLock(id, projectLock); ok {
			removeStaleLocks(q)
			unlock()
		}
		scratch, _ := filepath.Glob(filepath.Join(filepath.Dir(q), "scratch", "*"))
		for _, dir := range scratch {
			// Scratch folders are named after the lock that their owner holds. One of nobody's may be in use for a while.
			if info, err := os.Stat(dir); err != nil || scratchOwner(dir) == unowned && time.Since(info.ModTime()) < time.Hour {
				continue
			}
			if unlock, ok := r.tryLock(id, scratchOwner(dir)); ok {
				_ = os.RemoveAll(dir)
				unlock()
			}
		}
	}
}

// removeStaleLocks is called with the quarantine's lock held: nobody else can own them.
func removeStaleLocks(q string) {
	for _, pattern := range []string{"*.lock", "gc.pid", "objects/pack/tmp_*", "objects/pack/.tmp-*", "objects/??/tmp_obj_*"} {
		names, _ := filepath.Glob(filepath.Join(q, filepath.FromSlash(pattern)))
		for _, n := range names {
			_ = os.Remove(n)
		}
	}
	_ = filepath.WalkDir(filepath.Join(q, "refs"), func(path string, _ os.DirEntry, err error) error {
		if err == nil && filepath.Ext(path) == ".lock" {
			_ = os.Remove(path)
		}
		return nil
	})
}
