package backend_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"background-agents/backend/session"
)

// open returns the question that waits for an answer.
func (l *live) open(id session.ID) session.Permission {
	l.t.Helper()
	for _, it := range l.of(id, session.KindPermission) {
		if it.Permission.Answer == "" {
			return *it.Permission
		}
	}
	l.t.Fatal("nothing is asked")
	return session.Permission{}
}

// A hook has no turn that could wait, and neither has what the agent left running: the session needs its user all the same.
func TestSessionNeedsItsUserWhileAHookOrABackgroundProgramAsks(t *testing.T) {
	l := newLive(t)
	l.must(os.MkdirAll(filepath.Join(l.repo, ".background-agents"), 0o755))
	l.write(".background-agents/setup.sh", "curl -sS http://hook.example.com/data > hook.txt\necho the hook goes on\n")
	l.git("add", "-A")
	l.git("commit", "-qm", "hook")
	asks := func(does session.Status) func(session.Session) bool {
		return func(s session.Session) bool {
			if s.Status == session.Failed {
				t.Fatalf("session failed: %+v", s.Error)
			}
			return s.Status == session.NeedsYou && s.Does() == does && s.Questions == 1
		}
	}
	id := l.create("demo: bash (sleep 3; curl -sS http://later.example.com/data) > later.txt 2>&1 &\ndemo: text All done.")
	s := l.until(id, firstImage, func(s session.Session) bool { return asks(session.Starting)(s) && s.Step == "Running the setup hook" })
	if !s.Unread {
		t.Error("it is not marked as unread")
	}
	if p := l.open(id); p.Title != "Reach hook.example.com?" || !strings.HasPrefix(p.Detail, "curl -sS http://hook.example.com/data") {
		t.Errorf("it asks %+v", p)
	}
	l.must(l.Answer(ctx, id, l.open(id).ID, "no"))
	s = l.until(id, time.Minute, asks(session.Idle))
	if s.Turns != 1 || s.WorkedSince != 0 {
		t.Errorf("the turn goes on: %+v", s)
	}
	l.must(l.Answer(ctx, id, l.open(id).ID, "no"))
	s = l.until(id, time.Minute, settled(session.Idle))
	if s.Questions != 0 || s.Doing != "" {
		t.Errorf("after the answers there are %d questions", s.Questions)
	}
}
