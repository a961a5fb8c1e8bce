//go:build !linux || !webkit2_41 || !(production || dev)

package app

// keepWebKitIn does nothing where the web view isn't WebKitGTK.
func keepWebKitIn(string) {}

// screen reports that a window can be opened: these systems always have a screen.
func screen() bool { return true }
