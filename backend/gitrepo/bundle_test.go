package gitrepo

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"background-agents/backend/session"
)

func TestBundleHoldsTheBaseAlone(t *testing.T) {
	w := newWorld(t, someFiles)
	unchanged := w.untouched()
	objects := treeText(filepath.Join(w.repo, ".git", "refs"))
	old := git(t, w.repo, "rev-parse", "HEAD~1")
	list := func(commit string, have ...string) (heads string, size int) {
		var b bytes.Buffer
		if err := w.Bundle(w.ctx, w.project, commit, have, &b); err != nil {
			t.Fatal(err)
		}
		if b.Len() == 0 {
			return "", 0
		}
		file := filepath.Join(t.TempDir(), "b")
		if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		return git(t, w.repo, "bundle", "list-heads", file), b.Len()
	}
	heads, whole := list(w.base)
	if heads != w.base+" refs/heads/base" {
		t.Errorf("heads: %s", heads)
	}
	if heads, part := list(w.base, old, strings.Repeat("a", 40), "--all", "nonsense"); heads != w.base+" refs/heads/base" || part >= whole {
		t.Errorf("with have: %s, %d of %d bytes", heads, part, whole)
	}
	for _, have := range [][]string{{w.base}, {w.base, old}} {
		if _, size := list(w.base, have...); size != 0 {
			t.Error("something was written though nothing is new")
		}
	}
	if _, size := list(old, w.base); size != 0 {
		t.Error("an older base was written though a newer is there")
	}
	wantCode(t, w.Bundle(w.ctx, w.project, strings.Repeat("a", 40), nil, &bytes.Buffer{}), session.CodeBaseMissing)
	wantCode(t, w.Bundle(w.ctx, w.project, "--all", nil, &bytes.Buffer{}), session.CodeInvalid)
	unchanged()
	if treeText(filepath.Join(w.repo, ".git", "refs")) != objects {
		t.Error("a ref was made in the user's repository")
	}
	if left, _ := os.ReadDir(filepath.Join(w.projectDir("proj0001"), "scratch")); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

func TestBundleOfAnIncompleteCloneSaysSo(t *testing.T) {
	w := newWorld(t, someFiles)
	git(t, w.repo, "config", "uploadpack.allowFilter", "true")
	w.base = commit(t, w.repo, "newer", map[string]string{"old.txt": "changed\n"})
	for _, how := range []string{"--depth=1", "--filter=blob:none"} {
		clone := filepath.Join(t.TempDir(), "clone")
		git(t, w.repo, "clone", "-q", how, "file://"+w.repo, clone)
		err := w.Bundle(w.ctx, session.Project{ID: "p2", Path: clone}, w.base, nil, &bytes.Buffer{})
		wantCode(t, err, session.CodeInvalid)
		if !strings.Contains(err.Error(), "clone") {
			t.Errorf("%s: %v", how, err)
		}
	}
}

func TestBundleResultRestoresALostSandbox(t *testing.T) {
	w := newWorld(t, someFiles)
	commit(t, w.agent, "one", map[string]string{"a.txt": "1\n"})
	write(t, w.agent, map[string]string{"u": "u"})
	v := w.turn(1)
	_ = os.RemoveAll(w.agent)
	w.cloneAgent()
	var b bytes.Buffer
	if err := w.BundleResult(w.ctx, w.project, w.session, v, []string{w.base}, &b); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "b")
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	git(t, w.agent, "fetch", "-q", file, "refs/result/*:refs/result/*")
	if got := git(t, w.agent, "show", v.Files+":u"); got != "u" {
		t.Errorf("file holds %q", got)
	}
	b.Reset()
	if err := w.BundleResult(w.ctx, w.project, w.session, v, []string{v.Files}, &b); err != nil || b.Len() != 0 {
		t.Errorf("%d bytes, %v", b.Len(), err)
	}
	v.Commit = git(t, w.repo, "rev-parse", "HEAD~1")
	wantCode(t, w.BundleResult(w.ctx, w.project, w.session, v, nil, &b), session.CodeNotFound)
}
