package session_test

import (
	"testing"
	"testing/synctest"
	"time"

	"background-agents/backend/session"
	"background-agents/backend/session/sessiontest"
)

// turnDiff is what a turn's changes lie between.
func (w *world) turnDiff(id session.ID, turn int) string {
	w.t.Helper()
	list, err := w.Diff(ctx, id, turn)
	w.must(err)
	if len(list) == 0 {
		return ""
	}
	return list[0].Path
}

func TestChangesOfARunningTurnAreSeen(t *testing.T) {
	story(t, func(t *sessiontest.Turn) { t.Wait(time.Minute) }, func(w *world) {
		id := w.create("one")
		w.until(id, session.Working)
		time.Sleep(10 * time.Second)
		published := len(w.git.Published)
		w.must(w.Checkpoint(ctx, id))
		s := w.get(id)
		live := s.Result.Files
		if live == "" || s.Diff.Files == 0 {
			t.Fatalf("the running turn shows nothing: %+v", s)
		}
		if n := len(w.git.Published); n != published {
			t.Error("the worktree was changed in the middle of a turn")
		}
		if got := w.turnDiff(id, 1); got != s.BaseCommit+".."+live {
			t.Errorf("the running turn shows %s, want from the base to the files now, %s", got, live)
		}
		s = w.until(id, session.Idle)
		if got := w.turnDiff(id, 1); got != s.BaseCommit+".."+s.Result.Files {
			t.Errorf("the finished turn shows %s, want from the base to its result", got)
		}
		items, err := w.Items(ctx, id, 1, 100)
		w.must(err)
		if d := items[len(items)-1].Result.Diff; d.Files == 0 {
			t.Error("the finished turn says that no files changed")
		}
		if len(w.git.Published) != published+1 || s.TurnFrom != "" {
			t.Errorf("published %d times, turn from %q", len(w.git.Published), s.TurnFrom)
		}
	})
}

// A look at the files that takes long ends after the turn: the turn's result is newer and stays.
func TestALateLookAtTheFilesDoesNotReplaceTheResult(t *testing.T) {
	story(t, func(t *sessiontest.Turn) { t.Wait(time.Minute) }, func(w *world) {
		id := w.create("one")
		w.until(id, session.Working)
		time.Sleep(time.Second)
		looked := make(chan error)
		first := true
		w.git.Receiving = func() {
			if first {
				first = false
				time.Sleep(2 * time.Minute)
			}
		}
		go func() { looked <- w.Checkpoint(ctx, id) }()
		synctest.Wait()
		s := w.until(id, session.Idle)
		w.must(<-looked)
		if got := w.get(id).Result; got.Files != s.Result.Files || got.Commit != s.Result.Commit {
			t.Errorf("the result is %+v, want that of the turn's end %+v", got, s.Result)
		}
	})
}

func TestEditsAreCountedSentAndUndone(t *testing.T) {
	edited := &session.Error{Code: session.CodeConflict, Message: "You changed files.", Hint: "Send or undo them."}
	story(t, hello, func(w *world) {
		id := w.create("one")
		w.until(id, session.Idle)
		w.git.Lock()
		w.git.Conflict = edited
		w.git.Unlock()
		_, err := w.Prompt(ctx, id, session.NewPrompt{Text: "two"})
		w.must(err)
		for w.get(id).Turns < 2 {
			time.Sleep(time.Second)
		}
		if s := w.until(id, session.Idle); s.Edits != 1 {
			t.Errorf("the end of the turn counts %d edits, want 1", s.Edits)
		}
		published := len(w.git.Published)
		w.must(w.UndoEdits(ctx, id))
		if s := w.get(id); s.Edits != 0 || len(w.git.Published) != published+1 {
			t.Errorf("undone, there are %d edits, and the worktree was brought up to date %d times", s.Edits, len(w.git.Published)-published)
		}
	})
	story(t, hello, func(w *world) {
		id := w.create("one")
		w.until(id, session.Idle)
		w.must(w.Stop(ctx, id))
		w.until(id, session.Stopped)
		w.must(w.SendEdits(ctx, id)) // starts the sandbox
		if s := w.get(id); s.Status != session.Idle || s.Edits != 0 {
			t.Errorf("sent, the session is %s with %d edits", s.Status, s.Edits)
		}
		w.must(w.Archive(ctx, id, false))
		if err := w.SendEdits(ctx, id); session.CodeOf(err) != session.CodeConflict {
			t.Errorf("an archived session: %v", err)
		}
	})
}
