package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"strings"
	"testing"

	"background-agents/backend/control"
	"background-agents/backend/session"
)

func works(n int) session.Event {
	e := session.Event{State: true}
	for i := range n {
		e.Sessions = append(e.Sessions, session.Session{ID: session.ID(rune('a' + i)), Status: session.Working})
	}
	return e
}

func TestClosingTheWindow(t *testing.T) {
	cases := []struct {
		name    string
		tray    bool
		working int
		yes     bool
		stays   bool
		does    string
	}{
		{"hides it where there is a tray", true, 2, false, true, "hide"},
		{"quits where nothing works", false, 0, false, false, ""},
		{"asks where something works, and stays", false, 1, false, true, "ask 1 session is working"},
		{"asks where something works, and quits", false, 2, true, false, "ask 2 sessions are working"},
	}
	for _, c := range cases {
		w, sh, bar := fakeWindow(t, newFakeOps())
		w.tray.started, bar.here, sh.yes = true, c.tray, c.yes
		w.roster.apply(works(c.working))
		if got := w.beforeClose(); got != c.stays {
			t.Errorf("%s: stays is %v", c.name, got)
		}
		if did := strings.Join(sh.noted(), ";"); !strings.HasPrefix(did, c.does) {
			t.Errorf("%s: did %q", c.name, did)
		}
	}
}

func TestQuitQuitsWhereClosingWouldHide(t *testing.T) {
	w, sh, bar := fakeWindow(t, newFakeOps())
	w.tray.started, bar.here = true, true
	w.quit()
	if w.beforeClose() {
		t.Error("the window stays")
	}
	if did := sh.noted(); !reflect.DeepEqual(did, []string{"quit"}) {
		t.Errorf("did %q", did)
	}
}

