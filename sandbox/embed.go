// Package sandbox puts what runs inside a sandbox into the application: the recipe of its image, and the supervisor for
// each processor that engines have.
//
// It compiles from a clean clone. The supervisors are made by `go generate ./sandbox` (the Makefile calls it); an
// application that was built without them says so when an image is needed.
package sandbox

import (
	"bytes"
	"compress/gzip"
	"embed"
	"fmt"
	"io"
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

// Supervisor returns the static Linux binary for arch, amd64 or arm64. It is kept compressed.
func Supervisor(arch string) ([]byte, error) {
	packed, err := read(arch, ".gz")
	if err != nil {
		return nil, err
	}
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("unpack the supervisor for %s: %w", arch, err)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		return nil, fmt.Errorf("unpack the supervisor for %s: %w", arch, err)
	}
	return b, nil
}

// SupervisorSum returns the SHA-256 of Supervisor's answer in hexadecimal, without unpacking it.
func SupervisorSum(arch string) (string, error) {
	sum, err := read(arch, ".sha256")
	return string(sum), err
}

func read(arch, what string) ([]byte, error) {
	b, err := bin.ReadFile(SupervisorPath(arch) + what)
	if err != nil {
		return nil, fmt.Errorf("this application was built without the supervisor for %s (build it with make, or run `go generate ./sandbox` first): %w", arch, err)
	}
	return b, nil
}
