//go:build darwin && (production || dev)

package app

// Wails uses the class UTType and leaves it to its own command to link the framework that has it. This links it for plain
// `go build`, too.

// #cgo LDFLAGS: -framework UniformTypeIdentifiers
import "C"
