//go:build !linux

package app

// trayHost reports whether tray icons are shown: always, on Windows and macOS.
func trayHost() bool { return true }
