package gitrepo

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"background-agents/backend/session"
)

// incoming is a result on its way in: a scratch repository with nothing but its pack, which borrows the quarantine's
// and the user's objects.
type incoming struct {
	r     *Repos
	at    place
	u     repo
	s     session.Session
	c     session.Checkpoint
	tips  []string        // what the session holds already, and its base
	own   map[string]bool // objects that the bundle brought in full or as differences
	bases []string        // objects that differences were against, added by index-pack
}

// Receive checks a bundle, and keeps it as the session's turn; a later checkpoint of the same turn takes the place of
// the one before. An empty bundle says that nothing is new. What is refused leaves nothing behind.
func (r *Repos) Receive(ctx context.Context, p session.Project, s session.Session, turn int, c session.Checkpoint, bundle io.Reader) (session.Verified, error) {
	if turn < 0 {
		return session.Verified{}, refused("it names no proper turn")
	}
	v, err := r.receive(ctx, p, s, "turn/"+strconv.Itoa(turn), c, bundle)
	v.Turn = turn
	return v, err
}

// receive checks a bundle, and keeps it by refs below name.
func (r *Repos) receive(ctx context.Context, p session.Project, s session.Session, name string, c session.Checkpoint, bundle io.Reader) (session.Verified, error) {
	if err := checkCommits(c.Commit, c.Files, s.BaseCommit); err != nil {
		return session.Verified{}, refused("it names no proper commits")
	}
	ctx, cancel := limited(ctx, receiveTime, "The result could not be checked", "Try again when the computer is less busy.")
	defer cancel()
	q, u, err := r.quarantine(ctx, p, s)
	if err != nil {
		return session.Verified{}, err
	}
	ctx, unlock, err := r.lock(ctx, p.ID, string(s.ID))
	if err != nil {
		return session.Verified{}, err
	}
	defer unlock()
	dir, remove, err := r.scratch(p.ID, string(s.ID), u.format, r.objectDirs(u, q), nil)
	if err != nil {
		return session.Verified{}, err
	}
	defer remove()
	in := &incoming{r: r, at: inside(dir), u: u, s: s, c: c, own: map[string]bool{}}
	if in.tips, err = r.sessionTips(ctx, q, s); err != nil {
		return session.Verified{}, explain(err)
	}
	in.tips = append(in.tips, s.BaseCommit)
	if err := in.unpack(ctx, q, bundle); err != nil {
		return session.Verified{}, explain(err)
	}
	base := ""
	if fullID.MatchString(s.Onto) && r.quiet(ctx, in.at, nil, "merge-base", "--is-ancestor", s.Onto, c.Commit) == nil {
		in.s.BaseCommit, base = s.Onto, s.Onto // the agent has rebased, as it was asked to
	}
	risky, err := in.check(ctx)
	if err != nil {
		return session.Verified{}, explain(err)
	}
	if err := in.install(q); err != nil {
		return session.Verified{}, explain(fmt.Errorf("keep result: %w", err))
	}
	ref := sessionRefs(s) + name
	if err := r.updateRefs(ctx, p, q, []string{"update " + ref + "/commit " + c.Commit, "update " + ref + "/files " + c.Files}); err != nil {
		return session.Verified{}, err
	}
	r.tidy(ctx, p, q)
	return session.Verified{Commit: c.Commit, Files: c.Files, Risky: risky, Base: base}, nil
}

