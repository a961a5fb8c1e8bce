package session

import (
	"cmp"
	"context"
	"errors"
	"io"
	"os"
	"time"
)

// entries stores what the supervisor's journal says; the link acknowledges it then.
func (r *runner) entries(ctx context.Context, entries []Entry) error {
	var s Session
	entries = r.m.withRemedies(r.id, entries)
	for folded := 0; folded < len(entries); {
		var err error
		s, err = r.m.update(ctx, r.id, func(s *Session, b *batch) error {
			n, err := fold(s, b, entries[folded:])
			folded += n
			return err
		})
		if err != nil {
			return err
		}
	}
	if full(s) && r.ending.CompareAndSwap(false, true) {
		r.m.wg.Go(func() { defer r.ending.Store(false); r.m.endFull(r.id) })
	}
	if s.Pending != nil || s.WorkedSince == 0 {
		r.wake()
	}
	return nil
}

// work receives a result that waits, and gives the next prompt to the agent.
func (r *runner) work(ctx context.Context) error {
	link := r.current()
	if link == nil {
		return ErrLinkLost // its user let go of it since it was made
	}
	s, p, err := r.m.sessionProject(r.id)
	if err != nil {
		return err
	}
	if s.Pending != nil {
		if err := r.receive(ctx, link, s, p); err != nil {
			return r.orLost(link, err)
		}
		if s, err = r.m.session(r.id); err != nil {
			return err
		}
	}
	if renews(s) {
		return r.stopForStart(ctx)
	}
	if s.WorkedSince != 0 || len(s.Prompts) == 0 {
		return nil
	}
	next := s.Prompts[0]
	r.mu.Lock()
	delivered := r.delivered == next.ID
	r.mu.Unlock()
	if delivered || !next.Sent && s.Held {
		return nil
	}
	if s.AgentPolicy == AllowAll && s.Policy != AllowAll && !next.Sent {
		return r.stopForStart(ctx)
	}
	if s.Ahead != "" && !next.Sent {
		if err := r.follow(ctx, link, p, s); err != nil {
			return r.orLost(link, err)
		}
	}
	if err := r.acquire(ctx, s); err != nil {
		return err
	}
	if err := r.deliver(ctx, link, next.ID); err != nil {
		return r.orLost(link, err)
	}
	return nil
}

// stopForStart stops the container and returns an error that makes run start it again.
func (r *runner) stopForStart(ctx context.Context) error {
	r.drop()
	if err := r.m.Engine.Stop(ctx, r.id); err != nil {
		return err
	}
	return ErrLinkLost
}

// deliver marks a prompt as sent and then sends it: after a crash in between it is sent again, and the supervisor
// knows it by its id.
func (r *runner) deliver(ctx context.Context, link Link, id PromptID) error {
	var prompt *Prompt
	_, err := r.m.update(ctx, r.id, func(s *Session, _ *batch) error {
		if len(s.Prompts) == 0 || s.Prompts[0].ID != id || s.Held && !s.Prompts[0].Sent {
			return nil // cancelled or stopped in between
		}
		s.Prompts = withPrompt(s.Prompts, id, func(p *Prompt) { p.Sent = true })
		prompt = &s.Prompts[0]
		s.Status, s.Error, s.Refused = Working, nil, nil
		s.Step = stepSending
		return nil
	})
	if err != nil || prompt == nil {
		return err
	}
	r.mu.Lock()
	r.problem = nil // of a turn before
	r.mu.Unlock()
	defer r.slow(ctx)()
	command := PromptCommand{ID: id, Text: prompt.Text}
	for _, a := range prompt.Attachments {
		file, err := r.upload(ctx, link, a)
		if err != nil {
			return err
		}
		command.Files = append(command.Files, file)
	}
	if err := link.Prompt(ctx, command); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.link == link {
		r.delivered = id
	}
	return nil
}

