package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"sync"
	"syscall"

	"github.com/wailsapp/wails/v2/pkg/logger"
	"github.com/wailsapp/wails/v2/pkg/options"
	"github.com/wailsapp/wails/v2/pkg/options/assetserver"
	"github.com/wailsapp/wails/v2/pkg/options/linux"

	"background-agents/backend/session"
	"background-agents/frontend"
)

// policy lets the page run what the application brings, and reach nothing else.
const policy = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; " +
	"object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// window is the one window and what stands around it. Its life: options, startup (the window exists), ready (the page
// has loaded), beforeClose (it is closed or quit), shutdown.
type window struct {
	home   string
	ctx    context.Context
	cancel context.CancelFunc
	door   *door
	pages  *pages
	roster *roster
	notify *notifier
	tray   *tray
	bridge *bridge
	quick  quickPrompt
	ended  func(QuickPromptEnd)
	// quickFirst opens the quick prompt when the window is there.
	quickFirst bool
	wg         sync.WaitGroup

	once    sync.Once
	started chan struct{} // closed when sh is set
	sh      shell

	mu       sync.Mutex
	visible  bool
	quitting bool
}

func newWindow(home string, open func(ctx context.Context) (opened, error)) *window {
	w := &window{home: home, started: make(chan struct{})}
	w.ctx, w.cancel = context.WithCancel(context.Background())
	w.door = newDoor(w.ctx, open)
	w.pages = newPages(func(event string, b Batch) { w.shell().Emit(event, b) })
	w.roster = newRoster()
	w.notify = &notifier{watched: w.watched}
	w.tray = newTray(w)
	w.bridge = newBridge(&API{w})
	w.quick, w.ended = newQuickPrompt(w), w.quickPromptEnded
	return w
}

func (w *window) options(hidden bool) *options.App {
	bounds, kept := loadBounds(w.home)
	w.visible = !hidden
	state := options.Normal
	if bounds.Maximised {
		state = options.Maximised
	}
	sum := sha256.Sum256([]byte(w.home)) // another data folder is another application
	return &options.App{
		Title: appName, Width: bounds.Width, Height: bounds.Height, MinWidth: minWidth, MinHeight: minHeight,
		StartHidden: hidden, WindowStartState: state,
		BackgroundColour:   options.NewRGB(20, 22, 27),
		Logger:             wailsLog{logger.NewDefaultLogger()},
		LogLevel:           logger.WARNING,
		LogLevelProduction: logger.ERROR,
		AssetServer:        &assetserver.Options{Assets: frontend.Dist, Middleware: func(next http.Handler) http.Handler { return withPolicy(w.bridge.handler(w.opening(next))) }},
		OnStartup: func(ctx context.Context) {
			w.startup(wailsShell{ctx})
			if kept && !bounds.Maximised {
				w.sh.Place(bounds)
			}
			w.notify.ready = onNotificationClick(ctx, func(id string) { w.open(session.ID(id)) })
		},
		OnDomReady:     func(context.Context) { w.ready() },
		OnBeforeClose:  func(context.Context) bool { return w.beforeClose() },
		OnShutdown:     func(context.Context) { w.shutdown() },
		Bind:           []any{&API{w}},
		ErrorFormatter: asText,
		SingleInstanceLock: &options.SingleInstanceLock{
			UniqueId:               "background_agents_" + hex.EncodeToString(sum[:6]),
			OnSecondInstanceLaunch: func(second options.SecondInstanceData) { w.startedAgain(second.Args) },
		},
		Linux: &linux.Options{
			Icon: icon, ProgramName: "background-agents",
			// The zero value is Always, which costs 70 MB under software rendering and shows blank windows on some
			// drivers.
			WebviewGpuPolicy: linux.WebviewGpuPolicyNever,
		},
	}
}

// asText writes an error as JSON, in a string: Wails makes a JavaScript Error of it, and an object's fields would be
// lost.
func asText(err error) any {
	raw, marshalErr := json.Marshal(session.AsError(err))
	if marshalErr != nil {
		return err.Error()
	}
	return string(raw)
}

// withPolicy tells the page's policy with every answer. The built page has it in itself too.
func withPolicy(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if !developing {
			rw.Header().Set("Content-Security-Policy", policy)
		}
		rw.Header().Set("X-Content-Type-Options", "nosniff")
		next.ServeHTTP(rw, r)
	})
}

