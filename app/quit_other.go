//go:build !linux || !webkit2_41 || !(production || dev)

package app

// endMainLoop does nothing where the system's main loop ends whenever Wails asks for it.
func endMainLoop() {}
