package backend_test

import (
	"strings"
	"testing"
	"time"

	"background-agents/backend"
	"background-agents/backend/session"
	"background-agents/build/test/slow"
)

// createWith starts a session of an agent on the demo model.
func (l *live) createWith(agent string, policy session.Policy, prompt string) session.ID {
	l.t.Helper()
	p, err := l.AddProject(ctx, l.repo)
	l.must(err)
	s, err := l.Create(ctx, session.NewSession{
		Project: p.ID, Agent: agent, Model: "demo/scripted", Policy: policy, Network: session.Offline, Prompt: session.NewPrompt{Text: prompt},
	})
	l.must(err)
	return s.ID
}

// next gives a prompt to a session and waits for the end of its turn.
func (l *live) next(id session.ID, prompt string) session.Session {
	l.t.Helper()
	turns := l.get(id).Turns
	_, err := l.Prompt(ctx, id, session.NewPrompt{Text: prompt})
	l.must(err)
	return l.until(id, 2*time.Minute, func(s session.Session) bool { return s.Turns > turns && settled(session.Idle)(s) })
}

// every runs a test for every agent of the application.
func every(t *testing.T, f func(t *testing.T, l *live, agent string)) {
	l := newLive(t)
	for _, a := range backend.Agents {
		t.Run(a.Name, func(t *testing.T) {
			defer l.within(t)()
			f(t, l, a.ID)
		})
	}
}

// each is every, but that it is slow for all agents but the first.
func each(t *testing.T, f func(t *testing.T, l *live, agent string)) {
	every(t, func(t *testing.T, l *live, agent string) {
		if agent != backend.Agents[0].ID {
			slow.Test(t)
		}
		f(t, l, agent)
	})
}

// within puts the subtest t in place of the test, until the function that it returns is called.
func (l *live) within(t *testing.T) (end func()) {
	was := l.t
	l.t = t
	return func() { l.t = was }
}

// tell logs a transcript where the test has failed.
func (l *live) tell(id session.ID) {
	if !l.t.Failed() {
		return
	}
	for _, it := range l.items(id) {
		l.t.Logf("%s %.300q %+v %+v %+v", it.Kind, it.Text, it.Tool, it.Permission, it.Error)
	}
}

func (l *live) of(id session.ID, kind session.Kind) []session.Item {
	l.t.Helper()
	var found []session.Item
	for _, it := range l.items(id) {
		if it.Kind == kind {
			found = append(found, it)
		}
	}
	return found
}

func TestEveryAgentFinishesTheSameWorkAndGoesOnAfterAStop(t *testing.T) {
	every(t, func(t *testing.T, l *live, agent string) {
		id := l.createWith(agent, session.AllowAll, "demo: text I begin.\ndemo: write hello.txt hello\ndemo: edit hello.txt hello => bye\ndemo: bash git add -A && git commit -qm bye\ndemo: text All done.")
		defer l.tell(id)
		s := l.first(id)
		l.reads(s, "hello.txt", "bye")
		if log := l.git("log", "--format=%s", s.Branch); log != "bye\nfirst\n" {
			t.Errorf("the branch has %q", log)
		}
		if s.Model != "demo/scripted" || s.Usage.ContextUsed == 0 || s.Usage.ContextSize == 0 || s.Usage.Cost != 0 {
			t.Errorf("model %q, usage %+v", s.Model, s.Usage)
		}
		if asked := l.of(id, session.KindPermission); len(asked) != 0 {
			t.Errorf("it asks although all is allowed: %+v", asked[0].Permission)
		}
		if notices := l.of(id, session.KindNotice); len(notices) != 0 {
			t.Errorf("it says %q", notices[0].Text)
		}
		turn := l.of(id, session.KindTurn)[0].Result
		if turn.Stop != "end_turn" || turn.Tokens == 0 {
			t.Errorf("turn is %+v", turn)
		}
		var said []string
		for _, it := range l.of(id, session.KindMessage) {
			said = append(said, strings.TrimSpace(it.Text))
		}
		if got := strings.Join(said, "|"); got != "I begin.|All done." {
			t.Errorf("it says %q", got)
		}
		l.must(l.Stop(ctx, id)) // the sandbox: no turn runs
		l.until(id, time.Minute, settled(session.Stopped))
		after := l.next(id, "demo: bash cat hello.txt > again.txt")
		l.reads(after, "again.txt", "bye")
		if after.Conversation != s.Conversation || after.Conversation == "" {
			t.Errorf("the conversation was %q and is %q", s.Conversation, after.Conversation)
		}
		if notices := l.of(id, session.KindNotice); len(notices) != 0 {
			t.Errorf("resumed, it says %q", notices[0].Text)
		}
	})
}

