package session

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"reflect"
	"strconv"
)

// start makes whatever a running session lacks: image, mirror, container, link, workspace and agent. It is the same
// for a new session, a stopped one, and one that a crash cut off; each part looks first what is there.
func (r *runner) start(ctx context.Context, s Session) error {
	if err := r.acquire(ctx, s); err != nil {
		return err
	}
	p, err := r.m.project(s.Project)
	if err != nil {
		return err
	}
	agent, err := r.m.agent(s.Agent)
	if err != nil {
		return err
	}
	// Before the link, which brings what has to be redacted, and before a container that could not be given its
	// secrets.
	secrets, err := r.m.readSecrets(ctx, s, p)
	if err != nil {
		return err
	}
	kept, left := allowed(secrets)
	servers, err := fill(p.MCP, kept)
	if err != nil {
		return err
	}
	sb, err := r.m.Engine.Sandbox(ctx, r.id)
	if err != nil && CodeOf(err) != CodeNotFound {
		return err
	}
	fresh := err != nil || sb.State != SandboxRunning
	if !fresh && (s.Halt || renews(s)) {
		if err := r.m.Engine.Stop(ctx, r.id); err != nil {
			return err
		}
		fresh = true
	}
	if fresh {
		if err := r.startContainer(ctx, s, p, agent); err != nil {
			return err
		}
	}
	link, err := r.connect(ctx, s)
	if err != nil {
		return err
	}
	r.setLink(link)
	r.linked = r.m.Now()
	if err := r.startOn(ctx, link, s, p, agent, kept, servers, left, fresh); err != nil {
		r.drop() // nobody may take it for one whose agent has been started
		return err
	}
	r.setReady(link)
	if !fresh {
		return nil
	}
	return errors.Join(r.m.setOutdated(ctx, r.id, secrets), r.m.compareEnvironment(ctx, r.id))
}

// startOn makes workspace and agent ready over a new link. left are secrets that the session does not get; fresh says
// that the container was started just now.
func (r *runner) startOn(ctx context.Context, link Link, s Session, p Project, agent Agent, kept []given, servers []FilledMCPServer, left []string, fresh bool) error {
	if len(left) > 0 && fresh {
		if err := r.m.sayLeftOut(ctx, r.id, left); err != nil {
			return err
		}
	}
	if err := errors.Join(r.saySubmodules(ctx, link, s, p), r.sayEnvironment(ctx, link, s, p)); err != nil {
		return err
	}
	if err := r.startAgent(ctx, link, s, p, agent, kept, servers); err != nil {
		return r.orLost(link, err)
	}
	return r.started(ctx, link, s, p)
}

// acquire waits for a slot. A turn that runs already takes one without waiting: it is at work anyway.
func (r *runner) acquire(ctx context.Context, s Session) error {
	if r.slot || !wants(s) {
		return nil
	}
	if begun(s) {
		r.m.slots.take()
		r.slot = true
		return nil
	}
	if err := r.m.set(ctx, r.id, func(s *Session) {
		if s.Status != Working && r.current() == nil {
			s.Status, s.Error = Starting, nil
		}
	}); err != nil {
		return err
	}
	if !r.m.slots.tryAcquire() {
		if err := r.m.set(ctx, r.id, func(s *Session) { s.Queued, s.Step = true, "Queued" }); err != nil {
			return err
		}
		if err := r.m.slots.acquire(ctx); err != nil {
			return err
		}
		r.slot = true
		return r.m.set(ctx, r.id, func(s *Session) { s.Queued, s.Step = false, "" })
	}
	r.slot = true
	return nil
}

