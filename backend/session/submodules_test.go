package session_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"background-agents/backend/session"
	"background-agents/backend/session/sessiontest"
)

func TestSessionSaysWhichSubmodulesAreEmpty(t *testing.T) {
	story(t, func(t *sessiontest.Turn) { t.Say("m", "Done.") }, func(w *world) {
		w.git.Modules = []string{"third_party/lib"}
		id := w.create("one")
		w.until(id, session.Idle)
		said := "notice: Submodules are not copied into the sandbox. These folders are empty there: third_party/lib."
		count := func() int { return strings.Count(strings.Join(w.transcript(id), "\n"), said) }
		if count() != 1 {
			t.Fatalf("said %d times:\n%s", count(), strings.Join(w.transcript(id), "\n"))
		}
		w.must(w.Stop(context.Background(), id))
		w.until(id, session.Stopped)
		_, err := w.Prompt(context.Background(), id, session.NewPrompt{Text: "two"})
		w.must(err)
		w.until(id, session.Idle)
		if count() != 1 {
			t.Errorf("said again for the same clone:\n%s", strings.Join(w.transcript(id), "\n"))
		}
	})
}

func TestManySubmodulesAreCounted(t *testing.T) {
	var paths []string
	for i := range 12 {
		paths = append(paths, fmt.Sprintf("m%d", i))
	}
	if got := session.EmptySubmodules(paths); !strings.HasSuffix(got, " m8, m9 and 2 more.") {
		t.Error(got)
	}
}
