package backend_test

import (
	"strings"
	"testing"
	"time"

	"background-agents/backend/session"
	"background-agents/build/test/slow"
)

// qwen is an agent of the protocol's registry that the application knows nothing of.
var qwen = session.AgentConfig{
	ID: "qwen", Name: "Qwen Code", Command: []string{"qwen", "--acp", "--auth-type", "openai", "--approval-mode", "default"},
	Install: "npm", Package: "@qwen-code/qwen-code", Version: "0.24.4", Env: []string{"QWEN_CODE_DISABLE_TELEMETRY=1"},
	Models: []session.ModelAccess{{Protocol: session.OpenAI, BaseURL: "OPENAI_BASE_URL", Key: "OPENAI_API_KEY", Model: "OPENAI_MODEL"}},
}

func TestAnAgentIsAddedByConfigurationAlone(t *testing.T) {
	slow.Test(t)
	l := newLive(t)
	settings := *l.state().Settings
	settings.Agents = []session.AgentConfig{qwen}
	l.must(l.SaveSettings(ctx, settings))
	id := l.createWith("qwen", session.AllowAll, "demo: text I begin.\ndemo: write hello.txt hello\ndemo: bash git add -A && git commit -qm hello\ndemo: text All done.")
	defer l.tell(id)
	s := l.first(id)
	l.reads(s, "hello.txt", "hello")
	if log := l.git("log", "--format=%s", s.Branch); log != "hello\nfirst\n" {
		t.Errorf("the branch has %q", log)
	}
	said := ""
	for _, it := range l.of(id, session.KindMessage) {
		said += it.Text
	}
	if !strings.Contains(said, "All done.") {
		t.Errorf("it says %q", said)
	}
	l.must(l.Stop(ctx, id))
	after := l.next(id, "demo: bash cat hello.txt > again.txt")
	l.reads(after, "again.txt", "hello")
	other := qwen
	other.Version = "0.24.3"
	settings = *l.state().Settings
	settings.Agents = []session.AgentConfig{other}
	l.must(l.SaveSettings(ctx, settings))
	image := func() (status string) {
		for _, i := range l.state().Images {
			if i.Agent == "qwen" {
				status = i.Status
			}
		}
		return status
	}
	l.until(id, 10*time.Second, func(session.Session) bool { return image() == "missing" }) // it is rebuilt
	settings = *l.state().Settings
	settings.Agents = []session.AgentConfig{qwen}
	l.must(l.SaveSettings(ctx, settings))
	l.until(id, 10*time.Second, func(session.Session) bool { return image() == "current" })
	settings = *l.state().Settings
	settings.Agents = nil
	if session.CodeOf(l.SaveSettings(ctx, settings)) != session.CodeConflict {
		t.Error("an agent that has sessions can be dropped")
	}
}
