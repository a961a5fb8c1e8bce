package forge

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"background-agents/backend/session"
)

// hanging puts a program into PATH that does not end.
func hanging(t *testing.T, name string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, name), []byte("#!/bin/sh\nexec sleep 60\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+"/usr/bin:/bin")
}

func TestGhThatDoesNotAnswerIsGivenUpWithASentence(t *testing.T) {
	hanging(t, "gh")
	_, err := ghLoggedIn(ctx, "github.com", 100*time.Millisecond)
	known := session.AsError(err)
	if known == nil || known.Code != session.CodeLogin ||
		known.Message != "`gh auth token` did not answer within 100 milliseconds." || known.Hint == "" {
		t.Errorf("%+v", known)
	}
}

func TestSSHThatDoesNotAnswerIsGivenUpWithASentence(t *testing.T) {
	hanging(t, "ssh")
	_, err := sshHost(ctx, "work", 100*time.Millisecond)
	known := session.AsError(err)
	if known == nil || known.Code != session.CodeTimeout ||
		known.Message != "`ssh -G work` did not answer within 100 milliseconds." || known.Hint == "" {
		t.Errorf("%+v", known)
	}
}
