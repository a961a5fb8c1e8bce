package app

import (
	"context"

	"background-agents/backend/session"
)

// quickPromptFlag opens the quick prompt of the application that runs already, or of the one that starts.
const quickPromptFlag = "--quick-prompt"

// Size of the quick prompt in pixels. Its height follows its content between these bounds.
const (
	quickWidth     = 640
	quickMinHeight = 160
	quickMaxHeight = 560
)

// quickPrompt is a small window of its own for one prompt, beside the main one. It opens from the tray or when the program
// is started with --quick-prompt, and closes with Enter, Esc or Cancel. It never moves, shows or hides the main window, and
// when it closes, the program that had the keyboard before has it again.
type quickPrompt interface {
	// open shows it, centred on the screen in use. The page is loaded the first time; the window appears when the page is
	// ready for keys, so that no key is lost.
	open()
	// ready is what the page says when it takes keys.
	ready()
	// resize gives the window the height of its content.
	resize(height int)
	// hide closes it. The page stays loaded for the next time.
	hide()
	// stop ends it for good.
	stop()
}

// QuickPromptEnd says why the quick prompt closes. The zero value is a prompt that was cancelled.
type QuickPromptEnd struct {
	// Started is the session that was started; "" for none. Title is its title.
	Started session.ID `json:"started"`
	Title   string     `json:"title"`
	// Show is what the main window is to show; nil leaves it as it is.
	Show *Show `json:"show"`
}

// quickPromptEnded tells the user what was started, and shows what the quick prompt asked for in the main window.
func (w *window) quickPromptEnded(end QuickPromptEnd) {
	if end.Started != "" && w.notify.ready {
		_ = w.shell().Notify(Notification{
			ID: "started-" + string(end.Started), Title: "Started", Body: harmless(end.Title), Session: string(end.Started),
		})
	}
	if end.Show != nil {
		w.show()
		w.shell().Emit("show", *end.Show)
	}
}

// QuickPromptReady says that the page of the quick prompt takes keys.
func (a *API) QuickPromptReady() { a.w.quick.ready() }

// ResizeQuickPrompt gives the quick prompt the height of its content in pixels, within bounds.
func (a *API) ResizeQuickPrompt(height int) {
	a.w.quick.resize(min(max(height, quickMinHeight), quickMaxHeight))
}

// EndQuickPrompt closes the quick prompt, whether a session was started or not.
func (a *API) EndQuickPrompt(end QuickPromptEnd) {
	a.w.quick.hide()
	a.w.ended(end)
}

// Snapshot returns the whole state once, for a page that is open for moments only.
func (a *API) Snapshot() (session.Event, error) {
	ops, err := a.w.door.ops()
	if err != nil {
		a.w.door.retry()
		return session.Event{}, err
	}
	ctx, cancel := context.WithCancel(a.w.ctx)
	defer cancel()
	var state session.Event
	got := false
	err = ops.Watch(ctx, func(e session.Event) {
		if !got {
			state, got = e, true
			cancel()
		}
	})
	a.w.door.lost(ops, err)
	if got {
		return state, nil
	}
	return session.Event{}, err
}
