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

	"github.com/wailsapp/wails/v2"

	"background-agents/app/join"
	"background-agents/backend"
	"background-agents/backend/session"
)

const appName = "Background Agents"

// Run opens the window and returns when it has been quit. See usage for its arguments.
func Run() {
	args, err := parseArguments(os.Args[1:])
	if err != nil {
		fail(err, 2)
	}
	if args.text != "" {
		fmt.Print(args.text)
		return
	}
	paths, err := backend.DefaultPaths()
	if err != nil {
		fail(err, 1)
	}
	keepWebKitIn(paths.Data)
	if !screen() {
		fail(noScreen(), 1)
	}
	w := newWindow(paths.Data, func(ctx context.Context) (opened, error) { return join.Open(ctx, paths) })
	if args.quickWindow {
		if err := wails.Run(quickWindowOptions(w, os.Stdin, os.Stdout)); err != nil {
			fail(err, 1)
		}
		return
	}
	if runtime.GOOS == "darwin" {
		w.tray.start() // macOS wants it from the main thread, before the window
	}
	w.quickFirst = args.quickPrompt
	w.quitOnSignal()
	if err := wails.Run(w.options(args.hidden || args.quickPrompt)); err != nil {
		fail(err, 1)
	}
}

// fail says what happened and what to do, and ends the program.
func fail(err error, code int) {
	if known := session.AsError(err); known.Code != session.CodeInternal {
		fmt.Fprintf(os.Stderr, "error: %s\nhint: %s\n", known.Message, known.Hint)
	} else {
		fmt.Fprintln(os.Stderr, "error:", err)
	}
	os.Exit(code)
}
