package backend_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"background-agents/backend/session"
)

func TestFromPromptToWorktree(t *testing.T) {
	l := newLive(t)
	id := l.create("demo: write hello.txt hello\\nworld\ndemo: bash git add -A && git commit -qm hello\ndemo: write draft.txt draft\ndemo: text All done.")
	s := l.until(id, 15*time.Minute, func(s session.Session) bool { return settled(session.Idle)(s) || s.Status == session.Failed })
	if s.Error != nil {
		t.Fatalf("%+v", s.Error)
	}
	for _, it := range l.items(id) {
		t.Logf("%s %q tool %+v phase %+v result %+v error %+v", it.Kind, it.Text, it.Tool, it.Phase, it.Result, it.Error)
	}
	body, err := os.ReadFile(filepath.Join(s.Worktree, "hello.txt"))
	if err != nil || string(body) != "hello\nworld" && string(body) != "hello\nworld\n" {
		t.Errorf("hello.txt is %q: %v", body, err)
	}
	if _, err := os.Stat(filepath.Join(s.Worktree, "draft.txt")); err != nil {
		t.Error(err)
	}
	t.Logf("%+v", s)
}
