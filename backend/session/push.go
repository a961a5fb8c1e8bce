package session

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// PushTarget says where a session's commits go; what is empty is chosen: the remote that the user pushes the base to,
// and the session's own branch.
type PushTarget struct {
	Remote string `json:"remote"`
	Branch string `json:"branch"`
}

// PushPlan is what a push would do. Nothing has happened yet.
type PushPlan struct {
	Remote string `json:"remote"`
	URL    string `json:"url"` // without name and password
	Branch string `json:"branch"`
	Commit string `json:"commit"`
	// Lease is the commit that the remote's branch must still be at: what we pushed there last. "" says that the branch
	// must not be there yet.
	Lease string `json:"lease"`
	// Commits are those that the push brings, the newest first, at most MaxPlanned.
	Commits []CommitLine `json:"commits"`
	// Uncommitted are changed files of the result that no commit has: they stay here.
	Uncommitted []string `json:"uncommitted"`
	// Stored are files whose contents the push does not bring.
	Stored StoredFiles `json:"stored"`
	Raw    []RawFile   `json:"raw"` // at most MaxPlanned
	// Removes are commits that the remote's branch has and would lose. The user agrees to each.
	Removes []CommitLine `json:"removes"`
	// Risky are paths that the push changes and that run code elsewhere. The user approves each.
	Risky []string `json:"risky"`
	// Secrets are names of secrets of the session whose values stand in what would be pushed: nothing is, while there
	// are some.
	Secrets []string `json:"secrets"`
	Command string   `json:"command"` // as people write it
	Exact   string   `json:"exact"`   // word for word
	Remotes []string `json:"remotes"` // all that could be chosen
	// Done says that the remote has this commit already, as far as is known here.
	Done bool `json:"done"`
}

// StoredFiles are files that Git LFS stores: of them only pointers are pushed.
type StoredFiles struct {
	Count int      `json:"count"`
	Lost  int      `json:"lost"`  // whose contents the user's repository does not have either: they are in the sandbox alone
	Paths []string `json:"paths"` // at most MaxPlanned
}

// RawFile is a file that a push brings as it was written, although attributes select a filter for it: in the sandbox
// none ran. Git LFS would have stored it, git-crypt would have encrypted it.
type RawFile struct {
	Path   string `json:"path"`
	Filter string `json:"filter"`
}

// MaxPlanned bounds each list of a plan.
const MaxPlanned = 200

// CommitLine is a commit in one line.
type CommitLine struct {
	ID      string `json:"id"`
	Subject string `json:"subject"`
}

// Push is the user's yes to a PushPlan: nothing else is pushed than what the plan showed.
type Push struct {
	Remote   string   `json:"remote"`
	Branch   string   `json:"branch"`
	Commit   string   `json:"commit"`
	Lease    string   `json:"lease"`
	Approved []string `json:"approved"` // of the plan's risky paths: all of them
	Removes  []string `json:"removes"`  // ids of the commits that the remote's branch may lose: all of the plan's
}

// Yes agrees to all of a plan.
func (p PushPlan) Yes() Push {
	yes := Push{Remote: p.Remote, Branch: p.Branch, Commit: p.Commit, Lease: p.Lease, Approved: p.Risky, Removes: []string{}}
	for _, c := range p.Removes {
		yes.Removes = append(yes.Removes, c.ID)
	}
	return yes
}

// removes refuses where the push would take commits off the remote's branch that were not agreed to.
func (p PushPlan) removes(agreed []string) error {
	if !slices.ContainsFunc(p.Removes, func(c CommitLine) bool { return !slices.Contains(agreed, c.ID) }) {
		return nil
	}
	return newError(CodeUnapproved, "This would take "+nameCommits(p.Removes)+" off "+p.Branch+" at "+p.Remote+".",
		"Look at the push again, and agree to that; or push to a branch of another name.", nil)
}

// Pushed is what a session has pushed last.
type Pushed struct {
	Remote string `json:"remote"`
	URL    string `json:"url"` // without name and password
	Branch string `json:"branch"`
	Commit string `json:"commit"`
	At     Millis `json:"at"`
}

// PlanPush implements Operations.
func (m *Manager) PlanPush(ctx context.Context, id ID, t PushTarget) (PushPlan, error) {
	s, p, err := m.sessionProject(id)
	if err != nil {
		return PushPlan{}, err
	}
	if err := hasResult(s); err != nil {
		return PushPlan{}, err
	}
	plan, err := m.Git.PlanPush(ctx, p, s, t)
	if err != nil {
		return plan, err
	}
	plan.Removes = []CommitLine{}
	if plan.Lease != "" && !plan.Done {
		if plan.Removes, err = m.Git.Dropped(ctx, p, s, plan.Lease, plan.Commit); err != nil {
			return plan, err
		}
	}
	plan.Secrets, err = m.leaks(ctx, s, p, plan.Lease)
	return plan, err
}

