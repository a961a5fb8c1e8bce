package backend

import (
	"context"
	"embed"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"background-agents/backend/gitrepo"
)

// sample is the project of "Try it without an account". Its files end in .txt so that no tool takes them for ours.
//
//go:embed all:sample
var sample embed.FS

// makeSample writes the sample project into a git repository below the data folder, once, and returns its path.
func makeSample(ctx context.Context, data string) (string, error) {
	dir := filepath.Join(data, "sample", "hello-cli")
	if _, err := os.Stat(filepath.Join(dir, ".git", "refs", "heads", "main")); err == nil {
		return dir, nil
	}
	if err := os.RemoveAll(dir); err != nil { // what a crash left half made
		return "", fmt.Errorf("remove old sample: %w", err)
	}
	err := fs.WalkDir(sample, "sample", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		body, err := sample.ReadFile(path)
		if err != nil {
			return err
		}
		to := filepath.Join(dir, strings.TrimSuffix(strings.TrimPrefix(path, "sample/"), ".txt"))
		if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
			return err
		}
		return os.WriteFile(to, body, 0o644)
	})
	if err != nil {
		return "", fmt.Errorf("write sample: %w", err)
	}
	for _, args := range [][]string{
		{"init", "-q", "-b", "main"}, {"add", "-A"},
		{"-c", "user.name=Background Agents", "-c", "user.email=sample@localhost", "commit", "-qm", "A small command line program"},
	} {
		cmd := exec.CommandContext(ctx, "git", append([]string{"-c", "core.hooksPath=/dev/null", "-c", "commit.gpgsign=false"}, args...)...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			return "", fmt.Errorf("make sample repository: git %s: %w: %s", args[0], gitrepo.NotFound(err), out)
		}
	}
	return dir, nil
}
