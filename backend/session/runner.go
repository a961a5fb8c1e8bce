package session

import (
	"cmp"
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
	ready     bool               // its agent was started: it takes prompts
	delivered PromptID           // given to the present link
	cancel    context.CancelFunc // ends the step that run is taking
	ended     context.CancelFunc // ends run itself, when the session is deleted
	values    map[string]*known  // what secrets looks for
	problem   *Error             // why the last request to the model failed
	problemAt time.Time          // when the session's line said so last

	// Only run's goroutine touches these.
	slot     bool
	active   time.Time // last time that there was something to do
	attached bool      // it is known whether a sandbox was running when the application started
	refused  bool      // the agent in the running sandbox could not be started: it is tried again when something is to be done
	away     time.Time // since when the engine has been away from a session that starts
	retry    time.Duration
	linked   time.Time     // when the last link was made
	lost     time.Duration // the last pause after one that did not last
	heard    Cursor        // what had been heard before that
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

// current returns the live link, nil if there is none.
func (r *runner) current() Link {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.link
}

// prompted returns the live link where its agent has been started, nil else: before that, a sandbox may lack the last
// result.
func (r *runner) prompted() Link {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.ready {
		return nil
	}
	return r.link
}

// setReady says that a link's agent has been started, where the link is still the present one.
func (r *runner) setReady(l Link) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ready = r.link == l
}

// setLink changes the link and returns the one before. What was delivered to that is not known to have arrived.
func (r *runner) setLink(l Link) (before Link) {
	r.mu.Lock()
	defer r.mu.Unlock()
	before, r.link, r.ready, r.delivered = r.link, l, false, ""
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
			r.pause(ctx)
		case <-timer.C:
		}
		timer.Stop()
	}
}

// pause waits after the end of a link that did not last, longer each time that nothing new was heard over it: one whose
// entries are refused again and again would be recreated at once. It ends with the pause, or with the runner.
func (r *runner) pause(ctx context.Context) {
	if r.m.Now().Sub(r.linked) >= linkLasts {
		r.lost = 0
		return
	}
	if s, err := r.m.session(r.id); err == nil && s.Cursor != r.heard {
		r.heard, r.lost = s.Cursor, 0
	}
	r.lost = min(max(2*r.lost, firstRetry), lastRetry)
	if r.lost >= lossTold {
		r.tellLoss(ctx)
	}
	select {
	case <-time.After(r.lost):
	case <-ctx.Done():
	}
}

// linkDone returns a channel that closes when the link ends; it blocks for ever if there is none.
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

// wants says whether the session needs its sandbox now.
func wants(s Session) bool {
	if s.Status == Archived || s.Status == Failed && s.Held {
		return s.Pending != nil && s.Status != Archived
	}
	if s.Status == Starting || s.Pending != nil || s.Status == Idle && renews(s) && hasContainer(s) {
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
	r.retry, r.away = 0, time.Time{}
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
		r.refused = false
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
	if errors.Is(err, context.Canceled) && !errors.Is(err, ErrLinkLost) {
		r.wake()
		return canceledPause
	}
	begun := begun(s)
	err = r.m.engineError(ctx, err)
	code := CodeOf(err)
	switch {
	case code == CodeDockerDown && (begun || r.waitsForEngine()):
		_ = r.m.set(ctx, r.id, func(s *Session) { s.Step = stepEngineAway })
		return r.backoff()
	case begun && (code == CodeSandboxGone || errors.Is(err, ErrLinkLost)), errors.Is(err, ErrLinkLost) && r.retry < linkTries:
		if r.retry >= linkTries { // it takes connections, and loses them or says nothing
			_ = r.m.set(ctx, r.id, func(s *Session) { s.Step = stepNoAnswer })
		}
		return r.backoff()
	}
	r.m.Log.Error("session failed", "session", r.id, "err", err)
	r.refused, r.retry, r.away = true, 0, time.Time{}
	if code == CodeInternal && errors.Is(err, ErrLinkLost) {
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
	return 0 // rest stops its sandbox when it idles
}

// backoff returns how long to wait before the next try: from firstRetry, doubled up to lastRetry.
func (r *runner) backoff() time.Duration {
	r.retry = min(max(2*r.retry, firstRetry), lastRetry)
	return r.retry
}

// begun says whether a session has a turn whose end or whose result the host does not have yet.
func begun(s Session) bool { return s.WorkedSince != 0 || s.Pending != nil }

// ErrLinkLost says that the channel broke; the supervisor's journal has what happened, so the next link goes on. What a
// Link returns after its end has it in its chain.
var ErrLinkLost = errors.New("the channel to the sandbox was lost")

// sandboxChanged hears of the container from the engine.
func (r *runner) sandboxChanged(e SandboxEvent) {
	switch e.Kind {
	case "oom":
		limit := r.m.Settings().MemoryMB
		_, err := r.m.update(r.m.ctx, r.id, func(s *Session, b *batch) error {
			limit = cmp.Or(s.Limits.MemoryMB, limit)
			notice(b, "A command in the sandbox ran out of memory (limit "+megabytes(limit)+", files in /tmp "+
				"included) and was ended. Raise the limit in the project's settings.")
			return nil
		})
		if err != nil {
			r.m.Log.Error("record out of memory", "session", r.id, "err", err)
		}
	case "die", "gone":
		r.wake()
	}
}
