package session

import (
	"context"
	"strconv"
	"time"
)

// How often the disk is looked at while sandboxes run, and while none does.
const (
	diskPause = time.Second
	diskRest  = 10 * time.Second
)

// Room is what can still be written to a disk. A file system that makes room for files as it goes says that it has none at all.
type Room struct {
	Bytes    int64
	Files    int64 // that can still be made
	AllFiles int64 // that there can be; 0 where there is no such bound
}

// Least returns of both the less: of files, the one that is nearer to its end.
func (r Room) Least(o Room) Room {
	r.Bytes = min(r.Bytes, o.Bytes)
	if o.AllFiles != 0 && (r.AllFiles == 0 || o.Files < r.Files) {
		r.Files, r.AllFiles = o.Files, o.AllFiles
	}
	return r
}

// What a sandbox needs to start at the least: below it a checkout or a result would fail half-way. Small disks have few files at all.
const (
	minFreeDisk  = 1 << 30
	minFreeFiles = 200_000
	minFreePart  = 10 // the tenth of all files, where that is less
)

// leastPart is what running sandboxes leave of that. A start needs more, so that what is started is not stopped at once.
const leastPart = 2

// Lack says in a sentence what there is too little of for a sandbox to start, and in a beginning of another what to do; "" where there is
// enough.
func (r Room) Lack() (what, hint string) { return r.lack(1) }

// lack says what there is too little of, where only a part of the bounds counts.
func (r Room) lack(part int64) (what, hint string) {
	files := min(int64(minFreeFiles), r.AllFiles/minFreePart)
	switch {
	case r.Bytes < minFreeDisk/part:
		return "The disk is almost full: " + megabytes(int(r.Bytes>>20)) + " are left.", "Free at least 1 GB"
	case r.Files < files/part:
		return "The disk holds almost as many files as it can: there is room for " + strconv.FormatInt(r.Files, 10) + " more.", "Delete folders with many files"
	}
	return "", ""
}

// watchDisk stops the sandboxes when they have left little of the disk. No engine bounds what a volume takes, in bytes or in files, and
// what a sandbox says is stored on the host: an agent that writes without end, or means to, would take the user's last byte.
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
		room, err := m.Room()
		if err != nil {
			continue
		}
		lack, hint := room.lack(leastPart)
		if lack == "" {
			continue
		}
		m.Log.Warn("disk almost full, sandboxes are stopped", "bytes", room.Bytes, "files", room.Files, "sandboxes", len(running))
		for _, id := range running {
			if err := m.stopFull(m.ctx, id, lack+" The sandbox was stopped. "+hint+", then go on."); err != nil {
				m.Log.Error("stop sandbox", "session", id, "err", err)
			}
		}
		pause = diskRest // they take some seconds to end
	}
}

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

func (m *Manager) stopFull(ctx context.Context, id ID, why string) error {
	r := m.runner(id)
	if r == nil {
		return nil // deleted meanwhile
	}
	if err := m.halt(ctx, r); err != nil {
		return err
	}
	_, err := m.update(ctx, id, func(_ *Session, b *batch) error {
		notice(b, why)
		return nil
	})
	return err
}
