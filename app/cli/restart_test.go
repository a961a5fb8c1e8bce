package main

import (
	"testing"

	"background-agents/backend/session"
	"background-agents/backend/session/sessiontest"
)

func TestRestartBringsTheNewEnvironment(t *testing.T) {
	sh := newShell(t)
	sh.play("$ bga project add /code/shop\n$ bga new --project shop --wait hello\n$ bga env shop --memory 1g\n")
	id := sessiontest.State(sh.m).Sessions[0].ID
	if s := sessiontest.Get(sh.m, id); !s.OldEnvironment || s.Limits.MemoryMB == 1024 {
		t.Fatalf("before: %+v, old %v", s.Limits, s.OldEnvironment)
	}
	sh.bga("restart " + string(id))
	waitFor(t, "a sandbox with the new limits", func() bool {
		s := sessiontest.Get(sh.m, id)
		return s.Status == session.Idle && s.Sandbox == session.SandboxRunning && !s.OldEnvironment &&
			s.Limits.MemoryMB == 1024
	})
}
