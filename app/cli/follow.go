package main

import (
	"context"
	"errors"
	"slices"
	"time"

	"background-agents/backend/control"
	"background-agents/backend/session"
)

// follow shows what happens to a session until done says that it is enough, and returns its last value. Where the
// application ends meanwhile, it goes on with a backend of its own.
func (c *cli) follow(ctx context.Context, at *access, id session.ID, show func(*access, session.Event), done func(session.Session) bool) (session.Session, error) {
	var last session.Session
	for {
		watch, enough := context.WithCancel(ctx)
		gone, ended := false, false
		err := at.Watch(watch, func(e session.Event) {
			if ended || gone {
				return
			}
			here := !e.State
			for _, s := range e.Sessions {
				if s.ID == id {
					last, here = s, true
				}
			}
			if !here || slices.Contains(e.Gone, string(id)) {
				gone = true
				enough()
				return
			}
			show(at, e)
			if last.ID != "" && done(last) {
				ended = true
				enough()
			}
		})
		enough()
		switch {
		case ended:
			return last, nil
		case gone:
			return last, &session.Error{Code: session.CodeNotFound, Message: "The session was deleted.", Hint: "`bga list` shows what there is."}
		case ctx.Err() != nil:
			return last, ctx.Err()
		case !errors.Is(err, control.ErrGone):
			return last, err
		}
		if at, err = c.reopen(ctx); err != nil {
			return last, err
		}
	}
}

// reopenTries and reopenPause bound the search for the backend after the application that had it ended. It ends with
// one that answers, or with the error of the last try.
const (
	reopenTries = 20
	reopenPause = 250 * time.Millisecond
)

// reopen finds the backend again after the application that had it ended.
func (c *cli) reopen(ctx context.Context) (*access, error) {
	_ = c.at.close()
	c.at = nil
	for try := 0; ; try++ {
		at, err := c.ops(ctx)
		if err == nil || try == reopenTries {
			return at, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(reopenPause):
		}
	}
}

// rests reports whether the session does nothing more for this prompt until its user acts.
func rests(s session.Session, prompt session.PromptID) bool {
	switch s.Status {
	case session.NeedsYou, session.Failed, session.Stopped, session.Archived:
		return true
	case session.Idle:
		return s.Held || s.Pending == nil && s.WorkedSince == 0 && !queued(s, prompt)
	}
	return false
}

func queued(s session.Session, prompt session.PromptID) bool {
	return slices.ContainsFunc(s.Prompts, func(p session.Prompt) bool { return p.ID == prompt })
}

// handedOver reports whether the prompt's turn goes on without a backend.
func handedOver(s session.Session, prompt session.PromptID) bool {
	return s.WorkedSince != 0 && slices.ContainsFunc(s.Prompts, func(p session.Prompt) bool { return p.ID == prompt && p.Sent })
}

// outcome is how a session that was waited for ended, as an exit code; what went wrong is said.
func (c *cli) outcome(ctx context.Context, at *access, s session.Session) error {
	switch {
	case s.Status == session.NeedsYou:
		c.say(&session.Error{Message: "The session needs your answer.", Hint: "`bga show " + string(s.ID) + "` says what it asks, `bga answer` answers."})
		return exit{exitNeedsYou}
	case s.Error != nil:
		c.say(s.Error)
		return exit{exitFailed}
	case s.Interrupted:
		c.say(&session.Error{Message: "The turn was cut off.", Hint: "Send a prompt to go on."})
		return exit{exitFailed}
	}
	it, err := lastOf(ctx, at, s, session.KindTurn)
	if err != nil {
		return err
	}
	switch {
	case it.Result == nil || it.Turn != s.Turns || it.Result.Stop == "end_turn" && it.Error == nil:
		return nil
	case it.Error != nil:
		c.say(it.Error)
	case it.Result.Stop == "cancelled":
		c.say(&session.Error{Message: "The turn was stopped.", Hint: "Send a prompt to go on."})
	default:
		c.say(&session.Error{Message: "The turn ended early: " + it.Result.Stop + ".", Hint: "`bga log " + string(s.ID) + "` shows how far it came."})
	}
	return exit{exitFailed}
}

// lookBack is among how many of its last items something is looked for that a session ended or waits with.
const lookBack = 1000

// lastOf returns the last item of a kind, the zero Item if there is none.
func lastOf(ctx context.Context, ops session.Operations, s session.Session, kind session.Kind) (session.Item, error) {
	for it, err := range session.Backward(ctx, ops, s, lookBack) {
		if err != nil || it.Kind == kind {
			return it, err
		}
	}
	return session.Item{}, nil
}
