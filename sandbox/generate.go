//go:build ignore

// Builds the supervisors that package sandbox embeds. A binary that comes out the same is left as it is, so that Go's
// build cache holds.
package main

import (
	"bytes"
	"log"
	"os"
	"os/exec"
	"path/filepath"
)

func main() {
	log.SetFlags(0)
	dir, err := os.MkdirTemp("", "supervisor-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	for _, arch := range []string{"amd64", "arm64"} {
		if err := build(dir, arch); err != nil {
			log.Fatalf("build the supervisor for %s: %v", arch, err)
		}
	}
}

func build(dir, arch string) error {
	name := "supervisor-" + arch
	made, kept := filepath.Join(dir, name), filepath.Join("bin", name)
	c := exec.Command("go", "build", "-buildvcs=false", "-trimpath", "-ldflags", "-s -w", "-o", made, "./supervisor")
	c.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+arch, "GOFLAGS=")
	c.Stdout, c.Stderr = os.Stdout, os.Stderr
	if err := c.Run(); err != nil {
		return err
	}
	after, err := os.ReadFile(made)
	if err != nil {
		return err
	}
	if before, err := os.ReadFile(kept); err == nil && bytes.Equal(before, after) {
		return nil
	}
	if err := os.WriteFile(kept+".new", after, 0o755); err != nil {
		return err
	}
	return os.Rename(kept+".new", kept)
}
