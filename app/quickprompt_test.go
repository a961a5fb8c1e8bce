package app

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"

	"background-agents/backend/session"
)

// fakeQuick notes what it is asked.
type fakeQuick struct{ sh *fakeShell }

func (f fakeQuick) open()        { f.sh.note("quick open") }
func (f fakeQuick) ready()       { f.sh.note("quick ready") }
func (f fakeQuick) resize(h int) { f.sh.note("quick %d high", h) }
func (f fakeQuick) hide()        { f.sh.note("quick hide") }
func (f fakeQuick) stop()        { f.sh.note("quick stop") }

func quickWindowed(t *testing.T, ops *fakeOps) (*window, *fakeShell) {
	t.Helper()
	w, sh, _ := fakeWindow(t, ops)
	w.quick = fakeQuick{sh}
	return w, sh
}

func TestQuickPromptLeavesTheMainWindowAsItIs(t *testing.T) {
	w, sh := quickWindowed(t, newFakeOps())
	a := &API{w}
	w.tray.do(trayAction{Kind: "spawn"})
	w.startedAgain([]string{quickPromptFlag})
	a.ResizeQuickPrompt(10)
	a.ResizeQuickPrompt(5000)
	a.QuickPromptReady()
	a.EndQuickPrompt(QuickPromptEnd{})
	a.EndQuickPrompt(QuickPromptEnd{Started: "a", Title: "Fix <b>login</b>"})
	want := []string{
		"quick open", "quick open", "quick 160 high", "quick 560 high", "quick ready", "quick hide",
		"quick hide", "notify Started: Fix ‹b›login‹/b›",
	}
	if did := sh.noted(); !reflect.DeepEqual(did, want) {
		t.Errorf("did %q", did)
	}
}

func TestQuickPromptLeadsToTheMainWindow(t *testing.T) {
	w, sh := quickWindowed(t, newFakeOps())
	(&API{w}).EndQuickPrompt(QuickPromptEnd{Show: &Show{View: "settings", Page: "models"}})
	w.startedAgain(nil)
	want := []string{"quick hide", "show", "emit show {Session: View:settings Page:models}", "show"}
	if did := sh.noted(); !reflect.DeepEqual(did, want) {
		t.Errorf("did %q", did)
	}
}

func TestSnapshotIsTheStateOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ops := newFakeOps()
		w, _ := quickWindowed(t, ops)
		go func() { ops.events <- works(2) }()
		e, err := (&API{w}).Snapshot()
		if err != nil || !e.State || len(e.Sessions) != 2 {
			t.Errorf("got %+v, %v", e, err)
		}
		go func() { ops.fails <- &session.Error{Code: session.CodeInternal, Message: "no"} }()
		if _, err := (&API{w}).Snapshot(); session.CodeOf(err) != session.CodeInternal {
			t.Errorf("a failure is %v", err)
		}
	})
}

