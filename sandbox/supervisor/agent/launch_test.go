package agent

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"background-agents/sandbox/wire"
)

func TestLaunchOpensAConversationWithItsOptions(t *testing.T) {
	h := configure(t, "")
	h.conf.Start.Model, h.conf.Start.Effort = "p/two", "high"
	h.launch()
	if h.Conversation() != "s1" {
		t.Errorf("conversation = %q", h.Conversation())
	}
	a := h.wait("agent entry", func(e wire.Entry) bool { return e.Agent != nil && e.Agent.Conversation != "" }).Agent
	if a.Conversation != "s1" || !a.Images || len(a.Options) != 3 {
		t.Fatalf("agent = %+v", a)
	}
	model, effort, fast := a.Options[0], a.Options[1], a.Options[2] // one of a kind that is not known is left out
	if model.Value != "p/two" || model.Category != "model" || len(model.Choices) != 2 || model.Choices[1].Name != "Two" {
		t.Errorf("model = %+v", model)
	}
	if len(effort.Choices) != 2 || effort.Choices[1].Value != "high" { // from within a group
		t.Errorf("effort = %+v", effort)
	}
	if fast.Value != "false" || len(fast.Choices) != 2 {
		t.Errorf("fast = %+v", fast)
	}
	h.waitLog(`"configId":"model"`)
	h.waitLog(`"configId":"effort","sessionId":"s1","value":"high"`)
	if err := h.SetOption(context.Background(), "fast", "true"); err != nil {
		t.Error(err)
	}
	h.waitLog(`"configId":"fast","sessionId":"s1","type":"boolean","value":true`)
	wantCode(t, h.SetOption(context.Background(), "model", "p/nine"), "invalid")
	wantCode(t, h.SetOption(context.Background(), "nothing", "x"), "invalid")
}

func TestUnknownOptionsAreNoticesAndTheSessionGoesOn(t *testing.T) {
	h := configure(t, "")
	h.conf.Start.Model, h.conf.Start.Mode = "gone/model", "plan"
	h.launch()
	h.prompt("hello")
	if got := h.j.items(); len(got) != 3 || !strings.Contains(got[0], "gone/model") || !strings.Contains(got[1], "plan") {
		t.Errorf("items = %q", got)
	}
}

func TestAgentsWithModelsAndModes(t *testing.T) {
	h := configure(t, "models")
	h.conf.Start.Model, h.conf.Start.Mode = "b", "code"
	h.launch()
	a := h.wait("agent entry", func(e wire.Entry) bool { return e.Agent != nil && e.Agent.Conversation != "" }).Agent
	if len(a.Options) != 2 || a.Options[0].Value != "b" || a.Options[0].Category != "model" || a.Options[1].Value != "code" {
		t.Errorf("options = %+v", a.Options)
	}
	h.waitLog(`session/set_model {"modelId":"b","sessionId":"s1"}`)
	h.waitLog(`session/set_mode {"modeId":"code","sessionId":"s1"}`)
	h.prompt("lines", `{"sessionUpdate":"current_mode_update","currentModeId":"ask"}`)
	h.wait("new mode", func(e wire.Entry) bool {
		return e.Agent != nil && len(e.Agent.Options) == 2 && e.Agent.Options[1].Value == "ask"
	})
}

func TestAConversationIsTakenUp(t *testing.T) {
	for mode, c := range map[string]struct{ conversation, want, notice string }{
		"":          {"s1", "s1", ""},
		"load only": {"s1", "s1", ""}, // what it says once more is not said again
		"plain":     {"s9", "s1", "cannot take up"},
	} {
		h := configure(t, mode)
		h.conf.Start.Conversation = c.conversation
		h.launch()
		if h.Conversation() != c.want {
			t.Errorf("%q: conversation = %q", mode, h.Conversation())
		}
		h.prompt("hello")
		got := h.j.items()
		if got[len(got)-1] != "message: echo: hello" || len(got) > 2 || (c.notice == "") != (len(got) == 1) || !strings.Contains(got[0], c.notice) {
			t.Errorf("%q: items = %q", mode, got)
		}
	}
	h := configure(t, "")
	h.conf.Start.Conversation = "lost"
	h.launch()
	if got := h.j.items(); h.Conversation() != "s1" || len(got) != 1 || !strings.Contains(got[0], "session not found") {
		t.Errorf("lost: %q, %q", h.Conversation(), got)
	}
}

func TestLaunchFailuresSayWhatToDo(t *testing.T) {
	for mode, want := range map[string]string{
		"dies at once": "libfoo.so is missing",
		"version 2":    "version 2",
		"auth":         "not signed in",
	} {
		h := configure(t, mode)
		_, err := Launch(context.Background(), h.conf)
		var e *wire.Error
		if !errors.As(err, &e) || !strings.Contains(e.Message, want) || e.Hint == "" {
			t.Errorf("%s: %v", mode, err)
		}
	}
	h := configure(t, "")
	h.conf.Start.Command = []string{"/nowhere/agent", "acp"}
	_, err := Launch(context.Background(), h.conf)
	if e := wantCode(t, err, "agent_failed"); !strings.Contains(e.Message, "“agent” could not be started: no such file") {
		t.Error(e.Message)
	}
	h.conf.Start.Command = nil
	_, err = Launch(context.Background(), h.conf)
	wantCode(t, err, "invalid")
}

func TestLaunchCanBeCancelled(t *testing.T) {
	h := configure(t, "hangs")
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	begun := time.Now()
	_, err := Launch(ctx, h.conf)
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(begun) > 10*time.Second {
		t.Errorf("%v after %v", err, time.Since(begun))
	}
	if n := marked(h.conf.Dir); n != 0 {
		t.Errorf("%d processes are left", n)
	}
}

func TestPreparedAgentIsReadyWhenItIsOpened(t *testing.T) {
	h := configure(t, "")
	p, err := Prepare(h.conf)
	if err != nil {
		t.Fatal(err)
	}
	h.conf.Start.Model = "p/two"
	a, err := p.Open(context.Background(), h.conf.Start)
	if err != nil {
		t.Fatal(err)
	}
	a.Close()
	p, err = Prepare(h.conf)
	if err != nil {
		t.Fatal(err)
	}
	p.Close()
	if n := marked(h.conf.Dir); n != 0 {
		t.Errorf("%d processes are left", n)
	}
}

func TestCloseEndsAllThatTheAgentStarted(t *testing.T) {
	h := launch(t, "ignores EOF")
	go h.Prompt(context.Background(), wire.Prompt{Text: "ignore cancel"})
	h.wait("ready", func(e wire.Entry) bool { return e.Delta != nil })
	if n := marked(h.conf.Dir); n != 3 {
		t.Errorf("%d processes, want 3", n)
	}
	begun := time.Now()
	h.Close()
	h.Close()
	if n := marked(h.conf.Dir); n != 0 || time.Since(begun) > 10*time.Second {
		t.Errorf("%d processes are left after %v", n, time.Since(begun))
	}
	select {
	case <-h.Done():
	default:
		t.Error("not done after Close")
	}
}

// marked counts the processes that an agent of this workspace started.
func marked(dir string) int {
	n := 0
	entries, _ := os.ReadDir("/proc")
	for _, e := range entries {
		env, err := os.ReadFile("/proc/" + e.Name() + "/environ")
		stat, _ := os.ReadFile("/proc/" + e.Name() + "/stat")
		if err == nil && strings.Contains(string(env), marker+dir+"\x00") && !strings.Contains(string(stat), ") Z ") {
			n++
		}
	}
	return n
}
