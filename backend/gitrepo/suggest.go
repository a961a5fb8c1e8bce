package gitrepo

import (
	"cmp"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"background-agents/backend/session"
)

// Bounds of a search for repositories.
const (
	suggestDepth   = 4
	suggestFolders = 20_000
)

// Suggest lists repositories below dir, most recently used first, at most limit. It starts no process; only Path,
// Name, Branch and Bare are filled in. A folder that is not there has none.
func (r *Repos) Suggest(ctx context.Context, dir string, limit int) ([]session.Repository, error) {
	ctx, cancel := context.WithTimeout(ctx, suggestTime)
	defer cancel()
	type candidate struct {
		session.Repository
		used time.Time
	}
	var found []candidate
	type folder struct {
		path  string
		depth int
	}
	queue := []folder{{dir, 0}}
	for seen := 0; len(queue) > 0 && seen < suggestFolders && ctx.Err() == nil; seen++ {
		at := queue[0]
		queue = queue[1:]
		if info, err := os.Lstat(filepath.Join(at.path, ".git")); err == nil && !info.IsDir() {
			continue // a worktree or a submodule of another
		}
		if u, err := openRepo(at.path); err == nil {
			found = append(found, candidate{session.Repository{
				Path: at.path, Name: nameOf(u), Branch: headBranch(u), Bare: u.bare, Submodules: []string{},
			}, lastUsed(u)})
			continue
		}
		if at.depth == suggestDepth {
			continue
		}
		entries, _ := os.ReadDir(at.path)
		for _, e := range entries {
			if e.IsDir() && !strings.HasPrefix(e.Name(), ".") && e.Name() != "node_modules" {
				queue = append(queue, folder{filepath.Join(at.path, e.Name()), at.depth + 1})
			}
		}
	}
	slices.SortStableFunc(found, func(a, b candidate) int {
		return cmp.Or(b.used.Compare(a.used), cmp.Compare(a.Path, b.Path))
	})
	list := []session.Repository{}
	for _, c := range found[:min(max(limit, 0), len(found))] {
		list = append(list, c.Repository)
	}
	return list, nil
}

func headBranch(u repo) string {
	b, _ := os.ReadFile(filepath.Join(u.dir, "HEAD"))
	name, ok := strings.CutPrefix(strings.TrimSpace(string(b)), "ref: refs/heads/")
	if !ok || name == ".invalid" { // what stands there in a repository with reftables
		return ""
	}
	return name
}

func lastUsed(u repo) (last time.Time) {
	for _, name := range []string{"HEAD", "index", "FETCH_HEAD", "logs/HEAD"} {
		if info, err := os.Stat(filepath.Join(u.dir, filepath.FromSlash(name))); err == nil && info.ModTime().After(last) {
			last = info.ModTime()
		}
	}
	return last
}
