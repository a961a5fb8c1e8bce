package backend_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"background-agents/backend/session"
)

// An agent calls a command that its sandbox lacks, in a way that hides the failure: the user is asked, says yes, and the
// sandbox comes back with the tool, its files and its conversation.
func TestAMissingToolIsAskedForAndAdded(t *testing.T) {
	l := newLive(t)
	repo := filepath.Join(l.data, "code", "tiny")
	must(t, os.MkdirAll(repo, 0o755))
	must(t, os.WriteFile(filepath.Join(repo, "go.mod"), []byte("module tiny\n\ngo 1.24\n"), 0o644))
	commitAll(t, repo)
	id := l.createOn(repo, "demo: bash go version | cat; which cargo; echo kept > kept.txt; true")
	before := l.until(id, firstImage, settled(session.Idle))
	cards := l.of(id, session.KindMissing)
	if len(cards) != 1 || cards[0].Missing.Command != "go" || cards[0].Missing.From != "go.mod:3" {
		t.Fatalf("the cards are %+v", cards)
	}
	l.must(l.AnswerMissing(t.Context(), id, cards[0].ID, true))
	after := l.until(id, 5*time.Minute, func(s session.Session) bool { return !s.Renew && settled(session.Idle)(s) })
	if after.Conversation != before.Conversation || len(after.Has.Tools) != 1 {
		t.Errorf("its conversation was %q and is %q, it has %+v", before.Conversation, after.Conversation, after.Has)
	}
	if out := l.sandboxed(id, "go version; cat kept.txt"); !strings.HasPrefix(out, "go version go1.") || !strings.HasSuffix(out, "kept\n") {
		t.Errorf("the sandbox says %q", out)
	}
	if told := l.sandboxed(id, "cat /home/supervisor/instructions.md"); !strings.Contains(told, after.Has.Tools[0].String()) {
		t.Errorf("the agent is told %q", told)
	}
}
