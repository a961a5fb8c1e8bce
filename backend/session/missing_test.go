package session_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"background-agents/backend/session"
	"background-agents/backend/session/sessiontest"
)

// cards returns the items by which a session says what its sandbox lacks.
func (w *world) cards(id session.ID) (cards []session.Item) {
	w.t.Helper()
	items, err := sessiontest.Items(context.Background(), w, id)
	w.must(err)
	for _, it := range items {
		if it.Missing != nil {
			cards = append(cards, it)
		}
	}
	return cards
}

// labels are what the cards offer, with the line of the project that asks for it.
func labels(cards []session.Item) (all []string) {
	for _, it := range cards {
		all = append(all, strings.TrimSpace(it.Missing.Command+": "+it.Missing.Label+" "+it.Missing.From))
	}
	return all
}

func TestMissingToolIsAddedAndTheSandboxRestarted(t *testing.T) {
	ctx := context.Background()
	var told []string
	turn := func(t *sessiontest.Turn) {
		told = append(told, t.Prompt.Text)
		if len(told) == 1 {
			t.Miss("go", "")
			t.Miss("gofmt", "")
		}
		t.Say("m", "Done.")
	}
	story(t, turn, func(w *world) {
		w.git.Files = sessiontest.Files{"go": "1.24.4"}
		id := w.create("test it")
		before := w.until(id, session.Idle)
		cards := w.cards(id)
		if got := labels(cards); !slices.Equal(got, []string{"go: Go 1.24.4 go:1"}) {
			t.Fatalf("the cards are %q", got)
		}
		if cards[0].Missing.Evidence != "bash: line 1: go: command not found" || before.Status == session.NeedsYou {
			t.Errorf("%+v, %s", cards[0].Missing, before.Status)
		}
		w.must(w.AnswerMissing(ctx, id, cards[0].ID, true))
		code(t, w.AnswerMissing(ctx, id, cards[0].ID, true), session.CodeConflict)
		code(t, w.AnswerMissing(ctx, id, cards[0].ID, false), session.CodeConflict)
		code(t, w.AnswerMissing(ctx, id, "none", true), session.CodeNotFound)
		want := []session.Toolchain{{Name: "go", Version: "1.24.4"}}
		after := w.until(id, session.Idle)
		if got := w.environment(after.Project); got == nil || !reflect.DeepEqual(got.Tools, want) {
			t.Fatalf("the environment is %+v", got)
		}
		answer := w.cards(id)[0].Missing.Answer
		if made := w.engine.Made.Tools; !reflect.DeepEqual(made, want) || after.Renew || answer != session.MissingAdded {
			t.Fatalf("the sandbox has %+v, renew %v", made, after.Renew)
		}
		if after.Conversation != before.Conversation || !reflect.DeepEqual(after.Result, before.Result) {
			t.Errorf("conversation and files are %q, %+v, and were %q, %+v",
				after.Conversation, after.Result, before.Conversation, before.Result)
		}
		if told := w.engine.Box(id).Started.Instructions; !strings.Contains(told, "go 1.24.4") {
			t.Errorf("the agent was told %q", told)
		}
		if after.OldEnvironment {
			t.Error("the sandbox is said to have an old environment")
		}
	})
}