func (r *runner) startContainer(ctx context.Context, s Session, p Project, agent Agent) error {
	if r.m.Room != nil {
		if room, err := r.m.Room(); err == nil {
			if lack, hint := room.Lack(); lack != "" {
				return newError(CodeDiskFull, lack, hint+", then Retry.", nil)
			}
		}
	}
	if err := r.m.set(ctx, r.id, func(s *Session) { s.Sandbox = SandboxPreparing }); err != nil {
		return err
	}
	plan, err := r.m.plan(p)
	if err != nil {
		return err
	}
	planned := plan.Tools
	image, err := r.ensureEnvironment(ctx, agent, &plan)
	if err != nil {
		return err
	}
	if err := r.ensureMirror(ctx, s, p); err != nil {
		return err
	}
	settings := r.m.Settings()
	limits := settings.LimitsOf(p)
	binds, mounted := binds(r.m.Home, p.Mounts)
	err = r.phase(ctx, "container", func(func(string)) error {
		return r.m.Engine.EnsureSandbox(ctx, SandboxSpec{
			Session: r.id, Project: p.ID, Image: image,
			MemoryMB: limits.MemoryMB, CPUs: limits.CPUs, TmpMB: limits.TmpMB, Pids: settings.Pids, Binds: binds,
			Tools: plan.Tools, Path: plan.Path, Variables: append(r.m.region(), plan.Variables...),
		})
	})
	if err != nil {
		return err
	}
	return r.m.set(ctx, r.id, func(now *Session) {
		now.Sandbox, now.AgentPolicy, now.Mounts = SandboxRunning, s.Policy, mounted
		now.Environment, now.Limits, now.OldEnvironment = environmentSum(p.Environment, limits), limits, false
		now.Has = cmp.Or(p.Environment, &Environment{}).made(planned, plan.Tools, len(image.Packages) == len(plan.Packages))
		if q, err := r.m.project(p.ID); err == nil && reflect.DeepEqual(q.Environment, p.Environment) {
			now.Renew = false // else the environment has changed since
		}
		now.Halt = now.Halt && ctx.Err() != nil // a start that Stop has ended may have come after it
	})
}

func (r *runner) ensureImage(ctx context.Context, of ImageSpec) error {
	current, err := r.m.Engine.ImageCurrent(ctx, of)
	if err != nil {
		return err
	}
	if current {
		r.m.images.found(of)
		return nil
	}
	return r.phase(ctx, "image", func(out func(string)) error {
		return r.m.images.ensure(ctx, of, func(st ImageState) {
			out(fmt.Sprintf("[%d/%d] %s\n", st.Done, st.Total, st.Step))
		})
	})
}

// ensureMirror brings the base commit into the project's mirror, once for all sessions that need it.
func (r *runner) ensureMirror(ctx context.Context, s Session, p Project) error {
	unlock := r.m.mirror.lock(string(p.ID))
	defer unlock()
	tips, err := r.m.Engine.MirrorTips(ctx, p.ID)
	if err != nil {
		return err
	}
	for _, tip := range tips {
		if tip == s.BaseCommit {
			return nil
		}
	}
	return r.phase(ctx, "mirror", func(func(string)) error {
		pr, pw := io.Pipe()
		go func() { pw.CloseWithError(r.m.Git.Bundle(ctx, p, s.BaseCommit, tips, pw)) }()
		err := r.m.Engine.FillMirror(ctx, p.ID, s.BaseCommit, pr)
		// Whatever ended first, the other ends too; the bundle's own error says more.
		_ = pr.CloseWithError(errors.Join(err, io.ErrClosedPipe))
		return err
	})
}

func (r *runner) connect(ctx context.Context, s Session) (Link, error) {
	rw, err := r.m.Engine.Connect(ctx, r.id)
	if err != nil {
		return nil, err
	}
	link, err := r.m.Linker.Connect(ctx, rw, LinkHandler{
		Session: r.id,
		Cursor:  s.Cursor,
		Entries: r.entries,
		Model:   func(ctx context.Context, conn net.Conn) { r.m.Broker.Serve(ctx, r.id, conn) },
		Egress:  func(ctx context.Context, conn net.Conn) { r.m.Egress.Serve(ctx, r.id, conn) },
	})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrLinkLost, err)
	}
	return link, nil
}

func (r *runner) startAgent(ctx context.Context, link Link, s Session, p Project, agent Agent, secrets []given, servers []FilledMCPServer) error {
	name, email, err := r.m.Git.Identity(ctx, p)
	if err != nil {
		return err
	}
	env, err := r.m.Broker.Env(ctx, s, agent)
	if err != nil {
		return err
	}
	values, err := deliver(secrets, env)
	if err != nil {
		return err
	}
	now, err := r.m.session(r.id) // which knows what its sandbox has
	if err != nil {
		return err
	}
	var own Configuration
	if p.Environment != nil {
		own = p.Environment.Configuration
	}
	return link.Start(ctx, StartSpec{
		Known: r.known(ctx, link, s, p), Variables: own.Variables, SetupCommands: own.Setup, StartCommands: own.Start,
		Session: r.id, Base: s.BaseCommit, Branch: s.Branch, AuthorName: name, AuthorEmail: email,
		Command: agent.Command, Env: env, Secrets: values, Conversation: s.Conversation,
		Model: s.Model, Effort: s.Effort, Mode: s.Mode, Policy: s.Policy, SetupSeconds: 15 * 60, MCP: servers,
		Instructions: now.instructions(),
		Missing:      r.m.wantedCommands(s, p),
	})
}