// Push implements Operations.
func (m *Manager) Push(ctx context.Context, id ID, yes Push) (Pushed, error) {
	plan, err := m.PlanPush(ctx, id, PushTarget{Remote: yes.Remote, Branch: yes.Branch})
	if err != nil {
		return Pushed{}, err
	}
	if plan.Commit != yes.Commit || plan.Lease != yes.Lease || plan.Remote != yes.Remote || plan.Branch != yes.Branch {
		return Pushed{}, errOther
	}
	if err := errors.Join(plan.Blocked(id), plan.removes(yes.Removes), approved(plan.Risky, yes.Approved)); err != nil {
		return Pushed{}, err
	}
	s, p, err := m.sessionProject(id)
	if err != nil {
		return Pushed{}, err
	}
	done, err := m.outgoing(ctx, id, "Pushing")
	if err != nil {
		return Pushed{}, err
	}
	err = m.Git.Push(ctx, p, s, yes, m.progress(id, "Pushing"))
	done()
	if err != nil {
		return Pushed{}, err
	}
	pushed := Pushed{Remote: plan.Remote, URL: plan.URL, Branch: plan.Branch, Commit: plan.Commit, At: m.now()}
	_, err = m.update(ctx, id, func(s *Session, b *batch) error {
		s.Pushed = &pushed
		notice(b, fmt.Sprintf("Pushed %s to %s at %s.", short(plan.Commit), plan.Branch, plan.Remote))
		return nil
	})
	return pushed, err
}

var errOther = newError(CodeConflict, "The result is another now than the one that was shown.", "Look at it again, then say yes again.", nil)

// approved refuses where something of risky is not in list.
func approved(risky, list []string) error {
	var missing []string
	for _, path := range risky {
		if !slices.Contains(list, path) {
			missing = append(missing, path)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	more := ""
	if len(missing) > 5 {
		more = fmt.Sprintf(" and %d more", len(missing)-5)
	}
	return newError(CodeUnapproved, "These changed files run code elsewhere and are not approved: "+strings.Join(missing[:min(5, len(missing))], ", ")+more+".",
		"Look at them, then approve them.", nil)
}

func hasResult(s Session) error {
	if s.Result.Commit == "" {
		return newError(CodeNotFound, "There is no result yet.", "Wait for the end of the first turn.", nil)
	}
	return nil
}

// InTurn reports whether the agent works, or its result is not here yet: there may be more than what is known of the
// session.
func (s Session) InTurn() bool { return s.WorkedSince != 0 || s.Pending != nil }

// quiet refuses while the agent works: what it makes would stand on another commit.
func quiet(s Session) error {
	if s.InTurn() {
		return newError(CodeConflict, "The agent is at work.", "Wait for the end of its turn, or stop it first.", nil)
	}
	return nil
}

// outgoing says that something of a session goes out, one thing at a time. The returned function ends it.
func (m *Manager) outgoing(ctx context.Context, id ID, what string) (done func(), err error) {
	_, err = m.update(ctx, id, func(s *Session, _ *batch) error {
		if s.Outgoing != "" {
			return newError(CodeConflict, "Something of this session is going out already: "+s.Outgoing+".", "Wait until it is done.", nil)
		}
		s.Outgoing = what
		return nil
	})
	if err != nil {
		return nil, err
	}
	return func() {
		if err := m.set(context.WithoutCancel(ctx), id, func(s *Session) { s.Outgoing = "" }); err != nil && !errors.Is(err, &Error{Code: CodeNotFound}) {
			m.Log.Error("record the end of "+what, "session", id, "err", err)
		}
	}, nil
}

// progress returns what git's progress is told to: the session's one line on what goes out, at most four times a
// second.
func (m *Manager) progress(id ID, what string) func(string) {
	var last time.Time
	return func(line string) {
		now := m.Now()
		if now.Sub(last) < 250*time.Millisecond {
			return
		}
		last = now
		_ = m.set(m.ctx, id, func(s *Session) { s.Outgoing = cmp.Or(validPrefix(what+": "+line, 200), what) })
	}
}

func short(commit string) string { return commit[:min(len(commit), 10)] }
