package session_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"background-agents/backend/session"
	"background-agents/backend/session/sessiontest"
)

var qwen = session.AgentConfig{
	ID: "qwen", Name: "Qwen Code", Command: []string{"qwen", "--acp"}, Install: "npm", Package: "@qwen-code/qwen-code", Version: "0.24.4",
	Models: []session.ModelAccess{{Protocol: session.OpenAI, BaseURL: "OPENAI_BASE_URL", Key: "OPENAI_API_KEY"}},
}

func TestWhatIsNoAgentIsRefused(t *testing.T) {
	with := func(f func(c *session.AgentConfig)) session.AgentConfig {
		c := qwen
		c.Models = slices.Clone(c.Models)
		f(&c)
		return c
	}
	story(t, nil, func(w *world) {
		for name, list := range map[string][]session.AgentConfig{
			"an id of the application's": {with(func(c *session.AgentConfig) { c.ID = "opencode" })},
			"the same id twice":          {qwen, qwen},
			"an id with a space":         {with(func(c *session.AgentConfig) { c.ID = "a b" })},
			"no name":                    {with(func(c *session.AgentConfig) { c.Name = " " })},
			"no command":                 {with(func(c *session.AgentConfig) { c.Command = nil })},
			"a package with a switch":    {with(func(c *session.AgentConfig) { c.Package = "--registry=x" })},
			"a package from elsewhere":   {with(func(c *session.AgentConfig) { c.Package = "https://example.com/x.tgz" })},
			"a version with a command":   {with(func(c *session.AgentConfig) { c.Version = "1; rm" })},
			"debian's with a switch":     {with(func(c *session.AgentConfig) { c.Install, c.Package = "apt", "-o x" })},
			"a command of two lines":     {with(func(c *session.AgentConfig) { c.Install, c.Package = "shell", "a\nRUN b" })},
			"no way to install":          {with(func(c *session.AgentConfig) { c.Install = "pip" })},
			"no models":                  {with(func(c *session.AgentConfig) { c.Models = nil })},
			"an unknown protocol":        {with(func(c *session.AgentConfig) { c.Models[0].Protocol = "gemini" })},
			"no variable for the key":    {with(func(c *session.AgentConfig) { c.Models[0].Key = "A=B" })},
			"an environment of no form":  {with(func(c *session.AgentConfig) { c.Env = []string{"A B"} })},
		} {
			settings := w.Settings()
			settings.Agents = list
			err := w.SaveSettings(ctx, settings)
			if session.CodeOf(err) != session.CodeInvalid || session.AsError(err).Hint == "" {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}

func TestAnAgentOfTheUsersIsOneLikeTheOthers(t *testing.T) {
	story(t, func(t *sessiontest.Turn) { t.Say("m1", "hello") }, func(w *world) {
		settings := w.Settings()
		settings.Agents = []session.AgentConfig{qwen}
		w.must(w.SaveSettings(ctx, settings))
		w.reopen()
		agents, err := w.Agents(ctx)
		w.must(err)
		if len(agents) != 2 || agents[1].ID != "qwen" || !agents[1].Own || agents[1].Args["AGENT_PACKAGE"] != "@qwen-code/qwen-code@0.24.4" {
			t.Fatalf("agents are %+v", agents)
		}
		w.engine.Lock()
		w.engine.Built, w.engine.BuildTime = false, 10*time.Second
		w.engine.Unlock()
		p, err := w.AddProject(ctx, "/code/shop")
		w.must(err)
		s, err := w.Create(ctx, session.NewSession{Project: p.ID, Agent: "qwen", Prompt: session.NewPrompt{Text: "work"}})
		w.must(err)
		time.Sleep(time.Second)
		synctest.Wait()
		if got := w.images(); got["qwen"] != "building" || got["opencode"] == "building" {
			t.Errorf("while it is built the images are %v", got)
		}
		w.until(s.ID, session.Idle)
		if got := w.images(); got["qwen"] != "current" {
			t.Errorf("after that the images are %v", got)
		}
		settings = w.Settings()
		settings.Agents = nil
		code(t, w.SaveSettings(ctx, settings), session.CodeConflict)
		w.must(w.Delete(ctx, s.ID, true))
		w.must(w.SaveSettings(ctx, settings))
		other, err := w.Create(ctx, session.NewSession{Project: p.ID, Prompt: session.NewPrompt{Text: "more"}})
		w.must(err)
		if other.Agent != "opencode" {
			t.Errorf("the project's agent is gone, and a new session has %q", other.Agent)
		}
	})
}

func TestAnAgentThatIsChangedWhileItsImageIsBuiltIsBuiltAsItIsNow(t *testing.T) {
	story(t, hello, func(w *world) {
		settings := w.Settings()
		settings.Agents = []session.AgentConfig{qwen}
		w.must(w.SaveSettings(ctx, settings))
		w.engine.Lock()
		w.engine.Built, w.engine.BuildTime = false, 10*time.Second
		w.engine.Unlock()
		w.must(w.BuildImage(ctx, "qwen"))
		time.Sleep(time.Second)
		changed := qwen
		changed.Version = "0.25.0"
		settings = w.Settings()
		settings.Agents = []session.AgentConfig{changed}
		w.must(w.SaveSettings(ctx, settings))
		p, err := w.AddProject(ctx, "/code/shop")
		w.must(err)
		s, err := w.Create(ctx, session.NewSession{Project: p.ID, Agent: "qwen", Prompt: session.NewPrompt{Text: "work"}})
		w.must(err)
		w.until(s.ID, session.Idle)
		w.engine.Lock()
		defer w.engine.Unlock()
		if got := w.engine.BuiltFrom.Args["AGENT_PACKAGE"]; got != "@qwen-code/qwen-code@0.25.0" {
			t.Errorf("the image was built from %s", got)
		}
	})
}

// images returns the status of each agent's image, as a new watcher is told.
func (w *world) images() map[string]string {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	found := map[string]string{}
	_ = w.Watch(ctx, func(e session.Event) {
		for _, i := range e.Images {
			found[i.Agent] = i.Status
		}
		cancel()
	})
	return found
}
