//go:build ignore

// Builds the supervisors that package sandbox embeds: each compressed, with the hash of what is in it. One that comes out
// the same is left as it is, so that Go's build cache holds.
package main

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

func main() {
	log.SetFlags(0)
	dir, err := os.MkdirTemp("", "supervisor-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	made := map[string]bool{}
	for _, arch := range []string{"amd64", "arm64"} {
		name := "supervisor-" + arch
		if err := build(filepath.Join(dir, name), arch, filepath.Join("bin", name)); err != nil {
			log.Fatalf("build the supervisor for %s: %v", arch, err)
		}
		made[name+".gz"], made[name+".sha256"] = true, true
	}
	if err := clear("bin", made); err != nil {
		log.Fatal(err)
	}
}

func build(binary, arch, kept string) error {
	c := exec.Command("go", "build", "-buildvcs=false", "-trimpath", "-ldflags", "-s -w", "-o", binary, "./supervisor")
	c.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+arch, "GOFLAGS=")
	c.Stdout, c.Stderr = os.Stdout, os.Stderr
	if err := c.Run(); err != nil {
		return err
	}
	body, err := os.ReadFile(binary)
	if err != nil {
		return err
	}
	var packed bytes.Buffer
	w, err := gzip.NewWriterLevel(&packed, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := w.Write(body); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	sum := sha256.Sum256(body)
	if err := write(kept+".gz", packed.Bytes()); err != nil {
		return err
	}
	return write(kept+".sha256", []byte(hex.EncodeToString(sum[:])))
}

func write(path string, body []byte) error {
	if before, err := os.ReadFile(path); err == nil && bytes.Equal(before, body) {
		return nil
	}
	if err := os.WriteFile(path+".new", body, 0o644); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// clear removes what earlier versions of this program have made: all that lies there is embedded.
func clear(dir string, made map[string]bool) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if made[e.Name()] || !strings.HasPrefix(e.Name(), "supervisor-") {
			continue
		}
		if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return nil
}
