package gitrepo

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strings"

	"background-agents/backend/session"
)

// outgoing is a session's verified commit on its way out of the quarantine.
type outgoing struct {
	r    *Repos
	p    session.Project
	s    session.Session
	u    repo
	q    string
	from string // what the other side has of it: an earlier push, or the base
}

func (r *Repos) outgoing(ctx context.Context, p session.Project, s session.Session) (*outgoing, error) {
	q, u, err := r.quarantine(ctx, p, s)
	if err != nil {
		return nil, err
	}
	if err := r.checkHeld(ctx, q, s, s.Result); err != nil {
		return nil, err
	}
	return &outgoing{r: r, p: p, s: s, u: u, q: q, from: s.BaseCommit}, nil
}

// PlanPush says what a push of the session's verified commit would do. It asks no remote.
func (r *Repos) PlanPush(ctx context.Context, p session.Project, s session.Session,
	t session.PushTarget) (session.PushPlan, error) {
	out, err := r.outgoing(ctx, p, s)
	if err != nil {
		return session.PushPlan{}, err
	}
	m, names, err := r.pushRemote(ctx, out.u, s, t.Remote)
	if err != nil {
		return session.PushPlan{}, err
	}
	if _, err := checkURL(m.push); err != nil {
		return session.PushPlan{}, err
	}
	plan := session.PushPlan{Remote: m.name, URL: withoutCredentials(m.push), Branch: t.Branch, Commit: s.Result.Commit,
		Remotes: names}
	if plan.Branch == "" {
		plan.Branch = s.Branch
	}
	if err := r.checkRef(ctx, out.u, plan.Branch); err != nil {
		return plan, err
	}
	last := s.Pushed
	if last != nil && last.Remote == plan.Remote && last.Branch == plan.Branch && last.URL == plan.URL {
		plan.Lease, plan.Done = last.Commit, last.Commit == plan.Commit
	}
	if err := out.since(ctx, plan.Lease); err != nil {
		return plan, err
	}
	if plan.Commits, err = out.commits(ctx); err != nil {
		return plan, err
	}
	if plan.Uncommitted, err = out.uncommitted(ctx); err != nil {
		return plan, err
	}
	if plan.Risky, err = out.risky(ctx); err != nil {
		return plan, err
	}
	if plan.Stored, err = out.stored(ctx); err != nil {
		return plan, err
	}
	if plan.Raw, err = out.raw(ctx); err != nil {
		return plan, err
	}
	args := pushArgs(plan.Yes())
	plan.Command = "git " + commandLine(args)
	at, err := r.talk(ctx, out.u, m.push, nil)
	if err != nil {
		return plan, err
	}
	plan.Exact = withoutSecrets(commandLine(r.command(ctx, at, args...).Args), m.push)
	return plan, nil
}

// since says what the other side has: what was pushed there last, as far as that is still known here.
func (out *outgoing) since(ctx context.Context, lease string) error {
	held, err := out.r.commitsOf(ctx, inside(out.q), []string{lease})
	if err == nil && len(held) == 1 {
		out.from = lease
	}
	return explain(err)
}

// pushArgs are the arguments of the one push there is: one commit to one branch, and nothing that configuration would
// add.
func pushArgs(y session.Push) []string {
	ref := "refs/heads/" + y.Branch
	return []string{"push", "--porcelain", "--progress", "--no-verify", "--no-follow-tags", "--no-signed",
		"--recurse-submodules=no",
		"--force-with-lease=" + ref + ":" + y.Lease, "--", y.Remote, y.Commit + ":" + ref}
}

// Push pushes one verified commit to one branch, which must be where the lease says.
func (r *Repos) Push(ctx context.Context, p session.Project, s session.Session, yes session.Push,
	progress func(string)) error {
	out, err := r.outgoing(ctx, p, s)
	if err != nil {
		return err
	}
	if yes.Commit != s.Result.Commit || yes.Lease != "" && !fullID.MatchString(yes.Lease) {
		return invalid("Only the session's verified commit can be pushed.")
	}
	if err := r.checkRef(ctx, out.u, yes.Branch); err != nil {
		return err
	}
	m, _, err := r.pushRemote(ctx, out.u, s, yes.Remote)
	if err != nil {
		return err
	}
	ctx, cancel := limited(ctx, pushTime, m.name+" ("+withoutCredentials(m.push)+") did not take the push",
		"Check your network, and whether the branch has large files; then try again.")
	defer cancel()
	if err := out.bring(ctx, yes.Commit); err != nil {
		return explain(err)
	}
	at, err := r.talk(ctx, out.u, m.push, progress)
	if err != nil {
		return err
	}
	said := &bytes.Buffer{}
	err = r.run(ctx, at, nil, func(from io.Reader) error {
		_, err := said.ReadFrom(io.LimitReader(from, 64<<10))
		_, _ = io.Copy(io.Discard, from)
		return err
	}, pushArgs(yes)...)
	if err == nil {
		return nil
	}
	return out.refused(err, said.String(), m, yes)
}

