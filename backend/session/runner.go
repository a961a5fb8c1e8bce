package session

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// runner looks after one session: it makes what the session lacks, hands over prompts, receives results, and lets the
// sandbox go when nothing needs it. One goroutine (run) does all of that, in steps, so that a new session, a stopped
// one and one that a crash cut off go the same way.
type runner struct {
	m  *Manager
	id ID

	transcript transcript // guarded by Manager.writing
	secrets    atomic.Pointer[redactor]
	ending     atomic.Bool // endFull is at work

	signal chan struct{} // holds a token while there may be something to do

	mu        sync.Mutex
	link      Link
	delivered PromptID           // given to the present link
	cancel    context.CancelFunc // ends the step that run is taking
	ended     context.CancelFunc // ends run itself, when the session is deleted
	values    map[string]*known  // what secrets looks for

	// Only run's goroutine touches these.
	slot     bool
	active   time.Time // last time that there was something to do
	attached bool      // it is known whether a sandbox was running when the application started
	retry    time.Duration
}

func newRunner(m *Manager, id ID) *runner {
	return &runner{m: m, id: id, signal: make(chan struct{}, 1)}
}

func (r *runner) wake() {
	select {
	case r.signal <- struct{}{}:
	default:
	}
}

// current returns the live link, nil where there is none.
func (r *runner) current() Link {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.link
}

// setLink changes the link and returns the one before. What was delivered to that is not known to have arrived.
func (r *runner) setLink(l Link) (before Link) {
	r.mu.Lock()
	defer r.mu.Unlock()
	before, r.link, r.delivered = r.link, l, ""
	return before
}

// interrupt ends the step that is under way.
func (r *runner) interrupt() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cancel != nil {
		r.cancel()
	}
}

// finish ends run; who waits for it waits for the Manager.
func (r *runner) finish() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended != nil {
		r.ended()
	}
}

// run takes steps until ctx ends or the session is gone.
func (r *runner) run(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r.mu.Lock()
	r.ended = cancel
	r.mu.Unlock()
	defer r.drop()
	defer r.free()
	r.active = r.m.Now()
	for ctx.Err() == nil {
		wait := r.step(ctx)
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
		case <-r.signal:
		case <-r.linkDone():
			r.drop()
		case <-timer.C:
		}
		timer.Stop()
	}
}

// linkDone returns a channel that closes when the link ends; it blocks for ever where there is none.
func (r *runner) linkDone() <-chan struct{} {
	if l := r.current(); l != nil {
		return l.Done()
	}
	return nil
}

// drop closes the link.
func (r *runner) drop() {
	if l := r.setLink(nil); l != nil {
		_ = l.Close()
		<-l.Done()
	}
}

func (r *runner) free() {
	if r.slot {
		r.m.slots.release()
		r.slot = false
	}
}

const longWait = 24 * time.Hour

// wants says whether the session needs its sandbox now.
func wants(s Session) bool {
	if s.Status == Archived || s.Status == Failed && s.Held {
		return s.Pending != nil && s.Status != Archived
	}
	if s.Status == Starting || s.Pending != nil {
		return true
	}
	return promptWaits(s)
}

// promptWaits says whether a prompt is to be given to the agent, or was and has not ended.
func promptWaits(s Session) bool {
	return slices.ContainsFunc(s.Prompts, func(p Prompt) bool { return p.Sent || !s.Held })
}

// step does what is to be done now, and returns how long to wait where nothing wakes it before.
func (r *runner) step(ctx context.Context) time.Duration {
	s, err := r.m.session(r.id)
	if err != nil {
		return longWait
	}
	if !wants(s) {
		return r.rest(ctx, s)
	}
	r.active = r.m.Now()
	if err := r.advance(ctx, s); err != nil {
		return r.failed(ctx, err)
	}
	r.retry = 0
	if s, err = r.m.session(r.id); err == nil && !wants(s) {
		return r.rest(ctx, s)
	}
	return longWait
}

// advance makes what the session lacks and hands over what waits. interrupt ends it.
func (r *runner) advance(ctx context.Context, s Session) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	r.mu.Lock()
	r.cancel = cancel
	r.mu.Unlock()
	defer func() {
		r.mu.Lock()
		r.cancel = nil
		r.mu.Unlock()
	}()
	if r.current() == nil {
		if err := r.start(ctx, s); err != nil {
			return err
		}
	}
	return r.work(ctx)
}

// failed decides what an error means: the user stopped it, it passes and is tried again, or the session has failed.
func (r *runner) failed(ctx context.Context, err error) time.Duration {
	r.drop()
	r.free()
	if ctx.Err() != nil {
		return 0
	}
	s, gone := r.m.session(r.id)
	if gone != nil || !wants(s) {
		r.wake() // rest decides
		return longWait
	}
	begun := s.WorkedSince != 0 || s.Pending != nil
	code := CodeOf(err)
	passing := errors.Is(err, errLinkLost) || code == CodeDockerDown || code == CodeSandboxGone
	if passing && begun || errors.Is(err, errLinkLost) && r.retry < 4*time.Second {
		wait := r.backoff()
		if code == CodeDockerDown {
			_ = r.m.set(ctx, r.id, func(s *Session) { s.Step = "Waiting for Docker" })
		}
		return wait
	}
	if errors.Is(err, context.Canceled) {
		r.wake()
		return 50 * time.Millisecond
	}
	r.m.Log.Error("session failed", "session", r.id, "err", err)
	if code == CodeInternal && errors.Is(err, errLinkLost) {
		err = newError(CodeSandbox, "The sandbox starts, but does not answer.", "Retry; `bga doctor` checks the engine.", err)
	}
	_ = r.m.set(ctx, r.id, func(s *Session) {
		if !wants(*s) {
			return // it was stopped meanwhile: what failed then is no failure
		}
		s.Status, s.Error, s.Held, s.Unread = Failed, r.secrets.Load().error(err), true, true
		s.Step, s.Queued = "", false
		if s.Sandbox == SandboxPreparing {
			s.Sandbox = SandboxError
		}
	})
	return longWait
}

// backoff returns how long to wait before the next try: from 100 ms, doubled up to 10 s.
func (r *runner) backoff() time.Duration {
	r.retry = min(max(2*r.retry, 100*time.Millisecond), 10*time.Second)
	return r.retry
}

// errLinkLost says that the channel broke; the supervisor's journal has what happened, so the next link goes on.
var errLinkLost = errors.New("the channel to the sandbox was lost")

// sandboxChanged hears of the container from the engine.
func (r *runner) sandboxChanged(e SandboxEvent) {
	switch e.Kind {
	case "oom":
		limit := r.m.Settings().MemoryMB
		_, err := r.m.update(r.m.ctx, r.id, func(s *Session, b *batch) error {
			notice(b, "A command in the sandbox ran out of memory (limit "+megabytes(limit)+") and was ended. Settings can raise the limit.")
			return nil
		})
		if err != nil {
			r.m.Log.Error("record out of memory", "session", r.id, "err", err)
		}
	case "die", "gone":
		r.wake()
	}
}
