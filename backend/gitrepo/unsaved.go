package gitrepo

import (
	"context"
	"fmt"
	"io"
	"strings"

	"background-agents/backend/session"
)

// maxUnsaved bounds each part of the list; a last line then counts the rest.
const maxUnsaved = 50

// Unsaved lists what would be lost if the session were deleted: commits that no other branch, remote or tag has, what the
// agent left uncommitted, and what the user changed in the worktree.
func (r *Repos) Unsaved(ctx context.Context, p session.Project, s session.Session) ([]string, error) {
	q, u, err := r.quarantine(ctx, p, s)
	if err != nil {
		return nil, err
	}
	list := []string{}
	commits, err := r.unsavedCommits(ctx, u, q, s)
	if err != nil {
		return nil, explain(err)
	}
	list = append(list, atMost(commits, "commits")...)
	if s.Result.Files != "" && s.Result.Files != s.Result.Commit {
		changes, err := r.rawDiff(ctx, inside(q), s.Result.Commit, s.Result.Files, false)
		if err != nil {
			return nil, explain(err)
		}
		var lines []string
		for _, c := range changes {
			lines = append(lines, "uncommitted: "+validPath(c.path))
		}
		list = append(list, atMost(lines, "uncommitted files")...)
	}
	edits, err := r.unsavedEdits(ctx, p, s)
	return append(list, edits...), err
}

// unsavedEdits are the user's changes in the worktree, and ignored files there; ignored folders are taken to be built.
func (r *Repos) unsavedEdits(ctx context.Context, p session.Project, s session.Session) ([]string, error) {
	list := []string{}
	err := r.withEdits(ctx, p, s, func(ctx context.Context, e edited) error {
		changes, err := e.changes(ctx, r)
		if err != nil {
			return err
		}
		var lines []string
		for _, c := range changes {
			lines = append(lines, "changed by you: "+validPath(c.path))
		}
		list = append(list, atMost(lines, "changed files")...)
		if e.state == "" {
			return nil
		}
		t, err := r.openTree(ctx, e.u, e.q, e.rec.Worktree, indexOf(r, s))
		if err != nil {
			return err
		}
		out, err := r.output(ctx, t.at, nil, "ls-files", "--others", "--ignored", "--exclude-standard", "--directory", "-z")
		if err != nil {
			return fmt.Errorf("look for ignored files: %w", err)
		}
		lines = nil
		for _, path := range splitZ(out) {
			if !strings.HasSuffix(path, "/") {
				lines = append(lines, "ignored file: "+validPath(path))
			}
		}
		list = append(list, atMost(lines, "ignored files")...)
		return nil
	})
	return list, explain(err)
}

// unsavedCommits are those of the result and of the branch that nothing else in the repository reaches.
func (r *Repos) unsavedCommits(ctx context.Context, u repo, q string, s session.Session) ([]string, error) {
	out, err := r.output(ctx, u.place(), nil, "for-each-ref", "--format=%(objectname) %(refname)", "refs/heads", "refs/remotes", "refs/tags")
	if err != nil {
		return nil, fmt.Errorf("list branches: %w", err)
	}
	var want, not []string
	if s.Result.Commit != "" {
		want = append(want, s.Result.Commit)
	}
	rec, err := r.loadRecord(s)
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(out)) {
		id, ref, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch {
		case ref != "refs/heads/"+s.Branch:
			not = append(not, "^"+id)
		case rec.Branch == s.Branch: // else it is not ours, and stays
			want = append(want, id)
		}
	}
	// What was pushed is at the remote, and what was squashed into a branch is in it under another name.
	if s.Pushed != nil && fullID.MatchString(s.Pushed.Commit) {
		not = append(not, "^"+s.Pushed.Commit)
	}
	if s.Merged != nil && fullID.MatchString(s.Merged.Commit) {
		not = append(not, "^"+s.Merged.Commit)
	}
	if fullID.MatchString(s.BaseCommit) {
		not = append(not, "^"+s.BaseCommit)
	}
	if len(want) == 0 {
		return nil, nil
	}
	// In the quarantine all of them are there, the user's being borrowed.
	var lines []string
	err = r.run(ctx, inside(q), ids(append(want, not...)), func(out io.Reader) error {
		return eachLine(out, func(line string) error {
			lines = append(lines, "commit "+strings.ToValidUTF8(line, "�"))
			return nil
		})
	}, "log", "--no-ext-diff", "--no-textconv", "--no-show-signature", "--ignore-missing", "--max-count=10000", "--format=%h %<(200,trunc)%s", "--stdin")
	if err != nil {
		return nil, fmt.Errorf("list commits: %w", err)
	}
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return lines, nil
}

func atMost(lines []string, what string) []string {
	if len(lines) <= maxUnsaved {
		return lines
	}
	rest := len(lines) - maxUnsaved
	return append(lines[:maxUnsaved:maxUnsaved], fmt.Sprintf("and %d more %s", rest, what))
}