func TestEveryAgentAsksWhereItShould(t *testing.T) {
	each(t, func(t *testing.T, l *live, agent string) {
		id := l.createWith(agent, session.Ask, "demo: bash echo yes > asked.txt\ndemo: bash echo no > refused.txt\ndemo: text All done.")
		defer l.tell(id)
		last := ""
		for _, kind := range []string{"allow_once", "reject_once"} {
			ask := l.asked(id, last)
			last = ask.ID
			if file := map[string]string{"allow_once": "asked.txt", "reject_once": "refused.txt"}[kind]; !strings.Contains(ask.Detail+ask.Title, file) {
				t.Errorf("the request is %+v", ask)
			}
			for _, o := range ask.Options {
				if o.Kind == kind {
					l.must(l.Answer(ctx, id, ask.ID, o.ID))
				}
			}
			if session.CodeOf(l.Answer(ctx, id, ask.ID, ask.Options[0].ID)) != session.CodeConflict {
				t.Error("a second answer is taken")
			}
		}
		s := l.until(id, time.Minute, settled(session.Idle))
		l.reads(s, "asked.txt", "yes")
		l.reads(s, "refused.txt", "")
		l.must(l.SetPolicy(ctx, id, session.AllowAll))
		s = l.next(id, "demo: bash echo now > now.txt")
		l.reads(s, "now.txt", "now")
		l.must(l.SetPolicy(ctx, id, session.Ask))
		_, err := l.Prompt(ctx, id, session.NewPrompt{Text: "demo: bash echo later > later.txt"})
		l.must(err)
		l.asked(id, last)
	})
}

// asked waits for a request that nobody has answered, after the last one that was: its answer takes its time to show.
func (l *live) asked(id session.ID, last string) *session.Permission {
	l.t.Helper()
	var open *session.Permission
	l.until(id, firstImage, func(s session.Session) bool {
		for _, it := range l.of(id, session.KindPermission) {
			if open = it.Permission; open.Answer == "" && open.ID != last {
				return s.Status == session.NeedsYou
			}
		}
		return false
	})
	return open
}

func TestEveryAgentStopsAndGoesOn(t *testing.T) {
	each(t, func(t *testing.T, l *live, agent string) {
		id := l.createWith(agent, session.AllowAll, "demo: bash echo begun > begun.txt\ndemo: bash tail -f /dev/null")
		defer l.tell(id)
		l.until(id, firstImage, func(s session.Session) bool { return s.Tools >= 2 })
		time.Sleep(time.Second)
		began := time.Now()
		l.must(l.Stop(ctx, id))
		l.until(id, 10*time.Second, func(s session.Session) bool { return s.WorkedSince == 0 })
		if took := time.Since(began); took > 1500*time.Millisecond {
			t.Errorf("it took %v", took)
		}
		s := l.until(id, 10*time.Second, settled(session.Idle))
		conversation := s.Conversation
		s = l.next(id, "demo: text Again.")
		if s.Error != nil || s.Conversation != conversation {
			t.Errorf("the next turn says %+v, in conversation %q after %q", s.Error, s.Conversation, conversation)
		}
	})
}

func TestModesAndModelsAreTheSameWordsForEveryAgent(t *testing.T) {
	each(t, func(t *testing.T, l *live, agent string) {
		id := l.createWith(agent, session.AllowAll, "demo: text Hello.")
		defer l.tell(id)
		s := l.first(id)
		values := map[string][]string{}
		for _, o := range s.Options {
			for _, c := range o.Choices {
				values[o.Category] = append(values[o.Category], c.Value)
			}
		}
		if got := strings.Join(values["mode"], " "); got != "build plan" || s.Mode != "build" {
			t.Errorf("modes are %q, mode %q", got, s.Mode)
		}
		if got := strings.Join(values["model"], " "); got != "demo/scripted" {
			t.Errorf("models are %q", got)
		}
		for _, o := range s.Options {
			if o.Category == "mode" {
				l.must(l.SetOption(ctx, id, o.ID, "plan"))
			}
		}
		l.until(id, time.Minute, func(s session.Session) bool { return s.Mode == "plan" })
		if s = l.next(id, "demo: text I plan."); s.Mode != "plan" {
			t.Errorf("after a turn the mode is %q", s.Mode)
		}
	})
}
