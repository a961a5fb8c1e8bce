package gitrepo

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"strings"

	"background-agents/backend/session"
)

// Bounds of a rebase.
const (
	maxReplayed = 500
	maxConflict = 16 << 10 // bytes of what git says
)

// PlanRebase fetches the base from its remote, and says what a rebase onto it would do.
func (r *Repos) PlanRebase(ctx context.Context, p session.Project, s session.Session, progress func(string)) (session.RebasePlan, error) {
	out, err := r.outgoing(ctx, p, s)
	if err != nil {
		return session.RebasePlan{}, err
	}
	plan := session.RebasePlan{Onto: s.BaseRef}
	if plan.Commit, plan.Fetched, err = r.fetchBase(ctx, p, out.u, s, progress); err != nil {
		return plan, err
	}
	count := func(args ...string) (int, error) {
		text, err := r.line(ctx, inside(out.q), append([]string{"rev-list", "--count", "--max-count=10000"}, args...)...)
		n, _ := strconv.Atoi(text)
		return n, err
	}
	if plan.Behind, err = count(plan.Commit, "^"+s.Result.Commit); err != nil {
		return plan, explain(err)
	}
	if plan.Commits, err = count("--no-merges", s.Result.Commit, "^"+plan.Commit, "^"+s.BaseCommit); err != nil || plan.Behind == 0 {
		return plan, explain(err)
	}
	plan.Command = fmt.Sprintf("git rebase --onto %s %s %s", plan.Commit, s.BaseCommit, commandLine([]string{s.Branch}))
	_, plan.Conflict, err = out.replay(ctx, plan.Commit)
	return plan, explain(err)
}

// Rebase makes the session's commits and files again above onto.
func (r *Repos) Rebase(ctx context.Context, p session.Project, s session.Session, onto string) (session.Verified, *session.RebaseConflict, error) {
	if err := checkCommits(onto); err != nil {
		return session.Verified{}, nil, err
	}
	ctx, unlock, err := r.lock(ctx, p.ID, string(s.ID))
	if err != nil {
		return session.Verified{}, nil, err
	}
	defer unlock()
	out, err := r.outgoing(ctx, p, s)
	if err != nil {
		return session.Verified{}, nil, err
	}
	if r.quiet(ctx, out.u.place(), nil, "cat-file", "-e", onto+"^{commit}") != nil {
		return session.Verified{}, nil, fail(session.CodeBaseMissing, fmt.Sprintf("The commit %.12s is not in the repository.", onto), "Look at the base again.", nil)
	}
	v, stop, err := out.replay(ctx, onto)
	if err != nil {
		return v, nil, explain(err)
	}
	if stop != nil {
		return v, stop, r.updateRefs(ctx, p, out.q, []string{"update " + sessionRefs(s) + "base/" + onto + " " + onto})
	}
	v, err = out.keep(ctx, v, onto)
	return v, nil, err
}

// keep keeps a result that was made here, beside the one that it takes the place of, which turns still refer to.
func (out *outgoing) keep(ctx context.Context, v session.Verified, base string) (session.Verified, error) {
	refs, was := sessionRefs(out.s), out.s.Result
	turn := refs + "turn/" + strconv.Itoa(v.Turn)
	lines := []string{"update " + turn + "/commit " + v.Commit, "update " + turn + "/files " + v.Files, "update " + refs + "kept/" + was.Commit + " " + was.Commit}
	if was.Files != was.Commit {
		lines = append(lines, "update "+refs+"kept/"+was.Files+" "+was.Files)
	}
	if err := out.r.updateRefs(ctx, out.p, out.q, lines); err != nil {
		return v, err
	}
	var err error
	v.Risky, err = out.r.riskyBetween(ctx, inside(out.q), base, v.Files)
	return v, err
}

