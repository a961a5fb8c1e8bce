package session_test

import (
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"background-agents/backend/session"
	"background-agents/backend/session/sessiontest"
)

func TestSandboxesAreStoppedBeforeTheDiskIsFull(t *testing.T) {
	const plenty = 20 << 30
	for name, c := range map[string]struct {
		room, full session.Room
		told       string
	}{
		"bytes":                     {session.Room{Bytes: plenty}, session.Room{Bytes: 200 << 20}, "200 MB are left"},
		"files":                     {session.Room{Bytes: plenty, Files: 300_000, AllFiles: 9_000_000}, session.Room{Bytes: plenty, Files: 90_000, AllFiles: 9_000_000}, "room for 90000 more"},
		"files of a small disk":     {session.Room{Bytes: plenty, Files: 60_000, AllFiles: 500_000}, session.Room{Bytes: plenty, Files: 20_000, AllFiles: 500_000}, "room for 20000 more"},
		"files of the other disk":   {session.Room{Bytes: plenty}, session.Room{Bytes: plenty}.Least(session.Room{Bytes: plenty, Files: 3, AllFiles: 1000}), "room for 3 more"},
		"files, both disks counted": {session.Room{Bytes: plenty, Files: 1 << 30, AllFiles: 1 << 31}, session.Room{Bytes: plenty, Files: 7, AllFiles: 1000}.Least(session.Room{Bytes: plenty << 1, Files: 8000, AllFiles: 9000}), "room for 7 more"},
	} {
		t.Run(name, func(t *testing.T) {
			busy := func(t *sessiontest.Turn) { t.Say("m", "Writing."); t.Wait(time.Hour) }
			story(t, busy, func(w *world) {
				var room atomic.Value
				room.Store(c.room)
				w.room = func() (session.Room, error) { return room.Load().(session.Room), nil }
				w.reopen()
				id := w.create("write")
				w.until(id, session.Working)
				time.Sleep(time.Minute)
				if s := w.get(id); s.Status != session.Working {
					t.Fatalf("with room enough it is %q", s.Status)
				}
				room.Store(c.full)
				began := time.Now()
				w.until(id, session.Stopped)
				if took := time.Since(began); took > 2*time.Second {
					t.Errorf("it took %v", took)
				}
				if sb, err := w.engine.Sandbox(ctx, id); err != nil || sb.State == session.SandboxRunning {
					t.Errorf("the sandbox is %q (%v)", sb.State, err)
				}
				items, err := sessiontest.Items(ctx, w, id)
				w.must(err)
				if last := items[len(items)-1]; last.Kind != session.KindNotice || !strings.Contains(last.Text, c.told) {
					t.Errorf("the user is told %+v", last)
				}
				w.must(w.Resume(ctx, id))
				if s := w.until(id, session.Failed); session.CodeOf(s.Error) != session.CodeDiskFull {
					t.Errorf("without room it starts: %+v", s.Error)
				}
				room.Store(c.room)
				w.must(w.Resume(ctx, id))
				w.until(id, session.Idle)
			})
		})
	}
}
