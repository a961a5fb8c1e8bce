// Package app is the window: it opens the backend, shows the page, and brings the one's events to the other.
//
// Only this package imports Wails (and barewindow, by which it is measured), and of it only app.go and window.go, in
// which it begins, shell.go, which is what a window can do, and wailslog.go. All else is written against the interface
// shell, and runs in tests without a window.
package app

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"slices"

	"github.com/wailsapp/wails/v2"

	"background-agents/app/join"
	"background-agents/backend"
)

const appName = "Background Agents"

// Run opens the window and returns when it has been quit. The one argument it takes is --hidden: begin in the tray.
func Run() {
	paths, err := backend.DefaultPaths()
	if err != nil {
		fail(err)
	}
	w := newWindow(paths.Data, func(ctx context.Context) (opened, error) { return join.Open(ctx, paths) })
	if runtime.GOOS == "darwin" {
		w.tray.start() // macOS wants it from the main thread, before the window
	}
	if err := wails.Run(w.options(slices.Contains(os.Args[1:], "--hidden"))); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "error:", err)
	os.Exit(1)
}