func TestBridgeCallsWithItsTokenOnly(t *testing.T) {
	w, sh := quickWindowed(t, newFakeOps())
	next := http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) { rw.WriteHeader(http.StatusTeapot) })
	h := w.bridge.handler(next)
	cases := []struct {
		name, method, path, token, body string
		status                          int
		answer                          string
	}{
		{"another path", "GET", "/", "", "", http.StatusTeapot, ""},
		{"no token", "POST", "/quick/call/OpenURL", "", `["https://a.example"]`, http.StatusForbidden, "forbidden"},
		{"a wrong token", "POST", "/quick/call/OpenURL", "x", `["https://a.example"]`, http.StatusForbidden, "forbidden"},
		{"a GET", "GET", "/quick/call/OpenURL", w.bridge.token, `["https://a.example"]`, http.StatusForbidden, "forbidden"},
		{"a call", "POST", "/quick/call/OpenURL", w.bridge.token, `["https://a.example"]`, http.StatusOK, "null"},
		{"a refusal", "POST", "/quick/call/OpenURL", w.bridge.token, `["file:///x"]`, http.StatusUnprocessableEntity, `"code":"invalid"`},
		{"a result", "POST", "/quick/call/PickFolder", w.bridge.token, `[]`, http.StatusOK, `"/home/u/code"`},
		{"an unknown method", "POST", "/quick/call/Nothing", w.bridge.token, `[]`, http.StatusUnprocessableEntity, "no method"},
		{"too few arguments", "POST", "/quick/call/OpenURL", w.bridge.token, `[]`, http.StatusUnprocessableEntity, "takes 1 arguments"},
		{"an argument of another type", "POST", "/quick/call/OpenURL", w.bridge.token, `[7]`, http.StatusUnprocessableEntity, "argument 1"},
		{"no JSON", "POST", "/quick/call/OpenURL", w.bridge.token, `x`, http.StatusUnprocessableEntity, "read the arguments"},
		{"a body without end", "POST", "/quick/call/OpenURL", w.bridge.token, strings.Repeat("x", maxCall+1), http.StatusRequestEntityTooLarge, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			r := httptest.NewRequest(c.method, c.path, strings.NewReader(c.body))
			if c.token != "" {
				r.Header.Set("X-Token", c.token)
			}
			rec := httptest.NewRecorder()
			h.ServeHTTP(rec, r)
			if rec.Code != c.status || !strings.Contains(rec.Body.String(), c.answer) {
				t.Errorf("answers %d %q", rec.Code, rec.Body)
			}
		})
	}
	if did := sh.noted(); !reflect.DeepEqual(did, []string{"browse https://a.example"}) {
		t.Errorf("did %q", did)
	}
}

func TestQuickPromptOfAnotherProcess(t *testing.T) {
	w, sh, _ := fakeWindow(t, newFakeOps())
	q := newQuickPrompt(w).(*processQuickPrompt)
	starts := 0
	q.command = func() (*exec.Cmd, error) {
		starts++
		return exec.Command("sh", "-c", `while read -r line; do echo '{"started":"a","title":"Fix '$line'"}'; done`), nil
	}
	q.open()
	q.open()
	q.stop() // waits until all is told
	want := []string{"notify Started: Fix open", "notify Started: Fix open"}
	if did := sh.noted(); !reflect.DeepEqual(did, want) || starts != 1 {
		t.Errorf("%d starts, did %q", starts, did)
	}
}

func TestQuickPromptFallsBackToTheMainWindow(t *testing.T) {
	w, sh, _ := fakeWindow(t, newFakeOps())
	q := newQuickPrompt(w).(*processQuickPrompt)
	q.command = func() (*exec.Cmd, error) { return exec.Command("/nowhere/program"), nil }
	q.open()
	if did := sh.noted(); !reflect.DeepEqual(did, []string{"show", "emit show {Session: View: Page:}"}) {
		t.Errorf("did %q", did)
	}
}

func TestQuickWindowIsShownWhenItsPageTakesKeys(t *testing.T) {
	w, sh, _ := fakeWindow(t, newFakeOps())
	var out bytes.Buffer
	options := quickWindowOptions(w, strings.NewReader(""), &out)
	if !options.Frameless || !options.AlwaysOnTop || !options.StartHidden || !options.HideWindowOnClose {
		t.Errorf("options are %+v", options)
	}
	q := w.quick.(*quickWindow)
	q.open()
	if did := sh.noted(); len(did) != 0 {
		t.Errorf("before the page is ready: %q", did)
	}
	q.ready()
	q.open()
	(&API{w}).EndQuickPrompt(QuickPromptEnd{Started: "a", Title: "Fix"})
	want := []string{"centre", "show", "emit quick <nil>", "centre", "show", "emit quick <nil>", "hide application"}
	if did := sh.noted(); !reflect.DeepEqual(did, want) {
		t.Errorf("did %q", did)
	}
	if out.String() != `{"started":"a","title":"Fix","show":null}`+"\n" {
		t.Errorf("told %q", &out)
	}
}

func TestQuickWindowEndsWithItsInput(t *testing.T) {
	w, sh, _ := fakeWindow(t, newFakeOps())
	quickWindowOptions(w, nil, io.Discard)
	w.quick.ready()
	w.quick.(*quickWindow).follow(strings.NewReader("open\n"))
	want := []string{"centre", "show", "emit quick <nil>", "quit"}
	if did := sh.noted(); !reflect.DeepEqual(did, want) {
		t.Errorf("did %q", did)
	}
}
