package gitrepo

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"time"

	"background-agents/backend/private"
	"background-agents/backend/session"
)

// projectLock guards a project's quarantine refs and the administration of worktrees; it is held briefly. Other
// locks are named after sessions, and are taken before it.
const projectLock = "project"

// locks are held in this process by mu and held, and against other processes by a lock on a file, which running git
// commands inherit: so a command that outlives its killed parent keeps the next process waiting.
type locks struct {
	mu   sync.Mutex
	held map[string]chan struct{} // of capacity 1: full while held
}

type heldKey struct{}

// heldFiles are the locks that commands under ctx inherit.
func heldFiles(ctx context.Context) []*os.File {
	files, _ := ctx.Value(heldKey{}).([]*os.File)
	return files
}

func (l *locks) gate(name string) chan struct{} {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.held == nil {
		l.held = map[string]chan struct{}{}
	}
	g := l.held[name]
	if g == nil {
		g = make(chan struct{}, 1)
		l.held[name] = g
	}
	return g
}

// lock waits until nobody else holds the project's lock of that name. The returned context is for what is done under
// it.
func (r *Repos) lock(ctx context.Context, p session.ProjectID, name string) (context.Context, func(), error) {
	gate := r.locks.gate(string(p) + "/" + name)
	select {
	case gate <- struct{}{}:
	case <-ctx.Done():
		return nil, nil, explain(context.Cause(ctx))
	}
	for {
		file, busy, err := r.lockFile(p, name)
		if err != nil {
			<-gate
			return nil, nil, explain(err)
		}
		if !busy {
			held := append(append([]*os.File(nil), heldFiles(ctx)...), inheritable(file)...)
			return context.WithValue(ctx, heldKey{}, held), func() { _ = file.Close(); <-gate }, nil
		}
		select {
		case <-ctx.Done():
			<-gate
			return nil, nil, explain(context.Cause(ctx))
		case <-time.After(lockCheck):
		}
	}
}

// tryLock is lock without waiting.
func (r *Repos) tryLock(p session.ProjectID, name string) (unlock func(), ok bool) {
	gate := r.locks.gate(string(p) + "/" + name)
	select {
	case gate <- struct{}{}:
	default:
		return nil, false
	}
	file, busy, err := r.lockFile(p, name)
	if err != nil || busy {
		<-gate
		return nil, false
	}
	return func() { _ = file.Close(); <-gate }, true
}

func (r *Repos) lockFile(p session.ProjectID, name string) (f *os.File, busy bool, err error) {
	dir := filepath.Join(r.projectDir(p), "locks")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, false, err
	}
	f, err = private.OpenFile(filepath.Join(dir, name), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, false, err
	}
	if busy, err = tryFlock(f); busy || err != nil {
		_ = f.Close()
		return nil, busy, err
	}
	return f, false, nil
}