func TestBoundsAreKeptUnlessTheyMakeNoSense(t *testing.T) {
	home := t.TempDir()
	if b, kept := loadBounds(home); kept || b != firstBounds {
		t.Errorf("first start: %+v %v", b, kept)
	}
	want := Bounds{X: -20, Y: 10, Width: 1000, Height: 800, Maximised: true}
	saveBounds(home, want)
	saveBounds(home, Bounds{Width: 640, Height: 240})
	if b, kept := loadBounds(home); !kept || b != want {
		t.Errorf("got %+v %v", b, kept)
	}
	for _, bad := range []string{"", "{", `{"width":-1,"height":5}`, `{"width":999999,"height":999999}`} {
		if err := os.WriteFile(boundsFile(home), []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if b, kept := loadBounds(home); kept || b != firstBounds {
			t.Errorf("%q: %+v %v", bad, b, kept)
		}
	}
}

func TestWindowIsPutOnlyWhereItCanBeTakenHoldOf(t *testing.T) {
	b := Bounds{Width: 900, Height: 700}
	for _, c := range []struct {
		x, y int
		fits bool
	}{{0, 0, true}, {-800, 10, true}, {-850, 10, false}, {1850, 10, false}, {10, -1, false}, {10, 1010, false}} {
		b.X, b.Y = c.x, c.y
		if b.fits(1920, 1080) != c.fits {
			t.Errorf("%d,%d: fits is %v", c.x, c.y, !c.fits)
		}
	}
}

func TestOnlyLinksToTheWebAreOpened(t *testing.T) {
	w, sh, _ := fakeWindow(t, newFakeOps())
	a := &API{w}
	for _, link := range []string{"https://example.com/a?b#c", "http://example.com", "mailto:a@example.com"} {
		if err := a.OpenURL(link); err != nil {
			t.Errorf("%s: %v", link, err)
		}
	}
	for _, link := range []string{
		"file:///etc/passwd", "javascript:alert(1)", "data:text/html,x", "vscode://x", "https:", "http:/etc", "", "-x", "/etc/passwd",
		"https://" + strings.Repeat("a", 9000), " https://example.com", "HTTPS\n://x",
	} {
		if err := a.OpenURL(link); session.CodeOf(err) != session.CodeInvalid {
			t.Errorf("%q was opened: %v", link, err)
		}
	}
	if n := len(sh.noted()); n != 3 {
		t.Errorf("%d links were opened: %q", n, sh.noted())
	}
}

func TestOnlyWorktreesOfSessionsAreOpened(t *testing.T) {
	w, _, _ := fakeWindow(t, newFakeOps())
	w.roster.apply(session.Event{State: true, Sessions: []session.Session{{ID: "a", Worktree: "/gone/worktree"}, {ID: "b"}}})
	a := &API{w}
	for _, path := range []string{"", "/etc", "/gone/worktree/..", "/gone"} {
		if err := a.OpenPath(path); session.CodeOf(err) != session.CodeInvalid {
			t.Errorf("%q: %v", path, err)
		}
	}
	if err := a.OpenPath("/gone/worktree"); session.CodeOf(err) != session.CodeNotFound {
		t.Errorf("a worktree that is gone: %v", err)
	}
}

func TestOutputComesInPagesThatCutNoCharacter(t *testing.T) {
	ops := newFakeOps()
	ops.output = strings.Repeat("aé€😀", 1000)
	w, _, _ := fakeWindow(t, ops)
	a := &API{w}
	for _, limit := range []int{0, 4, 7, 64, 1000, 100_000} {
		var all strings.Builder
		for offset, pages := int64(0), 0; ; pages++ {
			p, err := a.OutputPage("s", "i", offset, limit)
			if err != nil || pages > len(ops.output) {
				t.Fatalf("limit %d, page %d: %v", limit, pages, err)
			}
			all.WriteString(p.Text)
			offset = p.Next
			if p.End {
				break
			}
		}
		if all.String() != ops.output {
			t.Errorf("limit %d: %d of %d bytes", limit, all.Len(), len(ops.output))
		}
	}
	if p, err := a.OutputPage("s", "i", 1<<40, 100); err != nil || p.Text != "" || !p.End {
		t.Errorf("past the end: %+v, %v", p, err)
	}
}

func TestPageIsServedWithAPolicy(t *testing.T) {
	rec := httptest.NewRecorder()
	withPolicy(http.NotFoundHandler()).ServeHTTP(rec, httptest.NewRequest(http.MethodGet, "/", nil))
	if got := rec.Header().Get("Content-Security-Policy"); !strings.Contains(got, "default-src 'self'") {
		t.Errorf("got %q", got)
	}
}

func TestBackendThatCannotBeOpenedIsTriedAgainOnlyWhenAsked(t *testing.T) {
	tries, fail := 0, errors.New("database of a newer version")
	d := newDoor(t.Context(), func(context.Context) (opened, error) {
		if tries++; tries < 3 {
			return nil, fail
		}
		return newFakeOps(), nil
	})
	for range 3 {
		if _, err := d.ops(); !errors.Is(err, fail) || tries != 1 {
			t.Fatalf("try %d: %v", tries, err)
		}
	}
	d.retry()
	_, _ = d.ops()
	d.retry()
	first, err := d.ops()
	if err != nil || tries != 3 {
		t.Fatalf("try %d: %v", tries, err)
	}
	d.lost(first, errors.New("something else"))
	if again, _ := d.ops(); again != first {
		t.Error("opened again without a reason")
	}
	d.lost(first, control.ErrGone)
	if again, _ := d.ops(); again == first || tries != 4 {
		t.Error("not opened again after it was gone")
	}
	if err := d.close(); err != nil {
		t.Fatal(err)
	}
	if _, err := d.ops(); session.CodeOf(err) != session.CodeCancelled {
		t.Errorf("after close: %v", err)
	}
}

func TestErrorsReachThePageWithCodeAndHint(t *testing.T) {
	text, ok := asText(fmt.Errorf("open: %w", &session.Error{Code: session.CodeDockerDown, Message: "Docker is not running.", Hint: "Start it."})).(string)
	if !ok || text != `{"code":"docker_down","message":"Docker is not running.","hint":"Start it."}` {
		t.Errorf("got %v", text)
	}
}

func TestBackendIsOpenedOnceThePageIsAskedForAndNotBefore(t *testing.T) {
	opens := make(chan struct{}, 10)
	w := newWindow(t.TempDir(), func(context.Context) (opened, error) {
		opens <- struct{}{}
		return newFakeOps(), nil
	})
	w.startup(&fakeShell{}) // a second instance comes this far, and ends
	page := w.opening(http.NotFoundHandler())
	if len(opens) > 0 {
		t.Error("opened before there is a page")
	}
	for range 3 {
		page.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil))
	}
	w.wg.Wait()
	if len(opens) != 1 {
		t.Errorf("opened %d times", len(opens))
	}
}
