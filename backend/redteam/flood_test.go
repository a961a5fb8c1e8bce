//go:build linux

package redteam

import (
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"background-agents/backend/session"
	"background-agents/backend/sqlite"
	"background-agents/build/test/slow"
)

// frugal runs what a sandbox does to the backend, and checks how much memory that holds at most meanwhile.
func (v *victim) frugal(t *testing.T, act func()) {
	t.Helper()
	write(t, fmt.Sprintf("/proc/%d/clear_refs", v.cmd.Process.Pid), "5") // what it held before does not count
	act()
	if mb := v.peak(t); mb > 300 {
		t.Errorf("the backend holds %d MB", mb)
	}
}

// peak is what the backend has held at most, in MB.
func (v *victim) peak(t *testing.T) int {
	t.Helper()
	for line := range strings.Lines(read(t, fmt.Sprintf("/proc/%d/status", v.cmd.Process.Pid))) {
		if f := strings.Fields(line); len(f) > 1 && f[0] == "VmHWM:" {
			n, err := strconv.Atoi(f[1])
			must(t, err)
			return n >> 10
		}
	}
	t.Fatal("the backend has no memory")
	return 0
}

// What an impostor sends without end is taken with little memory, and read with little, too.
func TestAFloodCostsNoMemory(t *testing.T) {
	slow.Test(t)
	v := theVictim(t)
	s := v.session(t, session.NewSession{}, "demo: text Ready.")
	v.put(t, s.ID, "/home/agent/impostor", impostor(t))
	for _, flood := range []string{"flood of entries", "flood of tools", "flood of questions", "flood of words for old texts"} {
		t.Run(flood, func(t *testing.T) {
			v.reinstate(t, s.ID)
			before := v.get(s.ID).Items
			v.frugal(t, func() {
				v.usurp(t, s.ID, flood, "", "")
				time.Sleep(4 * time.Second)
				v.endImpostor(t, s.ID)
				if came := v.get(s.ID).Items - before; came < 5 {
					t.Errorf("control: only %d entries came", came)
				}
				if _, err := v.Items(ctx, s.ID, before, 1000); err != nil {
					t.Error(err)
				}
			})
		})
	}
	v.alive(t)
}

// What a sandbox makes the host store ends at a bound. To be there soon, the session is near it already.
func TestATranscriptWithoutEndIsStopped(t *testing.T) {
	slow.Test(t)
	v := theVictim(t)
	s := v.session(t, session.NewSession{}, "demo: text Ready.")
	v.put(t, s.ID, "/home/agent/impostor", impostor(t))
	const room = 8 << 20
	v.stop(t)
	store, err := sqlite.Open(ctx, filepath.Join(v.data, "background-agents.db"))
	must(t, err)
	_, _, all, err := store.Load(ctx)
	must(t, err)
	s = all[slices.IndexFunc(all, func(o session.Session) bool { return o.ID == s.ID })]
	s.Stored = session.MaxTranscript - room
	must(t, store.Save(ctx, session.Change{Session: &s}))
	must(t, store.Close())
	v.start(t)
	for _, id := range []session.ID{s.ID, v.cell} {
		v.until(t, id, time.Minute, func(s session.Session) bool { return s.Sandbox == session.SandboxRunning })
	}
	for end := time.Now().Add(wait); v.Checkpoint(ctx, s.ID) != nil && time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
	}
	before := len(v.transcript(t, s.ID))
	v.usurp(t, s.ID, "flood of entries", "", "")
	ended := v.until(t, s.ID, wait, func(s session.Session) bool { return s.Status == session.Stopped })
	items := v.transcript(t, s.ID)[before:]
	if kept := ended.Stored - s.Stored; kept > 3*room || len(items) < 2 {
		t.Errorf("%d bytes were kept in %d items", kept, len(items))
	}
	told := false
	for _, it := range items {
		told = told || strings.Contains(it.Text, "is full")
	}
	if !told {
		t.Error("the user is not told")
	}
	if _, err := v.Prompt(ctx, s.ID, session.NewPrompt{Text: "demo: text More."}); session.CodeOf(err) != session.CodeTranscriptFull {
		t.Errorf("it goes on: %v", err)
	}
	// The session is stopped first, its sandbox in the seconds that it has to end.
	for end := time.Now().Add(30 * time.Second); docker(t, "inspect", "-f", "{{.State.Running}}", v.container(t, s.ID)) != "false"; time.Sleep(200 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the sandbox runs")
		}
	}
	v.alive(t)
}

// diskUse is what a folder takes, in MB.
func diskUse(t *testing.T, dir string) int {
	t.Helper()
	n, err := strconv.Atoi(strings.Fields(command(t, "", "du", "-sm", dir))[0])
	must(t, err)
	return n
}
