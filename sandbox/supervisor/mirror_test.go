package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func gitOut(t *testing.T, dir string, args ...string) string {
	t.Helper()
	c := exec.Command("git", append([]string{"-c", "user.name=T", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"}, args...)...)
	c.Dir = dir
	out, err := c.Output()
	if err != nil {
		t.Fatalf("git %v: %v", args, err)
	}
	return strings.TrimSpace(string(out))
}

func bundleOf(t *testing.T, repo string, args ...string) []byte {
	t.Helper()
	file := filepath.Join(t.TempDir(), "b")
	gitOut(t, repo, append([]string{"bundle", "create", "-q", file}, args...)...)
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestMirrorGrowsByBundles(t *testing.T) {
	ctx, repo, mirror := context.Background(), t.TempDir(), t.TempDir()
	gitOut(t, repo, "init", "-q")
	var tips []string
	for i, text := range []string{"one", "two", "three"} {
		if err := os.WriteFile(filepath.Join(repo, "f"), []byte(strings.Repeat(text+"\n", 1000)), 0o644); err != nil {
			t.Fatal(err)
		}
		gitOut(t, repo, "add", ".")
		gitOut(t, repo, "commit", "-qm", text)
		tips = append(tips, gitOut(t, repo, "rev-parse", "HEAD"))
		gitOut(t, repo, "update-ref", "refs/heads/base", "HEAD")
		b := bundleOf(t, repo, "refs/heads/base")
		if i > 0 {
			b = bundleOf(t, repo, "refs/heads/base", "^"+tips[i-1])
		}
		if i == 2 { // what stands on a commit that the mirror lacks is refused, whatever else is wrong
			if _, err := fillMirror(ctx, t.TempDir(), bytes.NewReader(b)); err == nil {
				t.Error("a bundle without its base is taken")
			}
			for _, n := range []int{0, 10, 80, len(b) / 2, len(b) - 1} {
				if _, err := fillMirror(ctx, mirror, bytes.NewReader(b[:n])); err == nil {
					t.Errorf("a bundle of %d bytes in %d is taken", n, len(b))
				}
			}
		}
		for range 2 {
			if tip, err := fillMirror(ctx, mirror, bytes.NewReader(b)); err != nil || tip != tips[i] {
				t.Fatalf("fill: %q, %v", tip, err)
			}
		}
	}
	if got := gitOut(t, mirror, "for-each-ref", "--format=%(refname)"); len(strings.Fields(got)) != 3 || !strings.Contains(got, "refs/bases/"+tips[2]) {
		t.Errorf("refs: %s", got)
	}
	gitOut(t, mirror, "fsck", "--connectivity-only")
	clone := filepath.Join(t.TempDir(), "clone")
	gitOut(t, repo, "clone", "-q", "--shared", "--no-checkout", mirror, clone)
	if got := gitOut(t, clone, "show", tips[1]+":f"); !strings.HasPrefix(got, "two") {
		t.Errorf("the clone shows %.10q", got)
	}
}