func TestSandboxRestartsAfterTheTurnInWhichTheToolWasAdded(t *testing.T) {
	ctx := context.Background()
	var answered atomic.Bool
	turn := func(t *sessiontest.Turn) {
		t.Miss("psql", "")
		for !answered.Load() {
			t.Wait(time.Second)
		}
		t.Say("m", "Done.")
	}
	story(t, turn, func(w *world) {
		id := w.create("test it")
		w.until(id, session.Working)
		cards := w.cards(id)
		if got := labels(cards); !slices.Equal(got, []string{"psql: postgresql-client"}) {
			t.Fatalf("the cards are %q", got)
		}
		_, err := w.Prompt(ctx, id, session.NewPrompt{Text: "and then"})
		w.must(err)
		w.must(w.AnswerMissing(ctx, id, cards[0].ID, true))
		if s := w.until(id, session.Working); !s.Renew || w.engine.Connects(id) != 1 {
			t.Fatalf("renew %v, %d links: the turn was cut off", s.Renew, w.engine.Connects(id))
		}
		answered.Store(true)
		s := w.until(id, session.Idle)
		for range 100 { // it is idle for a moment, before the restart
			if s = w.until(id, session.Idle); !s.Renew {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		if made := w.engine.Made.Image.Packages; s.Renew || !reflect.DeepEqual(made, [][]string{{"postgresql-client"}}) {
			t.Errorf("renew %v, the sandbox has %v", s.Renew, made)
		}
		if text := strings.Join(w.transcript(id), "\n"); strings.Count(text, "turn: end_turn") != 2 {
			t.Errorf("the turns ended otherwise:\n%s", text)
		}
		if starts := w.engine.Starts[id]; starts != 2 {
			t.Errorf("the container was started %d times", starts)
		}
	})
}

func TestDeclinedToolIsNotAskedForAgain(t *testing.T) {
	ctx := context.Background()
	story(t, func(t *sessiontest.Turn) { t.Miss("go", ""); t.Miss("ruby", "") }, func(w *world) {
		id := w.create("one")
		w.until(id, session.Idle)
		w.must(w.AnswerMissing(ctx, id, w.cards(id)[0].ID, false))
		if got := w.cards(id)[0].Missing.Answer; got != session.MissingDeclined || w.environment(w.get(id).Project) != nil {
			t.Errorf("the answer is %q", got)
		}
		w.reopen()
		other := w.create("two")
		w.until(other, session.Idle)
		if got := labels(w.cards(other)); !slices.Equal(got, []string{"ruby: Ruby 3.1"}) {
			t.Errorf("the cards are %q", got)
		}
		wanted := w.engine.Box(other).Started.Missing
		if wanted["go"] != "" || wanted["ruby"] != "ruby" || wanted["sudo"] == "" {
			t.Errorf("the supervisor is to report %v", wanted)
		}
		_, err := w.SetEnvironment(ctx, w.get(id).Project, session.EnvironmentChoice{Never: true})
		w.must(err)
		third := w.create("three")
		w.until(third, session.Idle)
		if got := labels(w.cards(third)); got != nil || len(w.engine.Box(third).Started.Missing) > 0 {
			t.Errorf("a user who does not want to be asked is asked %q", got)
		}
	})
}

func TestAThousandReportsAreThreeCards(t *testing.T) {
	turn := func(t *sessiontest.Turn) {
		for i := range 250 {
			for _, command := range []string{"go", "psql", "ruby", "php", "cargo", "sudo", "docker", "tsc", fmt.Sprint("x", i)} {
				t.Miss(command, "")
			}
		}
	}
	story(t, turn, func(w *world) {
		ctx := context.Background()
		w.git.Files = sessiontest.Files{"go": "1.24.4"}
		id := w.create("flood")
		w.until(id, session.Idle)
		w.reopen()
		_, err := w.Prompt(ctx, id, session.NewPrompt{Text: "again"})
		w.must(err)
		w.until(id, session.Idle)
		want := []string{"go: Go 1.24.4 go:1", "psql: postgresql-client", "ruby: Ruby 3.1"}
		if got := labels(w.cards(id)); !slices.Equal(got, want) {
			t.Errorf("the cards are %q", got)
		}
		text := strings.Join(w.transcript(id), "\n")
		for _, notice := range []string{
			"`sudo` does not work", "there is no `docker`", "`tsc` is one of the project's own dependencies",
			"`go mod download`",
		} {
			if n := strings.Count(text, notice); n != 1 {
				t.Errorf("%q is said %d times in\n%s", notice, n, text)
			}
		}
	})
}

func TestWhatTheEnvironmentHasIsNotOffered(t *testing.T) {
	ctx := context.Background()
	turn := func(t *sessiontest.Turn) {
		prompt, _, _ := strings.Cut(t.Prompt.Text, "\n")
		switch prompt {
		case "same":
			t.Miss("go", "")
			t.Miss("go", "1.25")
			t.Miss("psql", "")
		case "future":
			t.Miss("go", "1.99")
		case "newer":
			t.Miss("go", "1.26.1")
		case "root":
			t.Miss("sudo", "", "libpq-dev", "evil;name")
		}
	}
	story(t, turn, func(w *world) {
		w.git.Files = sessiontest.Files{"go": "1.24.4"}
		p, err := w.AddProject(ctx, "/code/shop")
		w.must(err)
		_, err = w.SetEnvironment(ctx, p.ID, session.EnvironmentChoice{Set: &session.Environment{
			Tools: []session.Toolchain{{Name: "go", Version: "1.25.4"}}, Packages: []string{"postgresql-client"},
		}})
		w.must(err)
		card := func(prompt string) (session.ID, []session.Item) {
			id := w.create(prompt)
			w.until(id, session.Idle)
			return id, w.cards(id)
		}
		for _, prompt := range []string{"same", "future", "root"} {
			id, cards := card(prompt)
			if len(cards) > 0 {
				t.Errorf("%s: the cards are %q", prompt, labels(cards))
			}
			text := strings.Join(w.transcript(id), "\n")
			if prompt == "root" && !strings.Contains(text, "`bga env shop --package libpq-dev`") {
				t.Errorf("the notice is\n%s", text)
			}
		}
		id, cards := card("newer")
		if got := labels(cards); !slices.Equal(got, []string{"go: Go 1.26.4"}) || cards[0].Missing.Wanted != "1.26.1" {
			t.Fatalf("the cards are %+v", cards)
		}
		w.must(w.AnswerMissing(ctx, id, cards[0].ID, true))
		want := []session.Toolchain{{Name: "go", Version: "1.25.4"}, {Name: "go", Version: "1.26.4"}}
		if got := w.environment(p.ID); !reflect.DeepEqual(got.Tools, want) || len(got.Packages) != 1 {
			t.Errorf("the environment is %+v", got)
		}
	})
}
