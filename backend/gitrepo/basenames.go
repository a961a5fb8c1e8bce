package gitrepo

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"background-agents/backend/session"
)

// BaseNames returns the names of a base that a new clone has: its branch, where that is at a remote, and the tags that
// the commit reaches, the newest first, at most session.MaxTags with session.MaxTagBytes of text. A base that is not a
// branch has only tags.
func (r *Repos) BaseNames(ctx context.Context, p session.Project, base, commit string) (session.Known, error) {
	var k session.Known
	u, err := r.open(p)
	if err != nil {
		return k, err
	}
	if !fullID.MatchString(commit) {
		return k, fmt.Errorf("%q is not a commit id", commit)
	}
	k.Branch, k.Remote = r.baseNames(ctx, u, base)
	out, err := r.output(ctx, u.place(), nil, "for-each-ref", fmt.Sprintf("--count=%d", session.MaxTags), "--sort=-creatordate",
		"--merged="+commit, "--format=%(objecttype) %(objectname) %(refname:strip=2)", "refs/tags/")
	if err != nil {
		return k, explain(err)
	}
	annotated := ""
	for line := range strings.Lines(string(out)) {
		f := strings.SplitN(strings.TrimSuffix(line, "\n"), " ", 3)
		if len(f) != 3 || f[0] != "tag" && f[0] != "commit" {
			continue
		}
		k.Tags = append(k.Tags, session.Tag{Name: f[2], ID: f[1]})
		if f[0] == "tag" {
			annotated += f[1] + "\n"
		}
	}
	if annotated == "" {
		return k, nil
	}
	objects, err := r.tagObjects(ctx, u, annotated)
	if err != nil {
		return k, explain(err)
	}
	kept := k.Tags[:0]
	for _, t := range k.Tags {
		object, found := objects[t.ID]
		if t.Object = object; found || !strings.Contains(annotated, t.ID) {
			kept = append(kept, t)
		}
	}
	k.Tags = kept
	return k, nil
}

// baseNames returns the branch that a base is, and where it is at a remote; both "" if it is not a branch.
func (r *Repos) baseNames(ctx context.Context, u repo, base string) (branch, remote string) {
	full := "refs/heads/" + base
	if base == "" || base == "HEAD" {
		var err error
		if full, err = r.line(ctx, place{dir: u.dir}, "symbolic-ref", "-q", "HEAD"); err != nil {
			return "", ""
		}
	}
	branch, local := strings.CutPrefix(full, "refs/heads/")
	if !local || !r.isBranch(ctx, u, branch) {
		_, branch, _ = strings.Cut(base, "/")
		if branch == "" || r.quiet(ctx, u.place(), nil, "rev-parse", "--verify", "--quiet", "--end-of-options", "refs/remotes/"+base) != nil {
			return "", ""
		}
		return branch, base
	}
	upstream, err := r.line(ctx, place{dir: u.dir}, "for-each-ref", "--format=%(upstream)", "refs/heads/"+branch)
	if remote, ok := strings.CutPrefix(upstream, "refs/remotes/"); ok && err == nil {
		return branch, remote
	}
	if r.quiet(ctx, u.place(), nil, "rev-parse", "--verify", "--quiet", "--end-of-options", "refs/remotes/origin/"+branch) == nil {
		remote = "origin/" + branch
	}
	return branch, remote
}

// tagObjects reads tag objects, as many as fit into session.MaxTagBytes.
func (r *Repos) tagObjects(ctx context.Context, u repo, ids string) (map[string][]byte, error) {
	objects := map[string][]byte{}
	total := 0
	err := r.run(ctx, u.place(), strings.NewReader(ids), func(out io.Reader) error {
		in := bufio.NewReader(out)
		for {
			head, err := in.ReadString('\n')
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
			f := strings.Fields(head) // ID TYPE SIZE, or ID missing
			if len(f) != 3 {
				continue
			}
			size, err := strconv.ParseInt(f[2], 10, 64)
			if err != nil {
				return fmt.Errorf("read the size of a tag: %w", err)
			}
			if size > int64(session.MaxTagBytes-total) {
				if _, err := io.CopyN(io.Discard, in, size+1); err != nil {
					return err
				}
				continue
			}
			body := make([]byte, size+1)
			if _, err := io.ReadFull(in, body); err != nil {
				return err
			}
			objects[f[0]] = bytes.TrimSuffix(body, []byte("\n"))[:size]
			total += int(size)
		}
	}, "cat-file", "--batch")
	return objects, err
}
