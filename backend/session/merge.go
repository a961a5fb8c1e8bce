package session

import (
	"context"
	"fmt"
)

// MergeTarget says where a session's commits are to be merged: Branch is one of the user's own, "" for the base.
type MergeTarget struct {
	Branch string `json:"branch"`
	Squash bool   `json:"squash"` // as one commit
}

// MergePlan is what a merge would do. Nothing has happened yet.
type MergePlan struct {
	Branch  string       `json:"branch"`
	Tip     string       `json:"tip"` // where the branch is
	Commit  string       `json:"commit"`
	Kind    string       `json:"kind"` // fast-forward, merge, squash, or none: the branch has it all
	Commits []CommitLine `json:"commits"`
	// Conflicts are files that both sides changed: while there are some, nothing is merged.
	Conflicts   []string `json:"conflicts"`
	Uncommitted []string `json:"uncommitted"`
	Risky       []string `json:"risky"`
	Message     string   `json:"message"`    // proposed, for merge and squash
	CheckedOut  string   `json:"checkedOut"` // folder where the branch is checked out: its files follow
	Command     string   `json:"command"`
	Branches    []string `json:"branches"` // that could be chosen, the newest
	More        bool     `json:"more"`     // there are other branches: Refs finds them
}

// Merge is the user's yes to a MergePlan.
type Merge struct {
	Branch   string   `json:"branch"`
	Squash   bool     `json:"squash"`
	Tip      string   `json:"tip"`
	Commit   string   `json:"commit"`
	Message  string   `json:"message"`
	Approved []string `json:"approved"`
}

// Yes agrees to all of a plan.
func (p MergePlan) Yes() Merge {
	return Merge{Branch: p.Branch, Squash: p.Kind == "squash", Tip: p.Tip, Commit: p.Commit, Message: p.Message, Approved: p.Risky}
}

// Merged is what was merged last: a session's Commit into a Branch of the user's, which is at Tip since.
type Merged struct {
	Branch string `json:"branch"`
	Commit string `json:"commit"`
	Tip    string `json:"tip"`
	At     Millis `json:"at"`
}

// PlanMerge implements Operations.
func (m *Manager) PlanMerge(ctx context.Context, id ID, t MergeTarget) (MergePlan, error) {
	s, p, err := m.sessionProject(id)
	if err != nil {
		return MergePlan{}, err
	}
	if err := hasResult(s); err != nil {
		return MergePlan{}, err
	}
	return m.Git.PlanMerge(ctx, p, s, t)
}

// Merge implements Operations.
func (m *Manager) Merge(ctx context.Context, id ID, yes Merge) (Merged, error) {
	plan, err := m.PlanMerge(ctx, id, MergeTarget{Branch: yes.Branch, Squash: yes.Squash})
	if err != nil {
		return Merged{}, err
	}
	if plan.Commit != yes.Commit || plan.Tip != yes.Tip {
		return Merged{}, errOther
	}
	if err := approved(plan.Risky, yes.Approved); err != nil {
		return Merged{}, err
	}
	if len(yes.Message) > maxMessage {
		return Merged{}, newError(CodeInvalid, "The message is longer than 64 KB.", "Shorten it.", nil)
	}
	s, p, err := m.sessionProject(id)
	if err != nil {
		return Merged{}, err
	}
	done, err := m.outgoing(ctx, id, "Merging")
	if err != nil {
		return Merged{}, err
	}
	tip, err := m.Git.Merge(ctx, p, s, yes)
	done()
	if err != nil {
		return Merged{}, err
	}
	merged := Merged{Branch: yes.Branch, Commit: yes.Commit, Tip: tip, At: m.now()}
	_, err = m.update(ctx, id, func(s *Session, b *batch) error {
		s.Merged = &merged
		notice(b, fmt.Sprintf("Merged %s into %s, which is at %s now.", short(yes.Commit), yes.Branch, short(tip)))
		return nil
	})
	return merged, err
}
