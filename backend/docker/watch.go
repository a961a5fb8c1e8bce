package docker

import (
	"context"
	"fmt"
	"time"

	"github.com/docker/docker/api/types/events"
	"github.com/docker/docker/api/types/filters"

	"background-agents/backend/session"
)

// watchSoon is the pause before Watch looks for an engine that has gone; it doubles each time, up to watchLate. It ends
// when the engine is back.
const (
	watchSoon = 200 * time.Millisecond
	watchLate = 3 * time.Second
)

// Watch implements session.Engine. After engine_up anything may have happened while nobody listened: a caller that
// needs to know asks.
func (e *Engine) Watch(ctx context.Context, f func(session.SandboxEvent)) error {
	w := watcher{e: e, tell: f, up: true}
	wait := watchSoon
	for ctx.Err() == nil {
		if w.follow(ctx) {
			wait = watchSoon
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
		wait = min(2*wait, watchLate)
	}
	return ctx.Err()
}

type watcher struct {
	e    *Engine
	tell func(session.SandboxEvent)
	up   bool  // the last that was told
	last int64 // time of the last event, in nanoseconds by the engine's clock
	host string
}

// follow reads the engine's events until they end. It reports whether the engine was there.
func (w *watcher) follow(ctx context.Context) bool {
	state, err := w.e.Ping(ctx)
	if ctx.Err() != nil {
		return false
	}
	w.turn(err == nil)
	if err != nil {
		return false
	}
	c, err := w.e.connect(ctx)
	if err != nil {
		return false
	}
	if w.host != state.Host {
		w.host, w.last = state.Host, 0
	}
	args := filters.NewArgs(ofAll(), filters.Arg("type", string(events.ContainerEventType)))
	for _, kind := range []events.Action{events.ActionStart, events.ActionDie, events.ActionOOM, events.ActionDestroy} {
		args.Add("event", string(kind))
	}
	options := events.ListOptions{Filters: args}
	if w.last != 0 {
		options.Since = fmt.Sprintf("%d.%09d", w.last/1e9, w.last%1e9)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, failed := c.api.Events(ctx, options)
	for {
		select {
		case m := <-stream:
			w.event(m)
		case <-failed: //nolint:errcheck // its end is all that it says
			return true // the next Ping says whether the engine has gone
		case <-ctx.Done():
			return true
		}
	}
}

// turn tells when the engine goes or comes back.
func (w *watcher) turn(up bool) {
	if up == w.up {
		return
	}
	w.up = up
	kind := "engine_down"
	if up {
		kind = "engine_up"
	}
	w.tell(session.SandboxEvent{Kind: kind})
}

func (w *watcher) event(m events.Message) {
	if m.TimeNano <= w.last {
		return // the engine repeats the last one after a new connect
	}
	w.last = m.TimeNano
	id := session.ID(m.Actor.Attributes[labelSession])
	if id == "" || !w.e.mine(m.Actor.Attributes) {
		return
	}
	ev := session.SandboxEvent{Session: id, Kind: string(m.Action)}
	switch m.Action {
	case events.ActionDestroy:
		ev.Kind = "gone"
	case events.ActionDie:
		_, _ = fmt.Sscan(m.Actor.Attributes["exitCode"], &ev.ExitCode)
	}
	w.tell(ev)
}