// unpack writes the bundle to a file, at most Limits.Bundle long, and its pack into the scratch repository.
func (in *incoming) unpack(ctx context.Context, q string, bundle io.Reader) error {
	f, err := os.Create(filepath.Join(in.at.dir, "bundle"))
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	limit := in.r.config.Limits.Bundle
	n, err := io.Copy(f, &bounded{ctx, io.LimitReader(bundle, limit+1)})
	if err != nil {
		return fmt.Errorf("receive bundle: %w", err)
	}
	if n > limit {
		return refused("it is larger than %d MB", limit>>20)
	}
	if n == 0 {
		return nil
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return err
	}
	h, err := readHeader(f, in.u.format)
	if err != nil {
		return err
	}
	// git leaves a ref out whose commit the receiver is said to have.
	for ref, id := range h.refs {
		switch {
		case ref == "refs/result/commit" && id == in.c.Commit, ref == "refs/result/files" && id == in.c.Files:
		default:
			return refused("its bundle holds %q, which is not the checkpoint", ref)
		}
	}
	if h.objects > in.r.config.Limits.Objects {
		return refused("it has %d objects, more than %d", h.objects, in.r.config.Limits.Objects)
	}
	if _, err := f.Seek(h.size, io.SeekStart); err != nil {
		return err
	}
	named, err := in.weigh(&bounded{ctx, f}, h.objects)
	if err != nil {
		return err
	}
	err = in.r.judgeNew(ctx, inside(q), func(skip string) error {
		if _, err := f.Seek(h.size, io.SeekStart); err != nil {
			return err
		}
		return in.r.quiet(ctx, in.at, f, "index-pack", "--stdin", "--fix-thin", strict(skip), fmt.Sprintf("--max-input-size=%d", limit))
	})
	if err != nil && ctx.Err() == nil && !stderrHas(err, "No space left") {
		return fail(session.CodeQuarantine, "The result was refused: "+firstCause(err)+".",
			"Git does not accept this object. Ask the agent to undo the commit with it.", err)
	}
	if err != nil {
		return err
	}
	if err := in.listPack(ctx, h.objects); err != nil || named <= maxChain {
		return err
	}
	return in.checkChains(ctx)
}

// listPack tells what the bundle brought from what index-pack added, which comes after it in the pack.
func (in *incoming) listPack(ctx context.Context, brought int) error {
	names, err := filepath.Glob(filepath.Join(in.at.dir, "objects", "pack", "*.idx"))
	if err != nil || len(names) != 1 {
		return fmt.Errorf("list pack: %d indexes (%w)", len(names), err)
	}
	idx, err := os.Open(names[0])
	if err != nil {
		return err
	}
	defer func() { _ = idx.Close() }()
	out, err := in.r.output(ctx, in.at, idx, "show-index", "--object-format="+in.u.format)
	if err != nil {
		return fmt.Errorf("list pack: %w", err)
	}
	type object struct {
		offset int64
		id     string
	}
	var objects []object
	for line := range strings.Lines(string(out)) {
		if f := strings.Fields(line); len(f) >= 2 {
			offset, _ := strconv.ParseInt(f[0], 10, 64)
			objects = append(objects, object{offset, f[1]})
		}
	}
	slices.SortFunc(objects, func(a, b object) int { return int(a.offset - b.offset) })
	for i, o := range objects {
		if i < brought {
			in.own[o.id] = true
		} else {
			in.bases = append(in.bases, o.id)
		}
	}
	return nil
}

// install moves the pack into the quarantine, its index last: from then on git sees it.
func (in *incoming) install(q string) error {
	from := filepath.Join(in.at.dir, "objects", "pack")
	for _, suffix := range []string{".rev", ".pack", ".idx"} {
		names, _ := filepath.Glob(filepath.Join(from, "pack-*"+suffix))
		for _, name := range names {
			if err := os.Rename(name, filepath.Join(q, "objects", "pack", filepath.Base(name))); err != nil {
				return err
			}
		}
	}
	return nil
}

// bounded reads until ctx ends.
type bounded struct {
	ctx context.Context
	r   io.Reader
}

func (b *bounded) Read(p []byte) (int, error) {
	if err := b.ctx.Err(); err != nil {
		return 0, err
	}
	return b.r.Read(p)
}

// firstCause is what git said first that names a cause, made fit for a sentence.
func firstCause(err error) string {
	text := err.Error()
	if _, said, ok := strings.Cut(text, ": "); ok && strings.HasPrefix(text, "git ") {
		text = said
	}
	text, _, _ = strings.Cut(text, "\n")
	text = strings.TrimRight(strings.TrimPrefix(strings.TrimPrefix(text, "error: "), "fatal: "), ".")
	if len(text) > 300 {
		text = text[:300] + "…"
	}
	return strings.ToValidUTF8(text, "�")
}
