package session_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"background-agents/backend/session"
	"background-agents/backend/session/sessiontest"
)

// ended starts a session and waits for its first result.
func ended(w *world) session.ID {
	w.t.Helper()
	id := w.create("Fix the login")
	w.until(id, session.Idle)
	return id
}

func (w *world) planPush(id session.ID) session.PushPlan {
	w.t.Helper()
	plan, err := w.PlanPush(ctx, id, session.PushTarget{})
	w.must(err)
	return plan
}

func TestNothingIsPushedButWhatWasShownAndApproved(t *testing.T) {
	story(t, hello, func(w *world) {
		id := ended(w)
		w.git.Risky = []string{".envrc", "Makefile"}
		plan := w.planPush(id)
		yes := plan.Yes()
		yes.Approved = yes.Approved[:1]
		_, err := w.Push(ctx, id, yes)
		code(t, err, session.CodeUnapproved)
		if !strings.Contains(err.Error(), "Makefile") || strings.Contains(err.Error(), ".envrc") {
			t.Errorf("it says %q", err)
		}
		_, err = w.Prompt(ctx, id, session.NewPrompt{Text: "more"})
		w.must(err)
		w.until(id, session.Idle)
		_, err = w.Push(ctx, id, plan.Yes())
		code(t, err, session.CodeConflict)
		if len(w.git.Pushes) != 0 {
			t.Fatalf("pushed %+v", w.git.Pushes)
		}
		plan = w.planPush(id)
		pushed, err := w.Push(ctx, id, plan.Yes())
		w.must(err)
		s := w.get(id)
		if pushed.Commit != plan.Commit || s.Pushed == nil || *s.Pushed != pushed || s.Outgoing != "" || len(w.git.Pushes) != 1 {
			t.Errorf("pushed %+v, kept %+v, going out %q", pushed, s.Pushed, s.Outgoing)
		}
		if again := w.planPush(id); again.Lease != plan.Commit || !again.Done {
			t.Errorf("the next plan is %+v", again)
		}
	})
}

func TestPushThatFailsIsNotRecorded(t *testing.T) {
	story(t, hello, func(w *world) {
		id := ended(w)
		w.git.Unreachable = &session.Error{Code: session.CodeRemote, Message: "origin cannot be reached.", Hint: "Try again."}
		_, err := w.Push(ctx, id, w.planPush(id).Yes())
		code(t, err, session.CodeRemote)
		if s := w.get(id); s.Pushed != nil || s.Outgoing != "" {
			t.Errorf("kept %+v, going out %q", s.Pushed, s.Outgoing)
		}
	})
}

func TestBeforeTheFirstResultNothingGoesOut(t *testing.T) {
	story(t, func(t *sessiontest.Turn) { t.Wait(time.Minute) }, func(w *world) {
		id := w.create("Fix the login")
		w.until(id, session.Working)
		_, err := w.PlanPush(ctx, id, session.PushTarget{})
		code(t, err, session.CodeNotFound)
		_, err = w.PlanMerge(ctx, id, session.MergeTarget{})
		code(t, err, session.CodeNotFound)
		code(t, w.Commit(ctx, id, "x"), session.CodeNotFound)
	})
}

func TestPullRequestIsPushedOpenedAndKept(t *testing.T) {
	story(t, hello, func(w *world) {
		id := ended(w)
		plan, err := w.PlanPullRequest(ctx, id, session.PullRequestTarget{})
		w.must(err)
		if plan.Title != "Fix the login" || plan.Body != "- Fix it\n" || !plan.Draft || plan.Base != "main" || plan.Open != nil {
			t.Errorf("plan is %+v", plan)
		}
		pr, err := w.OpenPullRequest(ctx, id, session.NewPullRequest{Push: plan.Push.Yes(), Title: "Fix\nit", Body: "Because.", Base: plan.Base, Draft: true})
		w.must(err)
		s := w.get(id)
		if len(w.git.Pushes) != 1 || s.PullRequest == nil || s.PullRequest.Number != 7 || s.PullRequest.Title != "Fix" || s.PullRequest.Body != "" || pr.At == 0 {
			t.Errorf("opened %+v, kept %+v", pr, s.PullRequest)
		}
		if w.forge.Head.Branch != s.Branch || w.forge.Head.Base != "main" || w.forge.Head.Upstream == "" {
			t.Errorf("head is %+v", w.forge.Head)
		}
		w.forge.Made.State = "merged"
		if pr, err = w.ReadPullRequest(ctx, id); err != nil || pr.State != "merged" || w.get(id).PullRequest.State != "merged" {
			t.Errorf("read %+v (%v)", pr, err)
		}
		plan, err = w.PlanPullRequest(ctx, id, session.PullRequestTarget{})
		w.must(err)
		_, err = w.OpenPullRequest(ctx, id, session.NewPullRequest{Push: plan.Push.Yes(), Title: "Other", Base: plan.Base})
		w.must(err)
		if len(w.git.Pushes) != 1 {
			t.Error("what is there already was pushed again")
		}
	})
}

