package workspace

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"background-agents/sandbox/wire"
)

// knownRefs names, in the git directory, the file of the refs that the clone began with, one a line: object id, space, name.
const knownRefs = "background-agents-refs"

// maxSurveyed bounds how many refs, stashes and worktrees are looked into; what is beyond is counted.
const maxSurveyed = 200

// Only lists what exists in this clone alone: no checkpoint holds it. It looks at the working tree as it is now.
func (w *Workspace) Only(ctx context.Context) (wire.OnlyList, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, err := w.snapshot(ctx); err != nil {
		return wire.OnlyList{}, err
	}
	return w.survey(ctx)
}

// OnlyAtLast is Only with the files that the last checkpoint left out.
func (w *Workspace) OnlyAtLast(ctx context.Context) (wire.OnlyList, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.survey(ctx)
}

func (w *Workspace) survey(ctx context.Context) (wire.OnlyList, error) {
	var list wire.OnlyList
	add := func(found []wire.Only, more int) {
		for _, o := range found {
			if len(list.List) >= wire.MaxOnly {
				list.More++
				continue
			}
			o.Name, o.Detail = short(o.Name), short(o.Detail)
			list.List = append(list.List, o)
		}
		list.More += more
	}
	for _, part := range []func(context.Context) ([]wire.Only, int, error){w.onlyRefs, w.onlyWorktrees} {
		found, more, err := part(ctx)
		if err != nil {
			return list, fmt.Errorf("look for what is in the sandbox alone: %w", err)
		}
		add(found, more)
	}
	add(w.left, 0)
	return list, nil
}

// ref is a branch, tag, note or whatever else points to an object. commit is what it stands for.
type ref struct{ name, id, commit string }

// onlyRefs lists the branches, tags, stashes and other refs with what the result, the base and remotes do not have.
func (w *Workspace) onlyRefs(ctx context.Context) ([]wire.Only, int, error) {
	refs, err := w.ownRefs(ctx)
	if err != nil {
		return nil, 0, err
	}
	known := []string{"--not", "HEAD", "--remotes"}
	if base, err := w.git(ctx, "config", settingBase); err == nil && commitID.MatchString(base) {
		known = append(known, base)
	}
	var only []wire.Only
	more := max(0, len(refs)-maxSurveyed)
	for _, r := range refs[:min(len(refs), maxSurveyed)] {
		o := wire.Only{Kind: wire.OnlyRef, Name: strings.TrimPrefix(r.name, "refs/"), Commit: r.commit}
		if r.name == "refs/stash" {
			stashes, err := w.stashes(ctx)
			if err != nil {
				return nil, 0, err
			}
			only = append(only, stashes...)
			continue
		}
		if name, ok := strings.CutPrefix(r.name, "refs/tags/"); ok {
			o.Kind, o.Name = wire.OnlyTag, name // the tag itself is something that was made
		} else if name, ok := strings.CutPrefix(r.name, "refs/heads/"); ok {
			o.Kind, o.Name = wire.OnlyBranch, name
		}
		if r.commit != "" {
			o.Count = w.count(ctx, "", append([]string{r.commit}, known...)...)
		}
		if o.Count > 0 || o.Kind == wire.OnlyTag {
			only = append(only, o)
		}
	}
	return only, more, ctx.Err()
}

// ownRefs lists the refs that are not as the clone began with, without ours and those of remotes.
func (w *Workspace) ownRefs(ctx context.Context) ([]ref, error) {
	known := map[string]bool{}
	if b, err := os.ReadFile(filepath.Join(w.gitDir(), knownRefs)); err == nil {
		for line := range strings.Lines(string(b)) {
			known[strings.TrimSpace(line)] = true
		}
	}
	out, err := w.git(ctx, "for-each-ref", "--format=%(objectname) %(objecttype) %(*objectname) %(*objecttype) %(refname)")
	if err != nil {
		return nil, err
	}
	var refs []ref
	for line := range strings.Lines(out) {
		f := strings.Split(strings.TrimSuffix(line, "\n"), " ")
		if len(f) != 5 || known[f[0]+" "+f[4]] || passing(f[4]) {
			continue
		}
		r := ref{name: f[4], id: f[0]}
		switch {
		case f[1] == "commit":
			r.commit = f[0]
		case f[3] == "commit":
			r.commit = f[2]
		}
		refs = append(refs, r)
	}
	return refs, nil
}

// passing reports whether a ref is ours, says where a remote was, or belongs to something that git is at.
func passing(name string) bool {
	return slices.ContainsFunc([]string{"refs/background-agents/", "refs/result/", "refs/remotes/", "refs/bisect/", "refs/rewritten/", "refs/prefetch/"},
		func(prefix string) bool { return strings.HasPrefix(name, prefix) })
}

func (w *Workspace) stashes(ctx context.Context) ([]wire.Only, error) {
	out, err := w.git(ctx, "log", "-g", "-z", "--no-show-signature", "--max-count="+strconv.Itoa(maxSurveyed), "--format=%H %gs", "refs/stash")
	if err != nil {
		return nil, err
	}
	var only []wire.Only
	for i, line := range split(out) {
		id, message, _ := strings.Cut(line, " ")
		only = append(only, wire.Only{Kind: wire.OnlyStash, Name: fmt.Sprintf("stash@{%d}", i), Detail: message, Commit: id, Count: 1})
	}
	return only, nil
}

// onlyWorktrees lists the linked worktrees with changes that are not committed, or commits that are on no branch.
func (w *Workspace) onlyWorktrees(ctx context.Context) ([]wire.Only, int, error) {
	if !exists(filepath.Join(w.gitDir(), "worktrees")) {
		return nil, 0, nil
	}
	out, err := w.git(ctx, "worktree", "list", "--porcelain", "-z")
	if err != nil {
		return nil, 0, err
	}
	entries := strings.Split(strings.Trim(out, "\x00"), "\x00\x00")[1:] // the first is the project itself
	var only []wire.Only
	for _, entry := range entries[:min(len(entries), maxSurveyed)] {
		var o wire.Only
		detached, dir := false, ""
		for _, field := range strings.Split(entry, "\x00") {
			key, value, _ := strings.Cut(field, " ")
			switch key {
			case "worktree":
				dir, o = value, wire.Only{Kind: wire.OnlyWorktree, Name: strings.TrimPrefix(value, w.Dir+"/")}
			case "HEAD":
				o.Commit = value
			case "detached":
				detached = true
			}
		}
		if !exists(filepath.Join(dir, ".git")) {
			continue
		}
		if detached && commitID.MatchString(o.Commit) {
			o.Count = w.count(ctx, "", o.Commit, "--not", "HEAD", "--branches", "--remotes")
		}
		if o.Count == 0 {
			o.Commit = "" // its branch stands in the list, where that has something
		}
		if n := w.uncommitted(ctx, dir); n > 0 {
			o.Detail = files(n) + " not committed"
		}
		if o.Count > 0 || o.Detail != "" {
			only = append(only, o)
		}
	}
	return only, max(0, len(entries)-maxSurveyed), ctx.Err()
}

// short cuts a text to what one may be long.
func short(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) <= wire.MaxOnlyText {
		return s
	}
	n := wire.MaxOnlyText - len("…")
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}
