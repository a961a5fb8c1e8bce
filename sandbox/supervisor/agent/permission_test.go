package agent

import (
	"context"
	"strings"
	"sync"
	"testing"

	"background-agents/sandbox/wire"
)

const askEdit = `{"toolCallId":"t1","title":"a.txt","kind":"edit","rawInput":{"filepath":"a.txt","diff":"-1\n+2\n"},"content":[{"type":"diff","path":"a.txt","oldText":"1\n","newText":"2\n3\n"}]}`
const askShell = `{"toolCallId":"t1","title":"rm -rf x","kind":"execute","rawInput":{"command":"rm -rf x"}}`

func open(e wire.Entry) bool { return e.Permission != nil && e.Permission.Answer == "" }

func TestAPermissionWaitsForTheFirstAnswer(t *testing.T) {
	h := launch(t, "")
	done := make(chan string)
	go func() { stop, _, _, _ := turnOf(h, "ask\n"+askShell); done <- stop }()
	p := h.wait("request", open).Permission
	if p.Title != "rm -rf x" || p.Detail != "rm -rf x" || len(p.Options) != 3 || p.Options[0] != (wire.PermissionOption{ID: "once", Name: "Allow", Kind: "allow_once"}) {
		t.Errorf("request = %+v", p)
	}
	if tool := h.wait("tool", func(e wire.Entry) bool { return e.Tool != nil }).Tool; p.Tool != tool.Item {
		t.Errorf("tool = %q, want %q", p.Tool, tool.Item)
	}
	wantCode(t, h.Answer("unknown", "once"), "conflict")
	wantCode(t, h.Answer(p.ID, "perhaps"), "invalid")
	var wg sync.WaitGroup
	errs := make(chan error, 8)
	for range 8 {
		wg.Go(func() { errs <- h.Answer(p.ID, "no") })
	}
	wg.Wait()
	close(errs)
	won := 0
	for err := range errs {
		if err == nil {
			won++
		} else {
			wantCode(t, err, "conflict")
		}
	}
	if won != 1 || <-done != "end_turn" {
		t.Errorf("%d answers won", won)
	}
	got := h.j.items()
	if got[1] != "permission: no user" || !strings.Contains(got[2], `"optionId":"no"`) {
		t.Errorf("items = %q", got)
	}
}

func TestPoliciesAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		policy, ask string
		waits       bool
	}{
		"all, shell":           {"allow_all", askShell, false},
		"edits, edit":          {"allow_edits", askEdit, false},
		"edits, shell":         {"allow_edits", askShell, true},
		"edits, edit outside":  {"allow_edits", strings.Replace(askEdit, `"kind":"edit"`, `"kind":"edit","locations":[{"path":"/etc/passwd"}]`, 1), true},
		"ask, edit":            {"ask", askEdit, true},
		"unknown policy, edit": {"", askEdit, true},
	} {
		h := configure(t, "")
		h.conf.Start.Policy = c.policy
		if h.launch(); c.waits {
			done := make(chan string)
			go func() { stop, _, _, _ := turnOf(h, "ask\n"+c.ask); done <- stop }()
			h.wait(name, open)
			h.SetPolicy("allow_all") // answers what is open
			<-done
		} else {
			h.prompt("ask", c.ask)
		}
		if got := h.j.items()[1]; got != "permission: once policy" {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestAPermissionShowsWhatAnEditDoes(t *testing.T) {
	h := configure(t, "")
	h.conf.Start.Policy = "allow_all"
	h.launch()
	h.prompt("ask", askEdit)
	tool := h.j.tools()["tool"]
	if len(tool.Edits) != 1 || tool.Edits[0] != (wire.Edit{Path: "a.txt", Added: 2, Removed: 1}) {
		t.Errorf("tool = %+v", tool)
	}
	h.wait("detail", func(e wire.Entry) bool { return e.Permission != nil && e.Permission.Detail == "-1\n+2\n" })
}

func TestCancelEndsOpenRequests(t *testing.T) {
	h := launch(t, "")
	done := make(chan string)
	go func() { stop, _, _, err := turnOf(h, "ask and hang"); done <- stop; _ = err }()
	p := h.wait("request", open).Permission
	if err := h.Cancel(context.Background()); err != nil || <-done != "cancelled" {
		t.Error(err)
	}
	wantCode(t, h.Answer(p.ID, "once"), "conflict")
	if got := strings.Join(h.j.items(), "|"); got != "permission: cancelled |permission: cancelled " {
		t.Errorf("items = %s", got)
	}
	h.waitLog(`note: answered {"outcome":{"outcome":"cancelled"}}`)
	h.waitLog(`note: late {"outcome":{"outcome":"cancelled"}}`)
	h.prompt("it lives")
}

func TestAnAgentThatDiesTakesItsRequestsWithIt(t *testing.T) {
	h := launch(t, "")
	done := make(chan string)
	go func() { stop, _, _, _ := turnOf(h, "ask\n"+askShell); done <- stop }()
	h.wait("request", open)
	h.proc.kill()
	if stop := <-done; stop != "error" {
		t.Errorf("stop = %s", stop)
	}
	h.wait("end", func(e wire.Entry) bool { return e.Permission != nil && e.Permission.Answer == "cancelled" })
}
