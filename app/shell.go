package app

import (
	"context"
	goruntime "runtime"

	"github.com/wailsapp/wails/v2/pkg/runtime"
)

// shell is what the window's system does for the application. Wails' own functions end the process when they are
// called without a window, so all of the application but this file uses the interface.
type shell interface {
	// Emit sends an event to the page. It does not wait for the page.
	Emit(name string, data any)
	// Show brings the window to the front, from wherever it is.
	Show()
	Hide()
	Quit()
	// Ask shows a question with the answers yes and no and reports whether it was yes.
	Ask(title, question string) bool
	// PickFolder lets the user choose a folder; "" when they choose none.
	PickFolder(title string) (string, error)
	OpenURL(url string)
	Bounds() Bounds
	Place(Bounds)
	// Centre puts the window in the middle of its screen.
	Centre()
	Resize(width, height int)
	// HideApplication hides the window so that the application before has the keyboard again.
	HideApplication()
	Notify(Notification) error
}

// Notification is a message of the desktop's; Session is opened when it is clicked.
type Notification struct {
	ID, Title, Body string
	Session         string
}

type wailsShell struct{ ctx context.Context }

func (s wailsShell) Emit(name string, data any) { runtime.EventsEmit(s.ctx, name, data) }

func (s wailsShell) Show() {
	runtime.Show(s.ctx)
	runtime.WindowShow(s.ctx)
	runtime.WindowUnminimise(s.ctx)
}

func (s wailsShell) Hide() { runtime.WindowHide(s.ctx) }

func (s wailsShell) Quit() { runtime.Quit(s.ctx) }

func (s wailsShell) Ask(title, question string) bool {
	answer, err := runtime.MessageDialog(s.ctx, runtime.MessageDialogOptions{
		Type: runtime.QuestionDialog, Title: title, Message: question,
		Buttons: []string{"Yes", "No"}, DefaultButton: "No", CancelButton: "No",
	})
	return err == nil && answer == "Yes"
}

func (s wailsShell) PickFolder(title string) (string, error) {
	return runtime.OpenDirectoryDialog(s.ctx, runtime.OpenDialogOptions{Title: title, CanCreateDirectories: true})
}

func (s wailsShell) OpenURL(url string) { runtime.BrowserOpenURL(s.ctx, url) }

func (s wailsShell) Bounds() Bounds {
	b := Bounds{Maximised: runtime.WindowIsMaximised(s.ctx)}
	b.Width, b.Height = runtime.WindowGetSize(s.ctx)
	b.X, b.Y = runtime.WindowGetPosition(s.ctx)
	return b
}

func (s wailsShell) Place(b Bounds) {
	screens, err := runtime.ScreenGetAll(s.ctx)
	if err != nil {
		return
	}
	for _, screen := range screens {
		if screen.IsCurrent && b.fits(screen.Size.Width, screen.Size.Height) {
			runtime.WindowSetPosition(s.ctx, b.X, b.Y)
		}
	}
}

func (s wailsShell) Centre() { runtime.WindowCenter(s.ctx) }

func (s wailsShell) Resize(width, height int) { runtime.WindowSetSize(s.ctx, width, height) }

func (s wailsShell) HideApplication() {
	runtime.WindowHide(s.ctx)
	if goruntime.GOOS == "darwin" {
		runtime.Hide(s.ctx)
	}
}

func (s wailsShell) Notify(n Notification) error {
	return runtime.SendNotification(s.ctx, runtime.NotificationOptions{
		ID: n.ID, Title: n.Title, Body: n.Body, Data: map[string]any{"session": n.Session},
	})
}

// onNotificationClick calls f with the session of each notification that is clicked. It reports false where the
// desktop shows none.
func onNotificationClick(ctx context.Context, f func(session string)) bool {
	if runtime.InitializeNotifications(ctx) != nil {
		return false
	}
	runtime.OnNotificationResponse(ctx, func(r runtime.NotificationResult) {
		if id, ok := r.Response.UserInfo["session"].(string); ok && r.Error == nil {
			f(id)
		}
	})
	return true
}
