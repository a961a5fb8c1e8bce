//go:build !bindings

package app

import (
	"runtime"

	"fyne.io/systray"
)

// runTray shows the icon and returns how to remove it. The message loop needs a thread of its own.
func runTray(ready func()) (end func()) {
	go func() {
		runtime.LockOSThread()
		systray.Run(ready, func() {})
	}()
	return systray.Quit
}