// slow says in the session's line when the supervisor takes long to accept a prompt, until the returned function is
// called.
func (r *runner) slow(ctx context.Context) (end func()) {
	step := func(from, to string) {
		_ = r.m.set(ctx, r.id, func(s *Session) {
			if s.Step == from && s.WorkedSince == 0 {
				s.Step = to
			}
		})
	}
	done, said := make(chan struct{}), make(chan bool, 1)
	go func() {
		select {
		case <-time.After(answerWait):
			step(stepSending, stepNoAnswer)
			said <- true
		case <-done:
			said <- false
		}
	}()
	return func() {
		close(done)
		if <-said {
			step(stepNoAnswer, stepSending)
		}
	}
}

func (r *runner) upload(ctx context.Context, link Link, a Attachment) (PromptFile, error) {
	f, err := os.Open(r.m.attachmentPath(a.Hash))
	if err != nil {
		return PromptFile{}, newError(CodeNotFound, "The attachment \""+a.Name+"\" is gone.", "Attach it again.", err)
	}
	defer f.Close()
	path, err := link.Upload(ctx, a.Name, f)
	if err != nil {
		return PromptFile{}, err
	}
	return PromptFile{Path: path, Name: a.Name, Mime: a.Mime}, nil
}

// receive fetches the turn's checkpoint, checks it in quarantine, shows what it changes, and brings the worktree to it.
// Only the channel's own errors are returned; a result that is refused ends the turn with that said.
func (r *runner) receive(ctx context.Context, link Link, s Session, p Project) error {
	if !s.Pending.Accepted {
		accepted, err := r.accept(ctx, link, s, p)
		if err != nil || !accepted {
			return err
		}
		if s, err = r.m.session(r.id); err != nil || s.Pending == nil {
			return err
		}
	}
	after := s.Pending.Status
	worktree, publishErr := r.publish(ctx, p, s, s.Result)
	if err := ctx.Err(); err != nil {
		return err
	}
	edits := r.edits(ctx, p, s, publishErr)
	_, err := r.m.update(ctx, r.id, func(s *Session, b *batch) error {
		s.Worktree, s.Edits = worktree, edits
		if publishErr != nil {
			notice(b, AsError(publishErr).Message+" "+AsError(publishErr).Hint)
		}
		settle(s, after)
		return nil
	})
	return err
}

// accept makes the checkpoint the session's result, before the worktree is brought to it: the changes can be read from
// here on. It reports false where the result was refused, with which the turn has ended.
func (r *runner) accept(ctx context.Context, link Link, s Session, p Project) (bool, error) {
	pending := *s.Pending
	v, err := r.fetch(ctx, link, p, s, pending.Turn, pending.Checkpoint)
	if err != nil && (r.lostLink(link) || ctx.Err() != nil) {
		return false, err
	}
	result, err := r.compare(ctx, p, s, pending.Turn, v, err)
	if err != nil {
		r.m.Log.Error("receive result", "session", r.id, "turn", pending.Turn, "err", err)
	}
	accepted := err == nil
	_, updateErr := r.m.update(ctx, r.id, func(s *Session, b *batch) error {
		it := b.find(turnItem(pending.Turn))
		if it != nil && it.Result != nil {
			res := *it.Result
			res.Commit, res.Files, res.Diff = v.Commit, v.Files, result.turn
			// Since the turn before, the user may have committed or rebased, and during the turn its files were looked
			// at.
			res.From = cmp.Or(s.TurnFrom, s.Result.Files, s.BaseCommit)
			it.Result = &res
			if err != nil {
				it.Error = b.secrets.error(err)
			}
			b.change(it)
			b.done(it)
		}
		if !accepted {
			settle(s, pending.Status)
			return nil
		}
		stand(s, v)
		s.Diff = result.total
		s.Step = "Updating the worktree"
		pending.Accepted = true
		s.Pending = &pending
		return nil
	})
	return accepted, updateErr
}

