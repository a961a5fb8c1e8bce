package gitrepo

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"os/user"
	"slices"
	"strings"

	"background-agents/backend/session"
)

// maxRefs bounds each list of Refs; the most recent come first.
const maxRefs = 2000

// Refs lists what a session can start from: the newest, or with search those whose names hold each of its words, in any
// case.
func (r *Repos) Refs(ctx context.Context, p session.Project, search string) (session.Refs, error) {
	u, err := r.open(p)
	if err != nil {
		return session.Refs{}, err
	}
	refs := session.Refs{Local: []string{}, Remote: []string{}, Tags: []string{}}
	if refs.Current, err = r.line(ctx, place{dir: u.dir}, "symbolic-ref", "-q", "--short", "HEAD"); err != nil {
		refs.Current, _ = r.line(ctx, place{dir: u.dir}, "rev-parse", "-q", "--verify", "HEAD")
	}
	words := strings.Fields(strings.ToLower(search))
	for _, kind := range []struct {
		prefix string
		names  *[]string
	}{{"refs/heads/", &refs.Local}, {"refs/remotes/", &refs.Remote}, {"refs/tags/", &refs.Tags}} {
		names, more, err := r.refNames(ctx, u, kind.prefix, words)
		if err != nil {
			return refs, explain(err)
		}
		*kind.names, refs.More = names, refs.More || more
	}
	if refs.More && len(words) == 0 && !slices.Contains(refs.Local, refs.Current) && r.isBranch(ctx, u, refs.Current) {
		refs.Local = append([]string{refs.Current}, refs.Local...) // however old it is
	}
	return refs, nil
}

func (r *Repos) isBranch(ctx context.Context, u repo, name string) bool {
	return name != "" && r.quiet(ctx, u.place(), nil,
		"rev-parse", "--verify", "--quiet", "--end-of-options", "refs/heads/"+name+"^{commit}") == nil
}

// refNames lists refs below prefix, whose names hold all words, the newest first. more says that there are others.
func (r *Repos) refNames(ctx context.Context, u repo, prefix string,
	words []string) (names []string, more bool, err error) {
	args := []string{"for-each-ref", "--format=%(refname) %(symref)"}
	if len(words) == 0 {
		args = append(args, fmt.Sprintf("--count=%d", maxRefs+1))
	}
	out, err := r.output(ctx, u.place(), nil, append(args, "--sort=-creatordate", prefix)...)
	if err != nil && ctx.Err() == nil { // one ref without an object, and git cannot sort by date
		out, err = r.output(ctx, u.place(), nil, append(args, prefix)...)
	}
	names = []string{}
	for line := range bytes.Lines(out) {
		name, symref, _ := strings.Cut(strings.TrimSuffix(string(line), "\n"), " ")
		name = strings.TrimPrefix(name, prefix)
		if symref != "" || !holdsAll(strings.ToLower(name), words) { // origin/HEAD only repeats another
			continue
		}
		if len(names) == maxRefs {
			return names, true, err
		}
		names = append(names, name)
	}
	return names, false, err
}

func holdsAll(text string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

// Resolve returns the full commit id that ref names: a branch before a remote's branch, a tag, or anything else that
// git understands. "" is the current branch.
func (r *Repos) Resolve(ctx context.Context, p session.Project, ref string) (string, error) {
	u, err := r.open(p)
	if err != nil {
		return "", err
	}
	tries := []string{"refs/heads/" + ref, "refs/remotes/" + ref, "refs/tags/" + ref, ref}
	if ref == "" || ref == "HEAD" {
		tries = []string{"HEAD"}
	}
	if !strings.ContainsAny(ref, "\x00\n") {
		for _, name := range tries {
			commit, err := r.line(ctx, place{dir: u.dir}, "rev-parse", "--verify", "--quiet", "--end-of-options",
				name+"^{commit}")
			if err == nil && fullID.MatchString(commit) {
				return commit, nil
			}
			if ctx.Err() != nil {
				return "", explain(context.Cause(ctx))
			}
			if errors.Is(err, exec.ErrNotFound) {
				return "", explain(err)
			}
		}
	}
	if any, err := r.line(ctx, u.place(), "for-each-ref", "--count=1"); err == nil && any == "" {
		return "", errEmpty(u)
	}
	if len(ref) > 100 {
		ref = ref[:100] + "…"
	}
	return "", fail(session.CodeBaseMissing, fmt.Sprintf("%s has no branch, tag or commit %q.", u.path, ref),
		"Choose another one, for example with --base. If it is new at the remote, run `git fetch` first.", nil)
}

// Identity returns the author that the user's own commits in the repository would have; where git knows none, the
// user's name on this machine.
func (r *Repos) Identity(ctx context.Context, p session.Project) (name, email string, err error) {
	u, err := r.open(p)
	if err != nil {
		return "", "", err
	}
	at := place{dir: u.dir, configured: true}
	if ident, err := r.line(ctx, at, "var", "GIT_AUTHOR_IDENT"); err == nil {
		if name, rest, ok := strings.Cut(ident, " <"); ok {
			email, _, _ := strings.Cut(rest, ">")
			return name, email, nil
		}
	}
	if ctx.Err() != nil {
		return "", "", explain(ctx.Err())
	}
	name, _ = r.line(ctx, at, "config", "--get", "user.name")
	email, _ = r.line(ctx, at, "config", "--get", "user.email")
	account := "user"
	if who, err := user.Current(); err == nil && who.Username != "" {
		account = who.Username[strings.LastIndexAny(who.Username, `\/`)+1:]
		if name == "" {
			name = who.Name
		}
	}
	if name = strings.TrimRight(name, ", "); name == "" {
		name = account
	}
	if email == "" {
		email = account + "@localhost"
	}
	return name, email, nil
}

// CommitEmpty makes a first commit of nothing on the current branch. Files and index stay as they are.
func (r *Repos) CommitEmpty(ctx context.Context, p session.Project) error {
	u, err := r.open(p)
	if err != nil {
		return err
	}
	at := place{dir: u.dir}
	if _, err := r.line(ctx, at, "rev-parse", "-q", "--verify", "HEAD"); err == nil {
		return nil
	}
	name, email, err := r.Identity(ctx, p)
	if err != nil {
		return err
	}
	tree, err := r.output(ctx, at, nil, "mktree")
	if err != nil {
		return explain(fmt.Errorf("make first commit: %w", err))
	}
	commit, err := r.commitTree(ctx, at, strings.TrimSpace(string(tree)), nil, name, email, "First commit")
	if err != nil {
		return explain(fmt.Errorf("make first commit: %w", err))
	}
	err = r.quiet(ctx, at, nil, "update-ref", "-m", "commit (initial): First commit", "HEAD", commit,
		strings.Repeat("0", len(commit)))
	if err != nil {
		return explain(fmt.Errorf("make first commit: %w", err))
	}
	return nil
}

// commitTree writes a commit object.
func (r *Repos) commitTree(ctx context.Context, at place, tree string, parents []string,
	name, email, message string) (string, error) {
	at.author, at.email = name, email
	args := []string{"commit-tree", tree, "-m", message}
	for _, parent := range parents {
		args = append(args, "-p", parent)
	}
	return r.line(ctx, at, args...)
}
