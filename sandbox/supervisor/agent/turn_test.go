package agent

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"background-agents/sandbox/wire"
)

func turnOf(h *harness, text string) (string, int64, int64, *wire.Error) {
	return h.Prompt(context.Background(), wire.Prompt{ID: "p", Text: text})
}

func TestATurnReturnsItsStopAndTokens(t *testing.T) {
	h := launch(t, "")
	stop, in, out, err := turnOf(h, "hello")
	if stop != "end_turn" || in != 13 || out != 2 || err != nil {
		t.Errorf("%s %d %d %v", stop, in, out, err)
	}
	for reason, want := range map[string]string{"max_tokens": "max_tokens", "refusal": "refusal", "cancelled": "cancelled", "max_turn_requests": "max_tokens", "odd": "end_turn"} {
		if stop, _, _, err := turnOf(h, "stop\n"+reason); stop != want || err != nil {
			t.Errorf("%s: %s, %v", reason, stop, err)
		}
	}
}

func TestErrorsOfATurnAreExplained(t *testing.T) {
	h := launch(t, "")
	for said, want := range map[string]struct{ code, text, hint string }{
		"-32603 Internal error: scripted failure 400":    {"model_failed", "error: scripted failure 400", "another model"},
		"-32603 Internal error: 401 Unauthorized":        {"model_failed", "401 Unauthorized", "key or the login"},
		"-32000 Authentication required":                 {"model_failed", "not signed in", "key or the login"},
		"-32603 Internal error: Rate limit reached":      {"model_failed", "Rate limit", "limit is over"},
		"-32603 prompt is too long: 250000 tokens":       {"model_failed", "too long", "/compact"},
		"-32603 Unable to connect. Is the computer able": {"model_failed", "Unable to connect", "disturbed"},
		"-32603 Internal error: 529 Overloaded":          {"model_failed", "529", "disturbed"},
		"-32601 Method not found":                        {"agent_failed", "Method not found", ""},
	} {
		stop, _, _, err := turnOf(h, "error\n"+said)
		if stop != "error" || err == nil || err.Code != want.code || !strings.Contains(err.Message, want.text) || !strings.Contains(err.Hint, want.hint) {
			t.Errorf("%s: %s, %+v", said, stop, err)
		}
	}
	h.prompt("and it goes on")
}

func TestDeathInATurnIsAnErrorWithItsLastWords(t *testing.T) {
	h := launch(t, "")
	stop, _, _, err := turnOf(h, "die")
	if stop != "error" || err == nil || err.Code != "agent_failed" || !strings.Contains(err.Message, "exit status 3: panic: out of luck") {
		t.Errorf("%s, %+v", stop, err)
	}
	if got := strings.Join(h.j.items(), "|"); got != "tool: failed bash|message: last words" {
		t.Errorf("items = %s", got)
	}
	<-h.Done()
	stop, _, _, err = turnOf(h, "again")
	if stop != "error" || err == nil || err.Code != "agent_failed" {
		t.Errorf("after death: %s, %+v", stop, err)
	}
	if h.Cancel(context.Background()) != nil || h.Close() != nil {
		t.Error("cancel or close of a dead agent fails")
	}
}

func TestCancelEndsATurn(t *testing.T) {
	h := launch(t, "")
	if err := h.Cancel(context.Background()); err != nil {
		t.Error(err)
	}
	for _, by := range []string{"Cancel", "ctx"} {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		stops := make(chan string)
		go func() {
			stop, _, _, _ := h.Prompt(ctx, wire.Prompt{Text: "hang"})
			stops <- stop
		}()
		h.wait("tool", func(e wire.Entry) bool { return e.Tool != nil && e.Tool.Status == "running" })
		if _, _, _, err := turnOf(h, "a second one"); err == nil || err.Code != "conflict" {
			t.Errorf("a second prompt: %v", err)
		}
		if by == "ctx" {
			cancel()
		} else if err := h.Cancel(context.Background()); err != nil {
			t.Error(err)
		}
		if stop := <-stops; stop != "cancelled" {
			t.Errorf("%s: %s", by, stop)
		}
		if tool := h.j.tools()["sleep"]; tool.Status != "failed" {
			t.Errorf("%s: %+v", by, tool)
		}
		h.j.entries = nil
	}
	h.prompt("it lives")
}

func TestCancelKillsAnAgentThatIgnoresIt(t *testing.T) {
	h := launch(t, "")
	stops := make(chan string)
	go func() { stop, _, _, _ := turnOf(h, "ignore cancel"); stops <- stop }()
	h.wait("ready", func(e wire.Entry) bool { return e.Delta != nil })
	begun := time.Now()
	if err := h.Cancel(context.Background()); err != nil {
		t.Error(err)
	}
	if stop, took := <-stops, time.Since(begun); stop != "cancelled" || took < 600*time.Millisecond || took > 10*time.Second {
		t.Errorf("%s after %v", stop, took)
	}
	<-h.Done()
	if n := marked(h.conf.Dir); n != 0 {
		t.Errorf("%d processes are left", n)
	}
}

func TestPromptCarriesFiles(t *testing.T) {
	h := launch(t, "")
	dir := t.TempDir()
	file := func(name, mime, text string) wire.File {
		p := filepath.Join(dir, name)
		if err := os.WriteFile(p, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		return wire.File{Path: p, Name: name, Mime: mime}
	}
	stop, _, _, err := h.Prompt(context.Background(), wire.Prompt{Text: "blocks", Files: []wire.File{
		file("pic ü.png", "image/png", "PNG"), file("a.txt", "text/plain", "short text"), file("big.txt", "text/plain", strings.Repeat("x", maxEmbedded+1)),
		file("a.zip", "application/zip", "\xff\xfe"), {Path: dir + "/none.png", Name: "none.png", Mime: "image/png"}, file("huge.png", "image/png", strings.Repeat("x", maxImage+1)),
	}})
	if stop != "end_turn" {
		t.Fatal(err)
	}
	for _, want := range []string{
		`"data":"UE5H","mimeType":"image/png"`, `pic%20%C3%BC.png`, `"text":"short text"`, `"type":"resource_link"`, `big.txt`,
		`Attached file “a.zip” (application/zip): ` + dir + `/a.zip`, `Attached file “none.png”`, `Attached file “huge.png”`,
	} {
		h.waitLog(want)
	}
}