// opening opens the backend as soon as the page is loaded, which takes longer than that. startup would be too soon: a
// second instance comes that far.
func (w *window) opening(next http.Handler) http.Handler {
	var once sync.Once
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		once.Do(func() { w.wg.Go(func() { _, _ = w.door.ops() }) }) // a failure is told to who asks next
		next.ServeHTTP(rw, r)
	})
}

// startup notes that there is a window. A second instance comes this far and then ends: nothing is opened here.
func (w *window) startup(sh shell) {
	w.sh = sh
	close(w.started)
}

// shell waits for the window, which is there before anyone can ask for anything.
func (w *window) shell() shell {
	<-w.started
	return w.sh
}

// ready is called when the page has loaded, also after its process ended and it was loaded again.
func (w *window) ready() {
	w.once.Do(func() {
		reloadAfterCrash()
		w.tray.start()
		w.wg.Go(func() { w.door.follow(w.ctx, w.follow) })
		if w.quickFirst {
			w.quick.open()
		}
	})
}

// follow keeps roster, tray and notifications up to date.
func (w *window) follow(ops session.Operations, e session.Event) {
	changes := w.roster.apply(e)
	w.roster.findPermissions(w.ctx, ops)
	w.tray.update(w.roster.view())
	for _, n := range w.notify.consider(changes, w.roster) {
		_ = w.shell().Notify(n) // a desktop without notifications has the sidebar
	}
}

// quitOnSignal quits for good: Wails itself would only close the window, which hides it. It listens from the start: a
// signal is told once, and to all that listen then.
func (w *window) quitOnSignal() {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	w.wg.Go(func() {
		defer signal.Stop(signals)
		select {
		case <-signals:
			w.quitNow()
		case <-w.ctx.Done():
		}
	})
}

// beforeClose reports whether the window stays: where there is a tray it is hidden, else the user decides.
func (w *window) beforeClose() (stays bool) {
	w.keepBounds()
	w.mu.Lock()
	quitting := w.quitting
	w.mu.Unlock()
	if !quitting && w.tray.present() {
		w.hide()
		return true
	}
	if !quitting && !w.agreed() {
		return true
	}
	endMainLoop()
	return false
}

// agreed reports whether nothing works, or the user quits all the same.
func (w *window) agreed() bool {
	n := w.roster.view().working()
	if n == 0 {
		return true
	}
	what := "1 session is working. It goes on in its sandbox"
	if n > 1 {
		what = fmt.Sprintf("%d sessions are working. They go on in their sandboxes", n)
	}
	return w.shell().Ask("Quit "+appName+"?", what+", and the results come in at the next start. Quit?")
}

// quit asks where something works, and quits.
func (w *window) quit() {
	if w.roster.view().working() > 0 {
		w.show()
	}
	if w.agreed() {
		w.quitNow()
	}
}

func (w *window) quitNow() {
	w.mu.Lock()
	w.quitting = true
	w.mu.Unlock()
	w.shell().Quit()
}

func (w *window) shutdown() {
	w.quick.stop()
	w.tray.stop()
	w.cancel()
	w.wg.Wait()
	w.pages.wait()
	_ = w.door.close() // what was accepted is stored; there is nobody left to tell
}

func (w *window) show() {
	w.setVisible(true)
	w.shell().Show()
}

// startedAgain is called where the program is started while it runs.
func (w *window) startedAgain(args []string) {
	if slices.Contains(args, quickPromptFlag) {
		w.quick.open()
		return
	}
	w.show()
}

func (w *window) hide() {
	w.setVisible(false)
	w.shell().Hide()
}

// open shows a session in the window.
func (w *window) open(id session.ID) {
	w.show()
	w.shell().Emit("show", Show{Session: id})
}

// Show tells the page what to show: a session, a page of the settings, or where all are empty a new session.
type Show struct {
	Session session.ID `json:"session"`
	// View is "settings", "start" (a check of this computer) or "". Page is the page of the settings.
	View string `json:"view"`
	Page string `json:"page"`
}

func (w *window) setVisible(v bool) {
	w.mu.Lock()
	w.visible = v
	w.mu.Unlock()
}

// watched reports whether the user sees the session.
func (w *window) watched(id session.ID) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.visible && w.pages.focused(id)
}

func (w *window) keepBounds() {
	w.mu.Lock()
	visible := w.visible
	w.mu.Unlock()
	if visible {
		saveBounds(w.home, w.shell().Bounds())
	}
}

// isWorktree reports whether path is the worktree of a session.
func (w *window) isWorktree(path string) bool {
	return path != "" && w.roster.hasWorktree(path)
}
