package backend_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"background-agents/backend/session"
)

func TestSecretThatTheAgentCommitsIsNotPushed(t *testing.T) {
	openKeychain(t)
	l := newLive(t)
	remote := filepath.Join(t.TempDir(), "shop.git")
	l.git("clone", "-q", "--bare", l.repo, remote)
	l.git("remote", "add", "origin", remote)
	p, err := l.AddProject(ctx, l.repo)
	l.must(err)
	value := "canary-" + strings.Repeat("x7Q", 12)
	_, err = l.SetSecret(ctx, session.SecretScope{Project: p.ID}, "TOKEN", session.DeliverEnv, session.NewSecret(value))
	l.must(err)
	// Taken back in the next commit: it is in the history all the same.
	id := l.create("demo: bash printf %s \"$TOKEN\" | base64 -w0 > leak.txt && git add -A && git commit -qm one && git rm -q leak.txt && git commit -qm two")
	s := l.until(id, firstImage, hasResult)
	plan, err := l.PlanPush(ctx, id, session.PushTarget{})
	l.must(err)
	if len(plan.Commits) != 2 || strings.Join(plan.Secrets, " ") != "TOKEN" {
		t.Fatalf("plan is %+v", plan)
	}
	if _, err = l.Push(ctx, id, plan.Yes()); session.CodeOf(err) != session.CodeSecretInside {
		t.Errorf("the push says %v", err)
	}
	if out, err := exec.Command("git", "-C", remote, "rev-parse", "--verify", "-q", "refs/heads/"+s.Branch).Output(); err == nil {
		t.Errorf("the remote has the branch, at %s", out)
	}
}
