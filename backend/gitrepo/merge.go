package gitrepo

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"background-agents/backend/session"
)

// merging is one merge of a session's verified commit into a branch of the user's. Content is merged in the quarantine,
// where no driver or filter is configured; the user's repository gets the finished commit.
type merging struct {
	*outgoing
	plan session.MergePlan
	tree string    // the merged files; "" where there are conflicts
	at   *checkout // where the branch is checked out, nil where it is not
}

// PlanMerge says what a merge of the session's verified commit into a branch of the user's would do.
func (r *Repos) PlanMerge(ctx context.Context, p session.Project, s session.Session,
	t session.MergeTarget) (session.MergePlan, error) {
	m, err := r.planMerge(ctx, p, s, t)
	if err != nil {
		return session.MergePlan{}, explain(err)
	}
	return m.plan, nil
}

func (r *Repos) planMerge(ctx context.Context, p session.Project, s session.Session,
	t session.MergeTarget) (*merging, error) {
	out, err := r.outgoing(ctx, p, s)
	if err != nil {
		return nil, err
	}
	m := &merging{outgoing: out}
	m.plan.Commit = s.Result.Commit
	if err := m.choose(ctx, t.Branch); err != nil {
		return nil, err
	}
	if err := m.merge(ctx, t.Squash); err != nil {
		return nil, err
	}
	out.from = m.plan.Tip
	if m.plan.Commits, err = out.commits(ctx); err != nil {
		return nil, err
	}
	if m.plan.Uncommitted, err = out.uncommitted(ctx); err != nil {
		return nil, err
	}
	m.plan.Risky = []string{}
	if m.tree != "" {
		if m.plan.Risky, err = r.riskyBetween(ctx, inside(out.q), m.plan.Tip, m.tree); err != nil {
			return nil, err
		}
	}
	m.plan.Message = m.message()
	if m.at, err = r.findCheckout(ctx, out.u, m.plan.Branch); err != nil {
		return nil, err
	}
	if m.at != nil {
		m.plan.CheckedOut = m.at.path
	}
	m.plan.Command = m.command()
	return m, nil
}

// choose finds the branch: what was asked for, else the session's base where that is a branch here.
func (m *merging) choose(ctx context.Context, asked string) error {
	refs, err := m.r.Refs(ctx, m.p, "")
	if err != nil {
		return err
	}
	m.plan.Branches, m.plan.More = []string{}, refs.More
	for _, b := range refs.Local {
		if b != m.s.Branch {
			m.plan.Branches = append(m.plan.Branches, b)
		}
	}
	_, short, _ := strings.Cut(m.s.BaseRef, "/")
	for _, name := range []string{asked, m.s.BaseRef, short, refs.Current} {
		if name == "" {
			continue
		}
		if name != m.s.Branch && m.r.isBranch(ctx, m.u, name) { // the list of branches has a bound
			m.plan.Branch = name
			if !slices.Contains(m.plan.Branches, name) {
				m.plan.Branches = append(m.plan.Branches, name)
			}
			m.plan.Tip, err = m.r.line(ctx, m.u.place(), "rev-parse", "--verify", "--quiet", "--end-of-options",
				"refs/heads/"+name+"^{commit}")
			return err
		}
		if name == asked {
			break
		}
	}
	if asked != "" {
		return fail(session.CodeNotFound, fmt.Sprintf("There is no branch %q to merge into.", asked),
			"Choose one of your own branches.", nil)
	}
	return fail(session.CodeNotFound, "There is no branch to merge into.", "Name one of your own branches.", nil)
}

// merge finds out what kind of merge it is, and what comes of it.
func (m *merging) merge(ctx context.Context, squash bool) error {
	at := inside(m.q)
	m.plan.Conflicts = []string{}
	ancestor := func(a, b string) (bool, error) {
		err := m.r.quiet(ctx, at, nil, "merge-base", "--is-ancestor", a, b)
		if exited(err, 1) {
			return false, nil
		}
		return err == nil, err
	}
	has, err := ancestor(m.plan.Commit, m.plan.Tip)
	if err != nil {
		return err
	}
	if has {
		m.plan.Kind, m.tree = "none", m.plan.Tip
		return nil
	}
	behind, err := ancestor(m.plan.Tip, m.plan.Commit)
	if err != nil {
		return err
	}
	m.plan.Kind = "merge"
	switch {
	case squash:
		m.plan.Kind = "squash"
	case behind:
		m.plan.Kind = "fast-forward"
	}
	if behind {
		m.tree = m.plan.Commit
		return nil
	}
	m.tree, m.plan.Conflicts, err = m.r.mergeTrees(ctx, at, m.plan.Tip, m.plan.Commit)
	return err
}

// mergeTrees merges two commits and returns the tree, or the paths where both changed the same.
func (r *Repos) mergeTrees(ctx context.Context, at place,
	ours, theirs string) (tree string, conflicts []string, err error) {
	out, err := r.output(ctx, at, nil, "merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", ours, theirs)
	fields := splitZ(out)
	if err != nil && !exited(err, 1) || len(fields) == 0 {
		return "", nil, fmt.Errorf("merge: %w", err)
	}
	if err == nil {
		return strings.TrimSpace(fields[0]), []string{}, nil
	}
	for _, path := range fields[1:] {
		conflicts = append(conflicts, validPath(path))
	}
	return "", conflicts, nil
}