// refused says why a push failed: by the line of the ref in git's porcelain where there is one.
func (out *outgoing) refused(err error, said string, m remote, yes session.Push) error {
	for line := range strings.Lines(said) {
		flag, rest, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		if !ok || flag != "!" {
			continue
		}
		_, summary, _ := strings.Cut(rest, "\t")
		switch {
		case strings.Contains(summary, "stale info") && yes.Lease == "":
			return conflict(fmt.Sprintf("%s has a branch %s already.", m.name, yes.Branch),
				"Push to a branch of another name.", err)
		case strings.Contains(summary, "stale info"), strings.Contains(summary, "fetch first"),
			strings.Contains(summary, "remote ref updated"):
			return conflict(fmt.Sprintf("Somebody else pushed to %s at %s, or deleted it.", yes.Branch, m.name),
				"Look at what they did. Nothing was overwritten; you can push to a branch of another name.", err)
		}
		if _, reason, ok := strings.Cut(summary, "("); ok {
			return rejection(strings.TrimSuffix(strings.TrimSpace(reason), ")"))
		}
	}
	return remoteFailed(err, m.name, m.push)
}

// bring takes a commit of the quarantine into the user's repository. It writes no ref there.
func (out *outgoing) bring(ctx context.Context, commit string) error {
	ref := sessionRefs(out.s) + "out/commit"
	if err := out.r.updateRefs(ctx, out.p, out.q, []string{"update " + ref + " " + commit}); err != nil {
		return err
	}
	pub := &publishing{r: out.r, p: out.p, s: out.s, u: out.u, q: out.q, v: session.Verified{Commit: commit}}
	return pub.take(ctx, ref)
}

// commits lists what goes out that the other side has not.
func (out *outgoing) commits(ctx context.Context) ([]session.CommitLine, error) {
	list := []session.CommitLine{}
	err := out.r.run(ctx, inside(out.q), nil, func(from io.Reader) error {
		return eachLine(from, func(line string) error {
			id, subject, _ := strings.Cut(strings.TrimRight(line, " "), " ")
			list = append(list, session.CommitLine{ID: id, Subject: strings.ToValidUTF8(subject, "�")})
			return nil
		})
	}, "log", "--no-ext-diff", "--no-textconv", "--no-show-signature",
		fmt.Sprintf("--max-count=%d", session.MaxPlanned), "--format=%H %<(200,trunc)%s",
		out.s.Result.Commit, "^"+out.from, "^"+out.s.BaseCommit)
	if err != nil {
		return nil, explain(fmt.Errorf("list commits: %w", err))
	}
	return list, nil
}

func (out *outgoing) uncommitted(ctx context.Context) ([]string, error) {
	list := []string{}
	if out.s.Result.Files == out.s.Result.Commit {
		return list, nil
	}
	changes, err := out.r.rawDiff(ctx, inside(out.q), out.s.Result.Commit, out.s.Result.Files, false)
	for _, c := range changes[:min(len(changes), session.MaxPlanned)] {
		list = append(list, validPath(c.path))
	}
	return list, explain(err)
}

// risky are the changed paths that run code elsewhere; there is no bound: each is to be approved.
func (out *outgoing) risky(ctx context.Context) ([]string, error) {
	return out.r.riskyBetween(ctx, inside(out.q), out.from, out.s.Result.Commit)
}

// checkRef refuses what git would not take for a branch.
func (r *Repos) checkRef(ctx context.Context, u repo, branch string) error {
	err := checkBranch(branch)
	if err == nil && r.quiet(ctx, u.place(), nil, "check-ref-format", "refs/heads/"+branch) != nil {
		err = notABranch(branch)
	}
	return err
}

// commandLine writes arguments as a shell reads them.
func commandLine(args []string) string {
	var b strings.Builder
	for i, a := range args {
		if i > 0 {
			b.WriteByte(' ')
		}
		plain := a != "" && !strings.ContainsFunc(a, func(c rune) bool {
			return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' ||
				strings.ContainsRune("-_=+:,./@%^{}", c) || c > 127)
		})
		if plain {
			b.WriteString(a)
		} else {
			b.WriteString("'" + strings.ReplaceAll(strings.ToValidUTF8(a, "�"), "'", `'\''`) + "'")
		}
	}
	return b.String()
}

// withoutSecrets keeps a URL's name and password out of a command line.
func withoutSecrets(line, address string) string {
	return strings.ReplaceAll(line, address, withoutCredentials(address))
}
