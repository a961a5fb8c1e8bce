//go:build !bindings && !windows && !(darwin && !cgo)

package app

import "fyne.io/systray"

// runTray shows the icon and returns how to remove it.
func runTray(ready func()) (end func()) {
	start, end := systray.RunWithExternalLoop(ready, func() {})
	start()
	return end
}
