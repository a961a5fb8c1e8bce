package session

import "fmt"

// Unmet says why a merge would bring nothing although there are changes: none of them is committed. Else it is nil.
func (p MergePlan) Unmet(s Session) error {
	if p.Kind != "none" {
		return nil
	}
	return uncommittedOnly(s, len(p.Uncommitted))
}

// Unmet says why a push would bring nothing although there are changes: none of them is committed. Else it is nil.
func (p PushPlan) Unmet(s Session) error {
	if len(p.Commits) > 0 {
		return nil
	}
	return uncommittedOnly(s, len(p.Uncommitted))
}

func uncommittedOnly(s Session, files int) error {
	if files == 0 {
		return nil
	}
	what := fmt.Sprintf("%d changed files are", files)
	switch {
	case files == 1:
		what = "1 changed file is"
	case files >= MaxPlanned:
		what = fmt.Sprintf("%d or more changed files are", files)
	}
	hint := fmt.Sprintf("Commit first: `bga commit %s -m MESSAGE`.", s.ID)
	if s.InTurn() {
		hint = fmt.Sprintf("The agent is working, and may commit them. "+
			"When its turn has ended, you can: `bga commit %s -m MESSAGE`.", s.ID)
	}
	return newError(CodeConflict, "Only commits go out, and "+what+" not committed.", hint, nil)
}
