package session_test

import (
	"strings"
	"testing"

	"background-agents/backend/session"
	"background-agents/backend/session/sessiontest"
)

var login = session.Only{Kind: "branch", Name: "feature/login", Commit: strings.Repeat("1", 40), Count: 1}

// leaves ends its turn with a branch that is not part of the result.
func leaves(t *sessiontest.Turn) {
	t.Leave(login, session.Only{Kind: "file", Name: "big.bin", Detail: "larger than 100 MB"})
	t.Say("said", "Done.")
}

func TestWhatOnlyTheSandboxHasIsToldAndKept(t *testing.T) {
	story(t, leaves, func(w *world) {
		id := w.create("Fix the login")
		w.until(id, session.Idle)
		told := strings.Join(w.transcript(id), "\n")
		want := "notice: Only in the sandbox, and not part of the result: branch feature/login (1 commit). `bga branches " + string(id) + " --take feature/login` brings it out."
		if !strings.Contains(told, want) {
			t.Errorf("transcript = %s", told)
		}
		err := w.Delete(ctx, id, false)
		code(t, err, session.CodeUnsaved)
		for _, want := range []string{"branch feature/login (1 commit)", "file big.bin (larger than 100 MB)"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("delete: %v", err)
			}
		}
		code(t, w.Archive(ctx, id, false), session.CodeUnsaved)
		w.must(w.Stop(ctx, id)) // the last known list counts
		w.until(id, session.Stopped)
		code(t, w.Archive(ctx, id, false), session.CodeUnsaved)
		w.must(w.Archive(ctx, id, true))
		code(t, w.Delete(ctx, id, false), session.CodeUnsaved)
		w.reopen()
		code(t, w.Delete(ctx, id, false), session.CodeUnsaved)
		w.must(w.Delete(ctx, id, true))
	})
}

func TestWhatOnlyTheSandboxHasIsToldOnce(t *testing.T) {
	story(t, leaves, func(w *world) {
		id := w.create("Fix the login")
		w.until(id, session.Idle)
		_, err := w.Prompt(ctx, id, session.NewPrompt{Text: "and more"})
		w.must(err)
		w.until(id, session.Idle)
		if n := strings.Count(strings.Join(w.transcript(id), "\n"), "Only in the sandbox"); n != 1 {
			t.Errorf("told %d times", n)
		}
		w.engine.Box(id).Only = &session.OnlyList{} // as it is by now
		if list, err := w.Branches(ctx, id); err != nil || len(list.List) > 0 {
			t.Errorf("asked: %+v, %v", list, err)
		}
		w.must(w.Delete(ctx, id, false))
	})
}

// A sandbox that was made by an earlier version says nothing of it.
func TestOlderSandboxKnowsNothingOfIt(t *testing.T) {
	story(t, hello, func(w *world) {
		id := w.create("Fix the login")
		w.until(id, session.Idle)
		if list, err := w.Branches(ctx, id); err != nil || len(list.List) > 0 {
			t.Errorf("asked: %+v, %v", list, err)
		}
		w.must(w.Archive(ctx, id, false))
		w.must(w.Delete(ctx, id, false))
	})
}

func TestBranchIsTakenOutOnce(t *testing.T) {
	story(t, leaves, func(w *world) {
		id := w.create("Fix the login")
		w.until(id, session.Idle)
		_, err := w.TakeBranch(ctx, id, "other")
		code(t, err, session.CodeNotFound)
		w.git.Refuse = &session.Error{Code: session.CodeQuarantine, Message: "The result was refused."}
		_, err = w.TakeBranch(ctx, id, "feature/login")
		code(t, err, session.CodeQuarantine)
		w.git.Refuse = nil
		taken, err := w.TakeBranch(ctx, id, "feature/login")
		w.must(err)
		if taken.Branch != "agents/feature/login" || len(w.git.Branches) != 1 || w.git.Branches[0] != "agents/feature/login "+login.Commit {
			t.Errorf("took %+v, made %v", taken, w.git.Branches)
		}
		_, err = w.TakeBranch(ctx, id, "feature/login")
		code(t, err, session.CodeConflict)
		list, err := w.Branches(ctx, id)
		w.must(err)
		if len(list.List) != 1 || list.List[0].Kind != "file" {
			t.Errorf("left: %+v", list)
		}
		more := login
		more.Commit, more.Count = strings.Repeat("2", 40), 2 // the agent went on
		w.engine.Box(id).Only = &session.OnlyList{List: []session.Only{more}}
		_, err = w.TakeBranch(ctx, id, "feature/login")
		w.must(err)
	})
}

func TestRestoreThatDropsCommitsAsks(t *testing.T) {
	story(t, hello, func(w *world) {
		id := w.create("one")
		w.until(id, session.Idle)
		_, err := w.Prompt(ctx, id, session.NewPrompt{Text: "two"})
		w.must(err)
		w.until(id, session.Idle)
		err = w.Restore(ctx, id, 2, false)
		code(t, err, session.CodeUnsaved)
		if !strings.Contains(err.Error(), "1 commit (") || !strings.Contains(err.Error(), "“what the agent did”") || len(w.engine.Box(id).Restored) > 0 {
			t.Errorf("asked %v, restored %v", err, w.engine.Box(id).Restored)
		}
		w.must(w.Restore(ctx, id, 2, true))
		if len(w.engine.Box(id).Restored) != 1 {
			t.Errorf("restored %v", w.engine.Box(id).Restored)
		}
	})
}

func TestPushThatRemovesCommitsAsks(t *testing.T) {
	story(t, hello, func(w *world) {
		id := ended(w)
		first, err := w.Push(ctx, id, w.planPush(id).Yes())
		w.must(err)
		_, err = w.Prompt(ctx, id, session.NewPrompt{Text: "again"})
		w.must(err)
		w.until(id, session.Idle)
		plan := w.planPush(id)
		if len(plan.Removes) != 1 || plan.Removes[0].ID != first.Commit {
			t.Fatalf("plan removes %+v", plan.Removes)
		}
		yes := plan.Yes()
		yes.Removes = nil
		_, err = w.Push(ctx, id, yes)
		code(t, err, session.CodeUnapproved)
		_, err = w.OpenPullRequest(ctx, id, session.NewPullRequest{Push: yes, Title: "Fix", Base: "main"})
		code(t, err, session.CodeUnapproved)
		if len(w.git.Pushes) != 1 {
			t.Error("it was pushed")
		}
		_, err = w.Push(ctx, id, plan.Yes())
		w.must(err)
	})
}