// stand makes a result the session's, and its base the one that the agent was asked to rebase onto, once it did.
func stand(s *Session, v Verified) {
	s.Result = v
	if v.Base != "" {
		s.BaseCommit, s.Onto, s.Rebased = v.Base, "", v.Turn-1
	}
}

func (r *runner) lostLink(link Link) bool {
	select {
	case <-link.Done():
		return true
	default:
		return false
	}
}

// fetch carries a checkpoint from the sandbox into the project's quarantine.
func (r *runner) fetch(ctx context.Context, link Link, p Project, s Session, turn int, c Checkpoint) (Verified, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, fetchWait, errFetchLate)
	defer cancel()
	have := []string{s.BaseCommit}
	if s.Onto != "" {
		have = append(have, s.Onto)
	}
	if s.Result.Commit != "" {
		have = append(have, s.Result.Commit, s.Result.Files)
	}
	pr, pw := io.Pipe()
	go func() { pw.CloseWithError(link.Bundle(ctx, c, have, pw)) }()
	v, err := r.m.Git.Receive(ctx, p, s, turn, c, pr)
	_ = pr.CloseWithError(errors.Join(err, io.ErrClosedPipe))
	return v, err
}

// fetchBranch carries a commit that is not part of the result into the quarantine, and from there into a branch of the
// user's.
func (r *runner) fetchBranch(ctx context.Context, link Link, p Project, s Session, commit, wish string) (string, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, fetchWait, errFetchLate)
	defer cancel()
	have := []string{s.BaseCommit}
	if s.Result.Commit != "" {
		have = append(have, s.Result.Commit)
	}
	pr, pw := io.Pipe()
	go func() { pw.CloseWithError(link.Bundle(ctx, Checkpoint{Commit: commit, Files: commit}, have, pw)) }()
	branch, err := r.m.Git.ReceiveBranch(ctx, p, s, commit, wish, pr)
	_ = pr.CloseWithError(errors.Join(err, io.ErrClosedPipe))
	return branch, err
}

type stats struct{ turn, total DiffStat }

// compare counts what the turn and what the whole session changed. It passes on the error of the step before.
func (r *runner) compare(ctx context.Context, p Project, s Session, turn int, v Verified, err error) (stats, error) {
	if err != nil {
		return stats{}, err
	}
	if v.Base != "" {
		s.BaseCommit = v.Base
	}
	total, err := r.m.Git.Diff(ctx, p, s, Range{From: s.BaseCommit, To: v.Files})
	if err != nil {
		return stats{}, err
	}
	before := cmp.Or(s.TurnFrom, s.Result.Files)
	if before == "" {
		return stats{countDiff(total), countDiff(total)}, nil
	}
	of, err := r.m.Git.Diff(ctx, p, s, Range{Turn: turn, From: before, To: v.Files})
	if err != nil {
		return stats{}, err
	}
	return stats{countDiff(of), countDiff(total)}, nil
}

func countDiff(files []FileChange) DiffStat {
	d := DiffStat{Files: len(files)}
	for _, f := range files {
		d.Added += f.Added
		d.Removed += f.Removed
	}
	return d
}

// publish brings branch and worktree to a result. It needs nothing of the sandbox.
func (r *runner) publish(ctx context.Context, p Project, s Session, v Verified) (string, error) {
	path, err := r.m.Git.Publish(ctx, p, s, v)
	if err != nil {
		return s.Worktree, err
	}
	return path, nil
}

// bringBack gives a sandbox a result that the quarantine holds: its branch and its files become those.
func (r *runner) bringBack(ctx context.Context, link Link, p Project, s Session, v Verified) error {
	pr, pw := io.Pipe()
	go func() { pw.CloseWithError(r.m.Git.BundleResult(ctx, p, s, v, []string{s.BaseCommit}, pw)) }()
	err := link.Import(ctx, pr)
	_ = pr.CloseWithError(errors.Join(err, io.ErrClosedPipe))
	if err != nil {
		return err
	}
	return link.Restore(ctx, v.Commit, v.Files)
}
