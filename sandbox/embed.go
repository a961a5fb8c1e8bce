// Package sandbox puts what runs inside a sandbox into the application: the recipe of its image, and the supervisor for
// each processor that engines have.
//
// It compiles from a clean clone. The supervisors are made by `go generate ./sandbox` (the Makefile calls it); an
// application that was built without them says so when an image is needed.
package sandbox

import (
	"embed"
	"fmt"
)

//go:generate go run generate.go

// Dockerfile is the recipe of the image. It expects a supervisor at bin/supervisor-ARCH in its context.
//
//go:embed Dockerfile
var Dockerfile []byte

//go:embed all:bin
var bin embed.FS

// SupervisorPath returns where the recipe expects the supervisor for arch.
func SupervisorPath(arch string) string { return "bin/supervisor-" + arch }

// Supervisor returns the static Linux binary for arch, amd64 or arm64.
func Supervisor(arch string) ([]byte, error) {
	b, err := bin.ReadFile(SupervisorPath(arch))
	if err != nil {
		return nil, fmt.Errorf("this application was built without the supervisor for %s (build it with make, or run `go generate ./sandbox` first): %w", arch, err)
	}
	return b, nil
}
