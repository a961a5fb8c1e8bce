package app

import (
	"context"
	"fmt"
	"io"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"background-agents/backend/session"
)

// fakeShell is a desktop that notes what it is asked.
type fakeShell struct {
	mu     sync.Mutex
	done   []string
	emit   func(name string, data any)
	bounds Bounds
	yes    bool
}

func (f *fakeShell) note(format string, args ...any) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.done = append(f.done, fmt.Sprintf(format, args...))
}

func (f *fakeShell) noted() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string{}, f.done...)
}

func (f *fakeShell) Emit(name string, data any) {
	if f.emit != nil {
		f.emit(name, data)
		return
	}
	f.note("emit %s %+v", name, data)
}
func (f *fakeShell) Show() { f.note("show") }
func (f *fakeShell) Hide() { f.note("hide") }
func (f *fakeShell) Quit() { f.note("quit") }
func (f *fakeShell) Ask(_, question string) bool {
	f.note("ask %s", question)
	return f.yes
}
func (f *fakeShell) PickFolder(string) (string, error) { return "/home/u/code", nil }
func (f *fakeShell) OpenURL(url string)                { f.note("browse %s", url) }
func (f *fakeShell) Bounds() Bounds                    { return f.bounds }
func (f *fakeShell) Place(b Bounds)                    { f.note("place %+v", b) }
func (f *fakeShell) Centre()                           { f.note("centre") }
func (f *fakeShell) Resize(width, height int)          { f.note("resize %dx%d", width, height) }
func (f *fakeShell) HideApplication()                  { f.note("hide application") }
func (f *fakeShell) Notify(n Notification) error {
	f.note("notify %s: %s", n.Title, n.Body)
	return nil
}

// fakeBar is a tray that notes what it shows.
type fakeBar struct {
	mu    sync.Mutex
	shown []trayView
	here  bool
	do    func(trayAction)
}

func (b *fakeBar) start(do func(trayAction)) { b.do = do }
func (b *fakeBar) stop()                     {}
func (b *fakeBar) present() bool             { return b.here }
func (b *fakeBar) show(v trayView) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.shown = append(b.shown, v)
}

// fakeOps is a backend that gives the events put into it. Operations that are not written out here panic.
type fakeOps struct {
	session.Operations
	events chan session.Event
	fails  chan error
	items  []session.Item
	output string

	mu    sync.Mutex
	asked []string
}

func newFakeOps() *fakeOps {
	return &fakeOps{events: make(chan session.Event), fails: make(chan error)}
}

func (o *fakeOps) note(format string, args ...any) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.asked = append(o.asked, fmt.Sprintf(format, args...))
}

func (o *fakeOps) Close() error { return nil }

func (o *fakeOps) Watch(ctx context.Context, f func(session.Event)) error {
	for {
		select {
		case e := <-o.events:
			f(e)
		case err := <-o.fails:
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (o *fakeOps) Items(_ context.Context, _ session.ID, from uint64, _ int) ([]session.Item, error) {
	return o.items[min(len(o.items), int(from)-1):], nil
}

func (o *fakeOps) Answer(_ context.Context, id session.ID, permission, option string) error {
	o.note("answer %s %s %s", id, permission, option)
	return nil
}

func (o *fakeOps) Stop(_ context.Context, id session.ID) error {
	o.note("stop %s", id)
	return nil
}

// fakeWindow is a window on fakes.
func fakeWindow(t *testing.T, ops *fakeOps) (*window, *fakeShell, *fakeBar) {
	t.Helper()
	w := newWindow(t.TempDir(), func(context.Context) (opened, error) { return ops, nil })
	sh, bar := &fakeShell{bounds: Bounds{X: 5, Y: 6, Width: 900, Height: 700}}, &fakeBar{}
	w.tray.bar = bar
	w.notify.ready = true
	w.startup(sh)
	return w, sh, bar
}

func text(n int) session.Delta {
	return session.Delta{Session: "a", Item: "m", Prev: uint64(n), Rev: uint64(n + 1), Text: fmt.Sprint(n, ","), Size: int64(n)}
}

const soon = time.Second

// later lets time pass in a bubble until there is nothing left to do by then: what others wrote meanwhile can be read.
func later(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func (o *fakeOps) Output(_ context.Context, _ session.ID, _ session.ItemID, w io.Writer) error {
	for rest := []byte(o.output); len(rest) > 0; {
		n := min(len(rest), 33)
		if _, err := w.Write(rest[:n]); err != nil {
			return err
		}
		rest = rest[n:]
	}
	return nil
}