func TestPullRequestThatOnlyTheBrowserCanOpenIsAPage(t *testing.T) {
	story(t, hello, func(w *world) {
		id := ended(w)
		w.forge.Way = "browser"
		plan, err := w.PlanPullRequest(ctx, id, session.PullRequestTarget{})
		w.must(err)
		pr, err := w.OpenPullRequest(ctx, id, session.NewPullRequest{Push: plan.Push.Yes(), Title: "Fix", Base: plan.Base})
		w.must(err)
		if pr.URL != plan.Page || pr.Number != 0 || w.get(id).PullRequest != nil || len(w.git.Pushes) != 1 {
			t.Errorf("opened %+v", pr)
		}
	})
}

func propose(t *sessiontest.Turn) {
	t.Say("said", "It says: "+t.Propose("Fix the <b>login</b>", "Body.", 25*time.Second))
}

// proposed waits for the agent's request and returns its item.
func (w *world) proposed(id session.ID) session.Item {
	w.t.Helper()
	w.until(id, session.NeedsYou)
	items, err := w.Items(ctx, id, 1, 100)
	w.must(err)
	last := items[len(items)-1]
	if last.Proposal == nil {
		w.t.Fatalf("the last item is %+v", last)
	}
	return last
}

func TestAgentAsksForAPullRequestAndIsTold(t *testing.T) {
	for want, answer := range map[string]func(w *world, id session.ID, item session.ItemID){
		"opened https://github.com/ada/shop/pull/7": func(w *world, id session.ID, item session.ItemID) {
			plan, err := w.PlanPullRequest(ctx, id, session.PullRequestTarget{Proposal: item})
			w.must(err)
			if plan.Title != "Fix the <b>login</b>" || plan.Body != "Body." || !plan.Draft {
				w.t.Errorf("plan is %+v", plan)
			}
			_, err = w.OpenPullRequest(ctx, id, session.NewPullRequest{Push: plan.Push.Yes(), Title: plan.Title, Body: plan.Body, Base: plan.Base, Proposal: item})
			w.must(err)
		},
		"declined": func(w *world, id session.ID, item session.ItemID) { w.must(w.DeclineProposal(ctx, id, item)) },
		"":         func(*world, session.ID, session.ItemID) { time.Sleep(time.Minute) },
	} {
		t.Run(want, func(t *testing.T) {
			story(t, propose, func(w *world) {
				id := w.create("Fix it and open a pull request")
				it := w.proposed(id)
				answer(w, id, it.ID)
				w.until(id, session.Idle)
				if lines := strings.Join(w.transcript(id), "\n"); !strings.Contains(lines, strings.TrimSpace("It says: "+want)) {
					t.Errorf("the transcript is\n%s", lines)
				}
				stored, err := w.Store.Item(ctx, id, it.ID)
				w.must(err)
				if got := strings.TrimSpace(stored.Proposal.Answer + " " + stored.Proposal.URL); got != want {
					t.Errorf("the request says %q", got)
				}
				if want == "" { // the user comes back after the turn
					w.reopen()
					w.must(w.DeclineProposal(ctx, id, it.ID))
				}
				code(t, w.DeclineProposal(ctx, id, it.ID), session.CodeConflict)
				synctest.Wait()
				if shown := w.replayed(id)[it.ID]; want == "" && shown.Proposal.Answer != "declined" {
					t.Errorf("watchers see %+v", shown.Proposal)
				}
			})
		})
	}
}

func TestCommitMovesSandboxAndWorktree(t *testing.T) {
	story(t, func(t *sessiontest.Turn) { t.Draft() }, func(w *world) {
		id := ended(w)
		code(t, w.Commit(ctx, id, " \n"), session.CodeInvalid)
		w.must(w.Commit(ctx, id, "Draft"))
		code(t, w.Commit(ctx, id, "Draft"), session.CodeInvalid) // all is committed now
		s := w.get(id)
		if s.Result.Commit != "made" || s.Ahead != "" || w.engine.Box(id).Restored[0] != "made" {
			t.Errorf("result %+v, restored %v", s.Result, w.engine.Box(id).Restored)
		}
	})
}

func TestRebaseMovesTheBase(t *testing.T) {
	story(t, hello, func(w *world) {
		id := ended(w)
		plan, err := w.PlanRebase(ctx, id, "")
		w.must(err)
		w.must(w.Rebase(ctx, id, session.Rebase{Commit: plan.Commit}))
		s := w.get(id)
		if s.BaseCommit != "newer" || s.Result.Commit != "rebased" || s.Ahead != "" || w.engine.Box(id).Restored[0] != "rebased" || w.engine.Box(id).Imported != 2 {
			t.Errorf("session is %+v", s)
		}
		if changes, err := w.Diff(ctx, id, 1); err != nil || changes[0].Path != "base.."+w.turnFiles(id, 1) {
			t.Errorf("the first turn's diff is %+v (%v)", changes, err)
		}
		_, err = w.Prompt(ctx, id, session.NewPrompt{Text: "more"})
		w.must(err)
		w.until(id, session.Idle)
		if changes, err := w.Diff(ctx, id, 2); err != nil || changes[0].Path != "rebased.."+w.turnFiles(id, 2) {
			t.Errorf("the second turn's diff is %+v (%v)", changes, err)
		}
		code(t, w.Restore(ctx, id, 1, false), session.CodeConflict)
		code(t, w.Restore(ctx, id, 2, false), session.CodeConflict)
	})
}

