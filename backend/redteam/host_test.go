//go:build linux

package redteam

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// What the user has and does outside of the application.

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func write(t testing.TB, path, text string) {
	t.Helper()
	must(t, os.MkdirAll(filepath.Dir(path), 0o755))
	must(t, os.WriteFile(path, []byte(text), 0o644))
}

func read(t testing.TB, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	must(t, err)
	return string(b)
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// command runs a program of the user's and fails where it does.
func command(t testing.TB, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

func docker(t testing.TB, args ...string) string {
	t.Helper()
	return strings.TrimSpace(command(t, "", "docker", args...))
}

func git(t testing.TB, dir string, args ...string) string {
	t.Helper()
	return command(t, dir, "git", append([]string{"-c", "user.name=A User", "-c", "user.email=user@example.com"}, args...)...)
}

// plainGit is what a user's shell, prompt or editor runs without a thought; it may fail.
func plainGit(dir string, args ...string) string {
	cmd := exec.Command("git", append([]string{"-c", "safe.directory=*", "-c", "user.name=A User", "-c", "user.email=user@example.com"}, args...)...)
	cmd.Dir = dir
	out, _ := cmd.CombinedOutput()
	return string(out)
}

// random is a value that stands nowhere else.
func random() string {
	b := make([]byte, 16)
	_, _ = rand.Read(b)
	return hex.EncodeToString(b)
}

// canaries are the values that must not leave the user's machine. Each has characters that every encoding changes.
type canaries struct {
	anthropic, openAI string // keys in the backend's environment
	files             map[string]string
}

// all returns the values by where they lie.
func (c canaries) all() map[string]string {
	all := map[string]string{"ANTHROPIC_API_KEY": c.anthropic, "OPENAI_API_KEY": c.openAI}
	for path, value := range c.files {
		all[path] = value
	}
	return all
}

// nest begins the random part of everything that the user keeps to himself, so that one search finds all of it.
var nest = random()[:16]

func canaryValue(prefix string) string { return prefix + "core-" + nest + random()[:16] + `/+="<&` }

// plantCanaries puts secrets where a developer has them.
func plantCanaries(t testing.TB, home string) canaries {
	c := canaries{anthropic: canaryValue("sk-ant-"), openAI: canaryValue("sk-"), files: map[string]string{}}
	for _, name := range []string{".ssh/id_ed25519", ".config/gh/hosts.yml", ".netrc", ".aws/credentials", "notes.txt"} {
		path := filepath.Join(home, name)
		c.files[path] = canaryValue("canary-")
		write(t, path, c.files[path]+"\n")
	}
	return c
}

// locked is a buffer for several writers.
type locked struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *locked) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}
