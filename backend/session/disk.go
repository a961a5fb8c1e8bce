package session

import (
	"context"
	"time"
)

// How often the disk is looked at while sandboxes run, and while none does.
const (
	diskPause = time.Second
	diskRest  = 10 * time.Second
)

// watchDisk stops the sandboxes when they have left little of the disk. No engine bounds what a volume takes, and what a
// sandbox says is stored on the host: an agent that writes without end, or means to, would take the user's last byte.
func (m *Manager) watchDisk() {
	pause := diskPause
	for {
		select {
		case <-m.ctx.Done():
			return
		case <-time.After(pause):
		}
		running := m.running()
		if pause = diskPause; len(running) == 0 {
			pause = diskRest
			continue
		}
		free, err := m.FreeDisk()
		if err != nil || free >= leastDisk {
			continue
		}
		m.Log.Warn("disk almost full, sandboxes are stopped", "free", free, "sandboxes", len(running))
		for _, id := range running {
			if err := m.stopFull(m.ctx, id, free); err != nil {
				m.Log.Error("stop sandbox", "session", id, "err", err)
			}
		}
		pause = diskRest // they take some seconds to end
	}
}

// leastDisk is what running sandboxes leave. A start needs more, so that what is started is not stopped at once.
const leastDisk = minFreeDisk / 2

// running lists the sessions whose sandboxes run.
func (m *Manager) running() []ID {
	m.mu.Lock()
	defer m.mu.Unlock()
	var ids []ID
	for id, s := range m.sessions {
		if s.Sandbox == SandboxRunning {
			ids = append(ids, id)
		}
	}
	return ids
}

func (m *Manager) stopFull(ctx context.Context, id ID, free int64) error {
	r := m.runner(id)
	if r == nil {
		return nil // deleted meanwhile
	}
	r.drop()
	if err := m.stopUnlinked(ctx, r); err != nil {
		return err
	}
	_, err := m.update(ctx, id, func(_ *Session, b *batch) error {
		notice(b, "The sandbox was stopped because the disk is almost full: "+megabytes(int(free>>20))+" are left. Free at least 1 GB, then go on.")
		return nil
	})
	return err
}
