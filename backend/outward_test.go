package backend_test

import (
	"os/exec"
	"strings"
	"testing"
	"time"

	"background-agents/backend/session"
)

// hasResult says that the first turn is over; a session is idle before it begins, too.
func hasResult(s session.Session) bool { return s.Result.Commit != "" && settled(session.Idle)(s) }

func TestCommitRebaseAndMergeWithTheAgentGoingOn(t *testing.T) {
	l := newLive(t)
	id := l.create("demo: write fix.txt fixed\ndemo: bash git add -A && git commit -qm 'Fix it'\ndemo: write draft.txt draft")
	l.until(id, firstImage, hasResult)
	l.must(l.Commit(ctx, id, "Keep the draft"))
	l.write("upstream.txt", "theirs\n")
	l.git("add", "-A")
	l.git("commit", "-qm", "theirs")
	plan, err := l.PlanRebase(ctx, id, "")
	l.must(err)
	if plan.Behind != 1 || plan.Commits != 2 || plan.Conflict != nil {
		t.Fatalf("plan is %+v", plan)
	}
	l.must(l.Rebase(ctx, id, session.Rebase{Commit: plan.Commit}))
	_, err = l.Prompt(ctx, id, session.NewPrompt{Text: "demo: bash git status --porcelain > /tmp/status && git log --format=%s > seen.txt && cat upstream.txt /tmp/status >> seen.txt && git add -A && git commit -qm Seen"})
	l.must(err)
	s := l.until(id, time.Minute, func(s session.Session) bool { return s.Turns == 2 && settled(session.Idle)(s) })
	if s.Error != nil || s.Diff.Files != 3 {
		t.Errorf("session is %+v, its diff %+v", s.Error, s.Diff)
	}
	l.reads(s, "seen.txt", "Keep the draft\nFix it\ntheirs\nfirst\ntheirs")
	status, err := exec.Command("git", "-C", s.Worktree, "status", "--porcelain").Output()
	l.must(err)
	if len(status) != 0 {
		t.Errorf("the worktree is %q", status)
	}
	merge, err := l.PlanMerge(ctx, id, session.MergeTarget{})
	l.must(err)
	if merge.Branch != "main" || merge.Kind != "fast-forward" || merge.CheckedOut != l.repo {
		t.Errorf("plan is %+v", merge)
	}
	_, err = l.Merge(ctx, id, merge.Yes())
	l.must(err)
	if log := l.git("log", "--format=%s", "main"); log != "Seen\nKeep the draft\nFix it\ntheirs\nfirst\n" {
		t.Errorf("main has %q", log)
	}
	if got := strings.TrimSpace(l.git("status", "--porcelain")); got != "" {
		t.Errorf("the user's checkout is %q", got)
	}
}

func TestConflictIsResolvedByTheAgent(t *testing.T) {
	l := newLive(t)
	id := l.create("demo: write README.md agent\ndemo: bash git commit -qam Mine")
	l.until(id, firstImage, hasResult)
	l.write("README.md", "user\n")
	l.git("commit", "-qam", "theirs")
	plan, err := l.PlanRebase(ctx, id, "")
	l.must(err)
	if plan.Conflict == nil || plan.Conflict.Subject != "Mine" || strings.Join(plan.Conflict.Paths, " ") != "README.md" {
		t.Fatalf("plan is %+v", plan)
	}
	if err := l.Rebase(ctx, id, session.Rebase{Commit: plan.Commit}); session.CodeOf(err) != session.CodeConflict {
		t.Errorf("without the agent it says %v", err)
	}
	l.must(l.Rebase(ctx, id, session.Rebase{Commit: plan.Commit, Agent: true}))
	l.until(id, time.Minute, func(s session.Session) bool { return s.Turns == 2 && settled(session.Idle)(s) })
	// The demo model does not understand the prompt that it got; this is what a model makes of it.
	_, err = l.Prompt(ctx, id, session.NewPrompt{Text: "demo: bash git stash -qu; git rebase -q " + plan.Commit +
		"; echo both > README.md; git add README.md && GIT_EDITOR=true git rebase --continue"})
	l.must(err)
	s := l.until(id, time.Minute, func(s session.Session) bool { return s.Turns == 3 && settled(session.Idle)(s) })
	if s.Error != nil || s.BaseCommit != plan.Commit || s.Onto != "" || s.Rebased != 2 {
		t.Errorf("session is %+v", s)
	}
	l.reads(s, "README.md", "both")
	prompts := ""
	for _, it := range l.items(id) {
		if it.Kind == session.KindPrompt {
			prompts += it.Text
		}
	}
	if !strings.Contains(prompts, "CONFLICT (content): Merge conflict in README.md") {
		t.Errorf("the agent was told %q", prompts)
	}
	merge, err := l.PlanMerge(ctx, id, session.MergeTarget{})
	l.must(err)
	if merge.Kind != "fast-forward" || len(merge.Conflicts) != 0 {
		t.Errorf("the merge would be %+v", merge)
	}
}
