package gitrepo

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"background-agents/backend/session"
)

// Modes of tree entries.
const (
	modeTree      = "40000"
	modeLink      = "120000"
	modeSubmodule = "160000"
)

// change is one changed file, with what a FileChange has no room for. Paths are as they are in git.
type change struct {
	path, old        string
	status           string
	oldMode, newMode string
	oldID, newID     string // all zeros if there is none
	added, removed   int
	binary           bool
	risk             string
	isPackage        bool // a package.json, by one of its names
}

var statusNames = map[byte]string{'A': "added", 'M': "modified", 'D': "deleted", 'R': "renamed", 'C': "copied", 'T': "type_changed"}

// Diff lists the changed files between two commits of the quarantine: "" as From is the session's base, as To its
// last result.
func (r *Repos) Diff(ctx context.Context, p session.Project, s session.Session, rg session.Range) ([]session.FileChange, error) {
	at, from, to, err := r.compared(ctx, p, s, rg)
	if err != nil {
		return nil, err
	}
	changes, err := r.fullDiff(ctx, at, from, to)
	return fileChanges(changes), explain(err)
}

// compared says where and what to compare.
func (r *Repos) compared(ctx context.Context, p session.Project, s session.Session, rg session.Range) (at place, from, to string, err error) {
	from, to = rg.From, rg.To
	if from == "" {
		from = s.BaseCommit
	}
	if to == "" {
		if to = s.Result.Files; to == "" {
			to = s.BaseCommit // no result yet: nothing has changed
		}
	}
	if err := checkCommits(from, to); err != nil {
		return at, "", "", err
	}
	q, _, err := r.quarantine(ctx, p, s)
	return inside(q), from, to, err
}

// fullDiff finds renames, counts lines and classifies.
func (r *Repos) fullDiff(ctx context.Context, at place, from, to string) ([]change, error) {
	changes, err := r.diffTree(ctx, at, from, to, "--find-renames", "--numstat")
	if err != nil {
		return nil, err
	}
	return changes, r.classify(ctx, at, from, changes)
}

// rawDiff compares trees without looking into files, but for renames.
func (r *Repos) rawDiff(ctx context.Context, at place, from, to string, renames bool, paths ...string) ([]change, error) {
	flag := "--no-renames"
	if renames {
		flag = "--find-renames"
	}
	return r.diffTree(ctx, at, from, to, flag, paths...)
}

func (r *Repos) diffTree(ctx context.Context, at place, from, to, renames string, more ...string) ([]change, error) {
	args := []string{"diff-tree", "-r", "-z", "--raw", "--no-abbrev", "--ignore-submodules=none", renames}
	var paths []string
	for _, m := range more {
		if m == "--numstat" {
			args = append(args, m)
		} else {
			paths = append(paths, m)
		}
	}
	args = append(append(append(args, from, to), "--"), paths...)
	out, err := r.output(ctx, at, nil, args...)
	if err != nil {
		if stderrHas(err, "bad object") || stderrHas(err, "unable to read tree") {
			return nil, fail(session.CodeNotFound, "The commits to compare are not kept any more.", "Compare others.", err)
		}
		return nil, fmt.Errorf("compare: %w", err)
	}
	return parseChanges(splitZ(out))
}

// parseChanges reads what --raw -z says, and --numstat -z after it.
func parseChanges(fields []string) ([]change, error) {
	var changes []change
	next := func() (string, bool) {
		if len(fields) == 0 {
			return "", false
		}
		f := fields[0]
		fields = fields[1:]
		return f, true
	}
	for len(fields) > 0 && strings.HasPrefix(fields[0], ":") {
		head, _ := next()
		f := strings.Fields(head[1:])
		path, ok := next()
		if len(f) != 5 || !ok {
			return nil, fmt.Errorf("compare: unexpected output %q", head)
		}
		c := change{path: path, oldMode: f[0], newMode: f[1], oldID: f[2], newID: f[3], status: statusNames[f[4][0]]}
		if f[4][0] == 'R' || f[4][0] == 'C' {
			c.old = c.path
			if c.path, ok = next(); !ok {
				return nil, fmt.Errorf("compare: unexpected output %q", head)
			}
		}
		changes = append(changes, c)
	}
	for i := 0; len(fields) > 0 && i < len(changes); i++ {
		head, _ := next()
		f := strings.SplitN(head, "\t", 3)
		if len(f) != 3 {
			return nil, fmt.Errorf("compare: unexpected output %q", head)
		}
		if f[2] == "" { // a rename: both names follow
			next()
			next()
		}
		c := &changes[i]
		c.binary = f[0] == "-"
		c.added, _ = strconv.Atoi(f[0])
		c.removed, _ = strconv.Atoi(f[1])
	}
	return changes, nil
}

func fileChanges(changes []change) []session.FileChange {
	list := make([]session.FileChange, 0, len(changes))
	for _, c := range changes {
		list = append(list, session.FileChange{Path: validPath(c.path), Old: validPath(c.old), Status: c.status,
			Added: c.added, Removed: c.removed, Binary: c.binary, Risk: c.risk})
	}
	return list
}
