//go:build !linux || !webkit2_41 || !(production || dev)

package app

// reloadAfterCrash does nothing where the system's own web view begins again by itself.
func reloadAfterCrash() {}
