package gitrepo

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"background-agents/backend/session"
)

// maxHave bounds the commits that a receiver is told to have; more are ignored.
const maxHave = 500

// Bundle writes the history of commit as a git bundle with the one ref refs/heads/base, without what the commits in
// have reach. Where that leaves nothing, it writes nothing.
func (r *Repos) Bundle(ctx context.Context, p session.Project, commit string, have []string, w io.Writer) error {
	if err := checkCommits(commit); err != nil {
		return err
	}
	u, err := r.open(p)
	if err != nil {
		return err
	}
	if u.shallow() {
		return errShallow(u)
	}
	// The ref is made in a repository of our own: the user's stays as it is.
	dir, remove, err := r.scratch(p.ID, unowned, u.format, u.objectDirs(), map[string]string{"refs/heads/base": commit})
	if err != nil {
		return err
	}
	defer remove()
	err = r.writeBundle(ctx, place{dir: dir}, map[string]string{"refs/heads/base": commit}, have, w)
	if err == nil || ctx.Err() != nil {
		return explain(err)
	}
	if r.partial(ctx, u) {
		return errPartial(u, err)
	}
	return explain(err)
}

// BundleResult writes a bundle of a verified result with the refs refs/result/commit and refs/result/files.
func (r *Repos) BundleResult(ctx context.Context, p session.Project, s session.Session, v session.Verified, have []string, w io.Writer) error {
	q, u, err := r.quarantine(ctx, p, s)
	if err != nil {
		return err
	}
	if err := r.checkHeld(ctx, q, s, v); err != nil {
		return err
	}
	return explain(r.bundleRefs(ctx, p, u, q, map[string]string{"refs/result/commit": v.Commit, "refs/result/files": v.Files}, have, w))
}

// bundleRefs writes a bundle of commits of the quarantine under the given names.
func (r *Repos) bundleRefs(ctx context.Context, p session.Project, u repo, q string, refs map[string]string, have []string, w io.Writer) error {
	dir, remove, err := r.scratch(p.ID, unowned, u.format, r.objectDirs(u, q), refs)
	if err != nil {
		return err
	}
	defer remove()
	return r.writeBundle(ctx, place{dir: dir}, refs, have, w)
}

func (r *Repos) writeBundle(ctx context.Context, at place, refs map[string]string, have []string, w io.Writer) error {
	commits := slices.Collect(maps.Values(refs))
	for _, commit := range commits {
		if r.quiet(ctx, at, nil, "cat-file", "-e", commit+"^{commit}") != nil && ctx.Err() == nil {
			return fail(session.CodeBaseMissing, fmt.Sprintf("The commit %.12s is not in the repository any more.", commit),
				"Choose another base.", nil)
		}
	}
	have, err := r.commitsOf(ctx, at, have)
	if err != nil {
		return err
	}
	not := append([]string{"--not"}, have...)
	first, err := r.line(ctx, at, slices.Concat([]string{"rev-list", "--max-count=1"}, commits, not)...)
	if err != nil {
		return fmt.Errorf("list history: %w", err)
	}
	if first == "" {
		return nil
	}
	names := slices.Sorted(maps.Keys(refs))
	err = r.run(ctx, at, nil, func(out io.Reader) error {
		_, err := io.Copy(w, out)
		return err
	}, slices.Concat([]string{"bundle", "create", "-q", "-"}, names, not)...)
	if err != nil {
		return fmt.Errorf("write bundle: %w", err)
	}
	return nil
}

// commitsOf returns those of the ids that are commits which the repository holds.
func (r *Repos) commitsOf(ctx context.Context, at place, ids []string) ([]string, error) {
	ids = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return !fullID.MatchString(id) })
	ids = ids[:min(len(ids), maxHave)]
	if len(ids) == 0 {
		return nil, nil
	}
	out, err := r.output(ctx, at, strings.NewReader(strings.Join(ids, "\n")+"\n"), "cat-file", "--batch-check=%(objectname) %(objecttype)")
	if err != nil {
		return nil, fmt.Errorf("look up commits: %w", err)
	}
	var commits []string
	for line := range strings.Lines(string(out)) {
		if id, kind, _ := strings.Cut(strings.TrimSpace(line), " "); kind == "commit" {
			commits = append(commits, id)
		}
	}
	return commits, nil
}
