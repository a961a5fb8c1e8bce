package gitrepo

import (
	"bufio"
	"context"
	"fmt"
	"io"
)

// checkChanges refuses a result with more changes than Limits.Files before git lists them: a few trees that hold one another stand for
// thousands of millions of files, each of which git keeps in memory. It goes down where the trees differ, and no further than that bound.
func (in *incoming) checkChanges(ctx context.Context) error {
	pr, pw := io.Pipe()
	err := in.r.run(ctx, in.at, pr, func(out io.Reader) error {
		defer func() { _ = pw.Close() }()
		w := &treeWalk{in: in, ask: pw, answers: bufio.NewReaderSize(out, 64<<10)}
		for _, to := range []string{in.c.Commit, in.c.Files} {
			if err := w.compare(treePair{in.s.BaseCommit + "^{tree}", to + "^{tree}", 0}); err != nil {
				return err
			}
		}
		return nil
	}, "cat-file", "--batch")
	if err != nil {
		return fmt.Errorf("count changes: %w", err)
	}
	return nil
}

// treePair is a folder in two states, "" for one in which it is not there.
type treePair struct {
	from, to string
	depth    int
}

// visitsPerFile bounds the folders that are looked into, of which each but an empty one holds a change.
const visitsPerFile = 10

// treeWalk compares trees, which one git process gives it.
type treeWalk struct {
	in      *incoming
	ask     io.Writer
	answers *bufio.Reader
}

func (w *treeWalk) compare(top treePair) error {
	limits := w.in.r.config.Limits
	changed, visits := 0, 0
	for pending := []treePair{top}; len(pending) > 0; visits++ {
		p := pending[len(pending)-1]
		pending = pending[:len(pending)-1]
		files, folders, err := w.differing(p)
		if err != nil {
			return err
		}
		changed += files
		pending = append(pending, folders...)
		switch {
		case changed+len(pending) > limits.Files, visits > visitsPerFile*limits.Files:
			return refused("it changes more than %d files", limits.Files)
		case 2*p.depth > limits.Path: // a name and a slash for each
			return refused("a path is longer than %d bytes", limits.Path)
		}
	}
	return nil
}

// differing returns how many files of a folder differ, and which of the folders in it.
func (w *treeWalk) differing(p treePair) (files int, folders []treePair, err error) {
	before := map[string]treeEntry{}
	err = w.entries(p.from, func(name string, e treeEntry) { before[name] = e })
	if err != nil {
		return 0, nil, err
	}
	differ := func(from, to treeEntry) {
		if from == to {
			return
		}
		if from.isFile() || to.isFile() {
			files++
		}
		if from.folder() != "" || to.folder() != "" {
			folders = append(folders, treePair{from.folder(), to.folder(), p.depth + 1})
		}
	}
	err = w.entries(p.to, func(name string, e treeEntry) {
		differ(before[name], e)
		delete(before, name)
	})
	for _, e := range before {
		differ(e, treeEntry{})
	}
	return files, folders, err
}

// treeEntry is what a tree has by a name.
type treeEntry struct{ mode, id string }

func (e treeEntry) isFile() bool { return e.mode != "" && e.mode != modeTree }

func (e treeEntry) folder() string {
	if e.mode == modeTree {
		return e.id
	}
	return ""
}

// entries reads a tree; that of the user's own may be as large as it is.
func (w *treeWalk) entries(tree string, f func(name string, e treeEntry)) error {
	if tree == "" {
		return nil
	}
	if _, err := io.WriteString(w.ask, tree+"\n"); err != nil {
		return err
	}
	limit := maxTree
	if !w.in.own[tree] {
		limit = maxOutput
	}
	body, err := readObject(w.answers, limit)
	if err != nil {
		return err
	}
	return eachTreeEntry(body, len(w.in.s.BaseCommit)/2, func(mode, name, id string) error {
		f(name, treeEntry{mode, id})
		return nil
	})
}