// replay applies the session's commits, merges left out, and what is uncommitted, above onto. It is the same each time:
// authors, dates and messages stay.
func (out *outgoing) replay(ctx context.Context, onto string) (session.Verified, *session.RebaseConflict, error) {
	v := session.Verified{Turn: out.s.Result.Turn}
	at := inside(out.q)
	list, err := out.r.output(ctx, at, nil, "rev-list", "--reverse", "--topo-order", "--no-merges", fmt.Sprintf("--max-count=%d", maxReplayed+1),
		out.s.Result.Commit, "^"+onto, "^"+out.s.BaseCommit)
	if err != nil {
		return v, nil, fmt.Errorf("list commits: %w", err)
	}
	commits := strings.Fields(string(list))
	if len(commits) > maxReplayed {
		return v, nil, invalid(fmt.Sprintf("The session has more than %d commits.", maxReplayed))
	}
	v.Commit = onto
	for _, c := range commits {
		next, stop, err := out.apply(ctx, at, c, v.Commit)
		if err != nil || stop != nil {
			return v, stop, err
		}
		v.Commit = next
	}
	v.Files = v.Commit
	if was := out.s.Result; was.Files != was.Commit {
		tree, stop, err := out.pick(ctx, at, was.Commit, v.Commit, was.Files)
		if err != nil || stop != nil {
			return v, stop, err
		}
		v.Files, err = out.again(ctx, at, was.Files, tree, v.Commit)
		return v, nil, err
	}
	return v, nil, nil
}

// apply makes one commit again above another.
func (out *outgoing) apply(ctx context.Context, at place, commit, above string) (string, *session.RebaseConflict, error) {
	parent, err := out.r.line(ctx, at, "rev-parse", "--verify", "--quiet", commit+"^1")
	if err != nil || parent == above {
		return commit, nil, err
	}
	tree, stop, err := out.pick(ctx, at, parent, above, commit)
	if stop != nil {
		stop.Subject, err = out.r.line(ctx, at, "log", "--no-ext-diff", "--no-textconv", "--no-show-signature", "--max-count=1", "--format=%<(200,trunc)%s", commit)
		stop.Subject = strings.ToValidUTF8(strings.TrimRight(stop.Subject, " "), "�")
	}
	if err != nil || stop != nil {
		return "", stop, err
	}
	had, err := out.r.line(ctx, at, "rev-parse", "--verify", "--quiet", above+"^{tree}")
	if err != nil || had == tree { // the base has the change already
		return above, nil, err
	}
	made, err := out.again(ctx, at, commit, tree, above)
	return made, nil, err
}

// again makes a commit again with another tree and parent.
func (out *outgoing) again(ctx context.Context, at place, commit, tree, parent string) (string, error) {
	raw, err := out.r.output(ctx, at, nil, "cat-file", "commit", commit)
	if err != nil {
		return "", err
	}
	made, err := out.r.output(ctx, at, bytes.NewReader(withParent(raw, tree, parent)), "hash-object", "-t", "commit", "-w", "--literally", "--stdin")
	return strings.TrimSpace(string(made)), err
}

// withParent is a commit object with another tree and parent, and without signatures, which would not hold for it.
func withParent(raw []byte, tree, parent string) []byte {
	head, message, _ := bytes.Cut(raw, []byte("\n\n"))
	var b bytes.Buffer
	fmt.Fprintf(&b, "tree %s\nparent %s\n", tree, parent)
	for line := range bytes.Lines(append(head, '\n')) {
		if name, _, _ := bytes.Cut(line, []byte(" ")); string(name) == "author" || string(name) == "committer" || string(name) == "encoding" {
			b.Write(line)
		}
	}
	b.WriteByte('\n')
	b.Write(message)
	return b.Bytes()
}

// pick applies the difference from..to to the files of onto, and returns the tree, or where that conflicts.
func (out *outgoing) pick(ctx context.Context, at place, from, onto, to string) (string, *session.RebaseConflict, error) {
	// merge-tree takes its base from history, so it is given one.
	var sides [3]string
	var parents []string
	for i, side := range []string{from, onto, to} {
		var err error
		if sides[i], err = out.r.commitTree(ctx, at, side+"^{tree}", parents, appName, appEmail, "side"); err != nil {
			return "", nil, fmt.Errorf("rebase: %w", err)
		}
		parents = sides[:1]
	}
	tree, paths, err := out.r.mergeTrees(ctx, at, sides[1], sides[2])
	if err != nil || len(paths) == 0 {
		return tree, nil, err
	}
	text, err := out.r.output(ctx, at, nil, "merge-tree", "--write-tree", "--name-only", "--messages", sides[1], sides[2])
	if err != nil && !exited(err, 1) {
		return "", nil, err
	}
	_, said, _ := strings.Cut(string(text), "\n\n")
	said = strings.ToValidUTF8(strings.NewReplacer(sides[1], "base", sides[2], "session").Replace(said[:min(len(said), maxConflict)]), "�")
	return "", &session.RebaseConflict{Paths: paths, Text: said}, nil
}
