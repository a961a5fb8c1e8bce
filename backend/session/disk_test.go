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
	busy := func(t *sessiontest.Turn) { t.Say("m", "Writing."); t.Wait(time.Hour) }
	story(t, busy, func(w *world) {
		var free atomic.Int64
		free.Store(20 << 30)
		w.freeDisk = func() (int64, error) { return free.Load(), nil }
		w.reopen()
		id := w.create("write")
		w.until(id, session.Working)
		time.Sleep(time.Minute)
		if s := w.get(id); s.Status != session.Working {
			t.Fatalf("with room enough it is %q", s.Status)
		}
		free.Store(200 << 20)
		began := time.Now()
		w.until(id, session.Stopped)
		if took := time.Since(began); took > 2*time.Second {
			t.Errorf("it took %v", took)
		}
		if sb, err := w.engine.Sandbox(ctx, id); err != nil || sb.State == session.SandboxRunning {
			t.Errorf("the sandbox is %q (%v)", sb.State, err)
		}
		items, err := w.Items(ctx, id, 1, 1000)
		w.must(err)
		if last := items[len(items)-1]; last.Kind != session.KindNotice || !strings.Contains(last.Text, "200 MB are left") {
			t.Errorf("the user is told %+v", last)
		}
		free.Store(20 << 30)
		w.must(w.Resume(ctx, id))
		w.until(id, session.Idle)
	})
}
