package app

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"sync"

	"github.com/wailsapp/wails/v2/pkg/logger"
	"github.com/wailsapp/wails/v2/pkg/options"
	"github.com/wailsapp/wails/v2/pkg/options/assetserver"

	"background-agents/frontend"
)

// quickWindowFlag makes this process the quick prompt of another one, which started it.
const quickWindowFlag = "--quick-window"

// quickWindow is the quick prompt as the only window of a process, a client of the backend of the process that started it.
type quickWindow struct {
	w   *window
	out io.Writer

	mu      sync.Mutex
	loaded  bool
	waiting bool // it is to be shown when the page is ready
}

// quickWindowOptions are the options of such a process. It reads what to do from in, and ends with it.
func quickWindowOptions(w *window, in io.Reader, out io.Writer) *options.App {
	q := &quickWindow{w: w, out: out}
	w.quick, w.ended = q, q.tell
	return &options.App{
		Title: "Quick prompt", Width: quickWidth, Height: quickMinHeight, StartHidden: true, HideWindowOnClose: true,
		Frameless: true, AlwaysOnTop: true, DisableResize: true,
		Logger:             wailsLog{logger.NewDefaultLogger()},
		LogLevelProduction: logger.ERROR,
		AssetServer: &assetserver.Options{Assets: frontend.Dist, Middleware: func(next http.Handler) http.Handler {
			return withPolicy(quickPage(next))
		}},
		OnStartup: func(ctx context.Context) { w.startup(wailsShell{ctx}) },
		OnDomReady: func(context.Context) {
			w.once.Do(func() { go q.follow(in) }) // it ends with the process
		},
		OnShutdown:     func(context.Context) { w.shutdown() },
		Bind:           []any{&API{w}},
		ErrorFormatter: asText,
	}
}

// quickPage answers with the page of the quick prompt where the main page is asked for.
func quickPage(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" || r.URL.Path == "/index.html" {
			page, err := frontend.Dist.ReadFile("dist/quick.html")
			if err != nil {
				http.Error(rw, err.Error(), http.StatusNotFound)
				return
			}
			rw.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = rw.Write(page)
			return
		}
		next.ServeHTTP(rw, r)
	})
}

// follow opens the window for each line, and quits when the process that started this one has ended.
func (q *quickWindow) follow(in io.Reader) {
	for lines := bufio.NewScanner(in); lines.Scan(); {
		q.open()
	}
	q.w.quitNow()
}

func (q *quickWindow) open() {
	q.mu.Lock()
	q.waiting = !q.loaded
	loaded := q.loaded
	q.mu.Unlock()
	if loaded {
		q.present()
	}
}

func (q *quickWindow) ready() {
	q.mu.Lock()
	q.loaded = true
	waiting := q.waiting
	q.waiting = false
	q.mu.Unlock()
	if waiting {
		q.present()
	}
}

func (q *quickWindow) present() {
	q.w.shell().Centre()
	q.w.shell().Show()
	q.w.shell().Emit("quick", nil)
}

func (q *quickWindow) resize(height int) { q.w.shell().Resize(quickWidth, height) }

// hide hides the whole application, so that the system gives the keyboard back to the one before.
func (q *quickWindow) hide() { q.w.shell().HideApplication() }

func (q *quickWindow) stop() {}

// tell writes how a prompt ended for the process that started this one.
func (q *quickWindow) tell(end QuickPromptEnd) { _ = json.NewEncoder(q.out).Encode(end) }
