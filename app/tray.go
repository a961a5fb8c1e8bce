package app

import (
	"context"
	"fmt"
	"sync"
	"time"

	"background-agents/backend/session"
)

// trayView is what the tray shows.
type trayView struct {
	Needs   []trayNeed
	Running []trayRow
}

type trayNeed struct {
	Session    session.ID
	Title      string
	Permission session.Permission
}

type trayRow struct {
	Session     session.ID
	Title, Step string
}

// working counts the sessions that do something, or would if they were answered.
func (v trayView) working() int { return len(v.Needs) + len(v.Running) }

// tooltip says it in a line.
func (v trayView) tooltip() string {
	switch {
	case len(v.Needs) > 0 && len(v.Running) > 0:
		return fmt.Sprintf("%s: %d need you, %d working", appName, len(v.Needs), len(v.Running))
	case len(v.Needs) > 0:
		return fmt.Sprintf("%s: %d need you", appName, len(v.Needs))
	case len(v.Running) > 0:
		return fmt.Sprintf("%s: %d working", appName, len(v.Running))
	}
	return appName
}

// choice returns the option that says yes, or no, once; "" where the agent offers none.
func choice(p session.Permission, allow bool) string {
	kinds := []string{"reject_once", "reject_always"}
	if allow {
		kinds = []string{"allow_once", "allow_always"}
	}
	for _, kind := range kinds {
		for _, o := range p.Options {
			if o.Kind == kind {
				return o.ID
			}
		}
	}
	return ""
}

// trayBar is the system's side of the tray: systray, or nothing.
type trayBar interface {
	// start shows the icon; do is called for what the user chooses, from any goroutine.
	start(do func(trayAction))
	show(trayView)
	stop()
	// present reports whether the desktop shows tray icons.
	present() bool
}

// trayAction is what the user chose in the tray.
type trayAction struct {
	Kind    string // open, new, spawn, quit, allow, deny, stop
	Session session.ID
}

// tray joins view and bar. Updates are drawn at most five times a second, and only when something changed.
type tray struct {
	w   *window
	bar trayBar

	mu      sync.Mutex
	started bool
	last    string
	view    trayView
	timer   *time.Timer
}

// trayPace is the least time between two drawings of the tray: what changes meanwhile is drawn together.
const trayPace = 200 * time.Millisecond

func newTray(w *window) *tray { return &tray{w: w, bar: newTrayBar()} }

// start shows the icon, once.
func (t *tray) start() {
	t.mu.Lock()
	begun := t.started
	t.started = true
	t.mu.Unlock()
	if !begun {
		t.bar.start(t.do)
	}
}

func (t *tray) stop() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.timer != nil {
		t.timer.Stop()
	}
	if t.started {
		t.bar.stop()
	}
}

func (t *tray) present() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.started && t.bar.present()
}

func (t *tray) update(v trayView) {
	t.mu.Lock()
	defer t.mu.Unlock()
	key := fmt.Sprint(v)
	if key == t.last || !t.started {
		return
	}
	t.last, t.view = key, v
	if t.timer == nil {
		t.timer = time.AfterFunc(trayPace, t.draw)
	}
}

func (t *tray) draw() {
	t.mu.Lock()
	v := t.view
	t.timer = nil
	t.mu.Unlock()
	t.bar.show(v)
}

// do does what the user chose. Errors are seen in the session itself, which stays as it was.
func (t *tray) do(a trayAction) {
	switch a.Kind {
	case "open":
		if a.Session != "" {
			t.w.open(a.Session)
		} else {
			t.w.show()
		}
	case "new":
		t.w.show()
		t.w.shell().Emit("show", Show{})
	case "spawn":
		t.w.quick.open()
	case "quit":
		t.w.quit()
	case "stop", "allow", "deny":
		if t.ask(a) != nil {
			t.w.open(a.Session)
		}
	}
}

// trayWait is how long an answer or a stop from the tray may take. It ends with the session's own answer; else the
// session is opened, where its user sees what it waits for.
const trayWait = 10 * time.Second

func (t *tray) ask(a trayAction) error {
	ops, err := t.w.door.ops()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(t.w.ctx, trayWait)
	defer cancel()
	if a.Kind == "stop" {
		return ops.Stop(ctx, a.Session)
	}
	p := t.w.roster.permission(a.Session)
	option := choice(p, a.Kind == "allow")
	if option == "" {
		return &session.Error{Code: session.CodeNotFound, Message: "There is nothing to answer with yes or no.", Hint: "Open the session."}
	}
	return ops.Answer(ctx, a.Session, p.ID, option)
}