// known returns what a new clone has beside its branch; nil where the clone is there already. A session works without
// it.
func (r *runner) known(ctx context.Context, link Link, s Session, p Project) *Known {
	if link.Epoch() == s.Cursor.Epoch && !s.Bare {
		return nil
	}
	k, err := r.m.Git.BaseNames(ctx, p, s.BaseRef, s.BaseCommit)
	if err != nil {
		r.m.Log.Warn("find the base's names and tags", "session", r.id, "err", err)
		return nil
	}
	return &k
}

// started records that the session can be prompted. A sandbox that was recreated gets the last result back first.
func (r *runner) started(ctx context.Context, link Link, before Session, p Project) error {
	s, err := r.m.session(r.id)
	if err != nil {
		return err
	}
	switch {
	case s.Result.Files != "" && (s.Bare || link.Fresh() || link.Epoch() != before.Cursor.Epoch):
		err = r.bringBack(ctx, link, p, s, s.Result) // it was made from the base that the session has now
	case s.Ahead != "" && s.WorkedSince == 0:
		err = r.follow(ctx, link, p, s)
	}
	if err != nil {
		return r.orLost(link, err)
	}
	return r.m.set(ctx, r.id, func(s *Session) {
		s.Sandbox, s.Queued, s.Ahead, s.Bare = SandboxRunning, false, "", false
		if s.Status == Failed && !wants(*s) {
			return // its sandbox was found again; it has failed all the same
		}
		if s.Error == nil || s.Error.Code != CodeJournal {
			s.Error = nil // what was refused is told until the next prompt
		}
		if s.Status != Working && s.Status != Stopped && s.Status != Archived { // as it may have become meanwhile
			s.Status = Idle
			if promptWaits(*s) {
				s.Status = Working // it follows at once
			}
		}
		if s.WorkedSince == 0 && s.Pending == nil {
			s.Step = ""
		}
	})
}

// orLost returns ErrLinkLost where the link has ended: what failed then is the channel, not the command.
func (r *runner) orLost(link Link, err error) error {
	select {
	case <-link.Done():
		return fmt.Errorf("%w: %w", ErrLinkLost, err)
	default:
		return err
	}
}

// phase shows a step of the start in the transcript, with what it says and how long it took.
func (r *runner) phase(ctx context.Context, name string, f func(out func(string)) error) error {
	var id ItemID
	begun := r.m.Now()
	_, err := r.m.update(ctx, r.id, func(s *Session, b *batch) error {
		id = ItemID("phase-" + name + "-" + strconv.FormatUint(s.Items+1, 10))
		it := b.add(id, KindPhase)
		it.Phase = &Phase{Name: name, Status: "running"}
		s.Step = phaseStep(name)
		return nil
	})
	if err != nil {
		return err
	}
	failure := f(func(text string) {
		_, _ = r.m.update(ctx, r.id, func(s *Session, b *batch) error {
			if it := b.find(id); it != nil {
				b.write(it, text)
			}
			return nil
		})
	})
	_, err = r.m.update(ctx, r.id, func(s *Session, b *batch) error {
		it := b.find(id)
		if it == nil {
			return nil
		}
		it.Phase = &Phase{Name: name, Status: "done", Millis: int(r.m.Now().Sub(begun).Milliseconds())}
		switch {
		case failure != nil && ctx.Err() != nil: // stopped, or the application ends: no failure
			it.Phase.Status = "stopped"
		case failure != nil:
			it.Phase.Status, it.Error = "failed", b.secrets.error(failure)
		}
		setTiming(s, name, it.Phase.Millis)
		b.change(it)
		b.done(it)
		return nil
	})
	if failure != nil {
		return failure
	}
	return err
}
