package gitrepo

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"background-agents/backend/session"
)

// maxSubmodules bounds the submodules that Inspect names.
const maxSubmodules = 100

// Submodules lists the paths at which a commit has a submodule, in git's order. A repository that was added inside
// another one without .gitmodules counts too: its folder is as empty in a clone.
func (r *Repos) Submodules(ctx context.Context, p session.Project, commit string) ([]string, error) {
	if err := checkCommits(commit); err != nil {
		return nil, err
	}
	u, err := r.open(p)
	if err != nil {
		return nil, err
	}
	paths, err := r.submodules(ctx, u, commit)
	return paths, explain(err)
}

func (r *Repos) submodules(ctx context.Context, u repo, commit string) ([]string, error) {
	paths := []string{}
	err := r.eachEntry(ctx, u.place(), commit, func(mode, _, path string) {
		if mode == modeSubmodule {
			paths = append(paths, validPath(path))
		}
	})
	if err != nil {
		return nil, fmt.Errorf("list submodules: %w", err)
	}
	return paths, nil
}

// eachEntry calls f for every file, link and submodule of a commit.
func (r *Repos) eachEntry(ctx context.Context, at place, commit string, f func(mode, id, path string)) error {
	return r.run(ctx, at, nil, func(out io.Reader) error {
		for in := bufio.NewReader(out); ; {
			entry, err := in.ReadString(0)
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
			head, path, _ := strings.Cut(strings.TrimSuffix(entry, "\x00"), "\t")
			if fields := strings.Fields(head); len(fields) == 3 { // mode, type, id
				f(fields[0], fields[2], path)
			}
		}
	}, "ls-tree", "-r", "-z", "--full-tree", commit)
}