func (w *world) turnFiles(id session.ID, turn int) string {
	w.t.Helper()
	items, err := w.Items(ctx, id, 1, 100)
	w.must(err)
	for _, it := range items {
		if it.Result != nil && it.Turn == turn {
			return it.Result.Files
		}
	}
	return ""
}

func TestRebaseOfAStoppedSandboxIsBroughtAtItsNextStart(t *testing.T) {
	story(t, hello, func(w *world) {
		id := ended(w)
		w.must(w.Stop(ctx, id))
		w.until(id, session.Stopped)
		w.must(w.Rebase(ctx, id, session.Rebase{Commit: "newer"}))
		if s := w.get(id); s.Ahead != "base" || s.Result.Commit != "rebased" {
			t.Fatalf("session is %+v", s)
		}
		_, err := w.Prompt(ctx, id, session.NewPrompt{Text: "more"})
		w.must(err)
		w.until(id, session.Idle)
		if s := w.get(id); s.Ahead != "" || len(w.engine.Box(id).Restored) != 1 || w.engine.Box(id).Restored[0] != "rebased" {
			t.Errorf("session is %+v, restored %v", s, w.engine.Box(id).Restored)
		}
	})
}

func TestRebaseThatConflictsEndsOrGoesToTheAgent(t *testing.T) {
	story(t, hello, func(w *world) {
		id := ended(w)
		w.git.Stop = &session.RebaseConflict{Subject: "Fix it", Paths: []string{"a.txt"}, Text: "CONFLICT (content): a.txt"}
		code(t, w.Rebase(ctx, id, session.Rebase{Commit: "newer"}), session.CodeConflict)
		if s := w.get(id); s.Onto != "" || s.Turns != 1 {
			t.Errorf("session is %+v", s)
		}
		w.must(w.Rebase(ctx, id, session.Rebase{Commit: "newer", Agent: true}))
		synctest.Wait()
		if s := w.get(id); s.Onto != "newer" || w.engine.Box(id).Imported != 1 {
			t.Errorf("session is %+v", s)
		}
		w.until(id, session.Idle)
		if lines := strings.Join(w.transcript(id), "\n"); !strings.Contains(lines, "Rebase this branch onto commit newer") || !strings.Contains(lines, "CONFLICT (content): a.txt") {
			t.Errorf("the transcript is\n%s", lines)
		}
	})
}

func TestMergeIsRecorded(t *testing.T) {
	story(t, hello, func(w *world) {
		id := ended(w)
		plan, err := w.PlanMerge(ctx, id, session.MergeTarget{})
		w.must(err)
		yes := plan.Yes()
		yes.Tip = "other"
		_, err = w.Merge(ctx, id, yes)
		code(t, err, session.CodeConflict)
		merged, err := w.Merge(ctx, id, plan.Yes())
		w.must(err)
		if s := w.get(id); s.Merged == nil || *s.Merged != merged || merged.Branch != "main" {
			t.Errorf("kept %+v", s.Merged)
		}
	})
}

func TestSecretsDoNotLeaveWithCommitsOrTexts(t *testing.T) {
	story(t, hello, func(w *world) {
		id := ended(w)
		w.set(session.SecretScope{Session: id}, "TOKEN", "s3cret-canary-value")
		w.git.Outgoing = "blob 20\nthe key is s3cret-canary-value\n"
		plan := w.planPush(id)
		if len(plan.Secrets) != 1 || plan.Secrets[0] != "TOKEN" {
			t.Fatalf("found %q", plan.Secrets)
		}
		_, err := w.Push(ctx, id, plan.Yes())
		code(t, err, session.CodeSecretInside)
		w.git.Outgoing = "blob 20\nthe key is s3cret-canary- value and [secret TOKEN]\n"
		plan = w.planPush(id)
		if len(plan.Secrets) != 0 {
			t.Fatalf("found %q", plan.Secrets)
		}
		_, err = w.OpenPullRequest(ctx, id, session.NewPullRequest{
			Push: plan.Yes(), Title: "With s3cret-canary-value", Body: "And " + base64.StdEncoding.EncodeToString([]byte("s3cret-canary-value")), Base: "main",
		})
		w.must(err)
		if made := w.forge.Made; made.Title != "With [secret TOKEN]" || strings.Contains(made.Body, "czNjcmV0") {
			t.Errorf("opened %+v", made)
		}
	})
}
