package session

import (
	"context"
	"errors"
	"time"
)

// rest keeps a session that needs nothing: it follows a sandbox that runs already, and stops one that idles.
func (r *runner) rest(ctx context.Context, s Session) time.Duration {
	r.free()
	if s.Status == Working {
		_ = r.m.set(ctx, r.id, func(s *Session) { s.Status, s.Step = Idle, "" })
	}
	if r.current() == nil {
		if r.attached && s.Sandbox != SandboxRunning {
			return longWait
		}
		if !r.refused || s.Status == Stopped || s.Status == Archived {
			return r.attach(ctx, s)
		}
	}
	if s.Questions > 0 {
		r.active = r.m.Now() // who waits for an answer still wants the sandbox
	}
	minutes := r.m.Settings().IdleMinutes
	if minutes <= 0 {
		return longWait
	}
	left := time.Duration(minutes)*time.Minute - r.m.Now().Sub(r.active)
	if left > 0 {
		return left
	}
	if err := r.stopSandbox(ctx); err != nil {
		r.m.Log.Warn("stop idle sandbox", "session", r.id, "err", err)
		return idleRetry
	}
	return longWait
}

// attach follows a sandbox that was running before the application was; it starts none.
func (r *runner) attach(ctx context.Context, s Session) time.Duration {
	if s.Sandbox == SandboxNone || s.Status == Archived && !hasContainer(s) {
		r.attached = true
		return longWait
	}
	sb, err := r.m.Engine.Sandbox(ctx, r.id)
	if err != nil && CodeOf(err) != CodeNotFound {
		return r.backoff()
	}
	r.attached = true
	running := err == nil && sb.State == SandboxRunning
	if running && (s.Halt || s.Status == Stopped || s.Status == Archived || s.Sandbox == SandboxStopped) { // the user stopped it as it started, or as the engine was away
		if err := r.stopSandbox(ctx); err != nil {
			r.m.Log.Warn("stop sandbox", "session", r.id, "err", err)
			return r.backoff()
		}
		return longWait
	}
	if running {
		if err := r.m.secretsReady(ctx, s); err != nil {
			r.m.Log.Warn("attach", "session", r.id, "err", err)
			return keychainRetry // the keychain opens when its user comes
		}
		if err := r.start(ctx, s); err != nil {
			r.m.Log.Warn("attach", "session", r.id, "err", err)
			if err = r.m.engineError(ctx, err); !errors.Is(err, ErrLinkLost) && CodeOf(err) != CodeDockerDown && CodeOf(err) != CodeSandboxGone {
				r.refused = true // as a hook that fails: it idles until its user does something
				r.wake()
				return longWait
			}
			return r.backoff()
		}
		r.retry = 0
		return time.Duration(max(1, r.m.Settings().IdleMinutes)) * time.Minute
	}
	state := SandboxMissing
	if err == nil && sb.State != SandboxNone {
		state = sb.State
	}
	r.resting(ctx, state)
	return longWait
}

// resting records that the session has no running sandbox.
func (r *runner) resting(ctx context.Context, state SandboxState) {
	err := r.m.set(ctx, r.id, func(s *Session) {
		s.Sandbox, s.Halt = state, false
		if s.Status == Idle {
			s.Status = Stopped
		}
		s.Step = ""
	})
	if err != nil && CodeOf(err) != CodeNotFound {
		r.m.Log.Error("record resting", "session", r.id, "err", err)
	}
}

func (r *runner) stopSandbox(ctx context.Context) error {
	r.drop()
	if err := r.m.Engine.Stop(ctx, r.id); err != nil {
		return err
	}
	r.resting(ctx, SandboxStopped)
	return nil
}
