package gitrepo

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"

	"background-agents/backend/session"
)

// maxTreePaths bounds the paths of a tree. Of a larger one the rest is left out: what describes a project stands at its
// top.
const maxTreePaths = 200_000

// ReadFiles implements session.Git. One process of git answers all reads, from objects alone.
func (r *Repos) ReadFiles(ctx context.Context, p session.Project, commit string, f func(session.FileTree) error) error {
	if err := checkCommits(commit); err != nil {
		return err
	}
	u, err := r.open(p)
	if err != nil {
		return err
	}
	tree := &objectTree{ids: map[string]string{}}
	err = r.eachEntry(ctx, u.place(), commit, func(mode, id, path string) {
		if mode == modeSubmodule || mode == modeLink || len(tree.paths) == maxTreePaths {
			return
		}
		tree.paths = append(tree.paths, path)
		tree.ids[path] = id
	})
	if err != nil {
		return explain(fmt.Errorf("list files: %w", err))
	}
	in, ask := io.Pipe()
	tree.ask = ask
	err = r.run(ctx, u.place(), in, func(out io.Reader) error {
		defer ask.Close()
		tree.answers = bufio.NewReader(out)
		return f(tree)
	}, "cat-file", "--batch")
	return explain(err)
}

// objectTree is a commit's files, read from git's objects.
type objectTree struct {
	paths   []string
	ids     map[string]string
	ask     io.Writer
	answers *bufio.Reader
}

// Paths implements session.FileTree.
func (t *objectTree) Paths() []string { return t.paths }

// Read implements session.FileTree.
func (t *objectTree) Read(path string) ([]byte, error) {
	id, ok := t.ids[path]
	if !ok {
		return nil, fmt.Errorf("the commit has no file %q", path)
	}
	if _, err := io.WriteString(t.ask, id+"\n"); err != nil {
		return nil, err
	}
	head, err := t.answers.ReadString('\n')
	if err != nil {
		return nil, err
	}
	fields := strings.Fields(head) // id, type, size
	if len(fields) != 3 {
		return nil, fmt.Errorf("git has no %s: %s", path, strings.TrimSpace(head))
	}
	size, err := strconv.ParseInt(fields[2], 10, 64)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(t.answers, min(size, session.MaxTreeFile)))
	if err == nil {
		_, err = io.CopyN(io.Discard, t.answers, size+1-int64(len(body))) // what is over the bound, and the newline
	}
	return body, err
}