func (m *merging) message() string {
	switch m.plan.Kind {
	case "merge":
		return fmt.Sprintf("Merge branch '%s'", m.s.Branch)
	case "squash":
		var b strings.Builder
		b.WriteString(m.s.Title + "\n")
		if len(m.plan.Commits) > 1 {
			b.WriteString("\n")
			for _, c := range slices.Backward(m.plan.Commits) {
				b.WriteString("- " + c.Subject + "\n")
			}
		}
		return b.String()
	}
	return ""
}

func (m *merging) command() string {
	commit, tip := m.plan.Commit, m.plan.Tip
	var lines []string
	switch {
	case m.plan.Kind == "none" || len(m.plan.Conflicts) > 0:
		return ""
	case m.plan.Kind != "fast-forward":
		parents := " -p " + tip
		if m.plan.Kind == "merge" {
			parents += " -p " + commit
		}
		lines = append(lines, "git merge-tree --write-tree "+tip+" "+commit, "git commit-tree TREE"+parents)
		commit = "COMMIT"
	}
	if m.at != nil {
		lines = append(lines, "git read-tree -m -u "+tip+" "+commit)
	}
	return strings.Join(append(lines,
		"git update-ref "+commandLine([]string{"refs/heads/" + m.plan.Branch})+" "+commit+" "+tip), "\n")
}

// Merge merges as its plan said, and returns where the branch is then.
func (r *Repos) Merge(ctx context.Context, p session.Project, s session.Session, yes session.Merge) (string, error) {
	ctx, unlock, err := r.lock(ctx, p.ID, string(s.ID))
	if err != nil {
		return "", err
	}
	defer unlock()
	m, err := r.planMerge(ctx, p, s, session.MergeTarget{Branch: yes.Branch, Squash: yes.Squash})
	if err != nil {
		return "", explain(err)
	}
	if m.plan.Tip != yes.Tip || m.plan.Commit != yes.Commit {
		return "", conflict(fmt.Sprintf("The branch %s was moved just now.", yes.Branch), "Try again.", nil)
	}
	if len(m.plan.Conflicts) > 0 {
		return "", conflict(fmt.Sprintf("The session's changes and %s touch the same lines: %s.", yes.Branch,
			strings.Join(m.plan.Conflicts[:min(5, len(m.plan.Conflicts))], ", ")),
			"Nothing was merged. Rebase the session on its base: the agent resolves the conflict.", nil)
	}
	if m.plan.Kind == "none" {
		return m.plan.Tip, nil
	}
	tip, err := m.commit(ctx, yes.Message)
	if err != nil {
		return "", explain(err)
	}
	if err := m.bring(ctx, tip); err != nil {
		return "", explain(err)
	}
	return tip, explain(m.move(ctx, tip))
}

// commit makes the commit that the branch is to be at.
func (m *merging) commit(ctx context.Context, message string) (string, error) {
	if m.plan.Kind == "fast-forward" {
		return m.plan.Commit, nil
	}
	name, email, err := m.r.Identity(ctx, m.p)
	if err != nil {
		return "", err
	}
	if message = strings.TrimSpace(message); message == "" {
		message = strings.TrimSpace(m.message())
	}
	parents := []string{m.plan.Tip}
	if m.plan.Kind == "merge" {
		parents = append(parents, m.plan.Commit)
	}
	tree, err := m.r.line(ctx, inside(m.q), "rev-parse", "--verify", "--quiet", m.tree+"^{tree}")
	if err != nil {
		return "", err
	}
	return m.r.commitTree(ctx, inside(m.q), tree, parents, name, email, message)
}

// move moves the branch, and before that the files where it is checked out, which must be without changes.
func (m *merging) move(ctx context.Context, tip string) error {
	if m.at != nil {
		if err := m.at.checkFilters(ctx, m.plan.Tip, tip, m.s.Branch); err != nil {
			return err
		}
		if err := m.at.checkClean(ctx); err != nil {
			return err
		}
		if err := m.at.change(ctx, m.plan.Tip, tip); err != nil {
			return err
		}
	}
	err := m.r.quiet(ctx, m.u.place(), nil, "update-ref", "-m", "background-agents: "+m.plan.Kind+" of "+m.s.Branch,
		"refs/heads/"+m.plan.Branch, tip, m.plan.Tip)
	if err == nil {
		return nil
	}
	if m.at != nil {
		if back := m.at.change(context.WithoutCancel(ctx), tip, m.plan.Tip); back != nil {
			return fmt.Errorf("move branch: %w (and the files stay merged: %w)", err, back)
		}
	}
	return conflict(fmt.Sprintf("The branch %s was moved just now.", m.plan.Branch), "Try again.", err)
}

func (r *Repos) riskyBetween(ctx context.Context, at place, from, to string) ([]string, error) {
	list := []string{}
	changes, err := r.rawDiff(ctx, at, from, to, false)
	if err == nil {
		err = r.classify(ctx, at, from, changes)
	}
	for _, c := range changes {
		if runsElsewhere(c.risk) {
			list = append(list, validPath(c.path))
		}
	}
	slices.Sort(list)
	return slices.Compact(list), explain(err)
}
