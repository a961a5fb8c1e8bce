package sessiontest

import (
	"context"
	"io"
	"slices"
	"strings"

	"background-agents/backend/session"
)

// Remotes implements session.Git.
func (g *Git) Remotes(context.Context, session.Project) ([]session.Remote, error) {
	return []session.Remote{{Name: "origin", URL: "https://github.com/ada/shop", Push: "https://github.com/ada/shop"}}, nil
}

// PlanPush implements session.Git: it plans a push of the result, with the paths of Risky to approve.
func (g *Git) PlanPush(_ context.Context, _ session.Project, s session.Session, t session.PushTarget) (session.PushPlan, error) {
	g.Lock()
	defer g.Unlock()
	plan := session.PushPlan{
		Remote: "origin", URL: "https://github.com/ada/shop", Branch: s.Branch, Commit: s.Result.Commit, Commits: []session.CommitLine{{ID: s.Result.Commit, Subject: "Fix it"}},
		Uncommitted: []string{}, Stored: g.Stored, Raw: slices.Clone(g.Raw), Risky: slices.Clone(g.Risky), Command: "git push", Remotes: []string{"origin"},
	}
	if t.Branch != "" {
		plan.Branch = t.Branch
	}
	if s.Pushed != nil {
		plan.Lease, plan.Done = s.Pushed.Commit, s.Pushed.Commit == s.Result.Commit
	}
	return plan, nil
}

// Push implements session.Git.
func (g *Git) Push(_ context.Context, _ session.Project, _ session.Session, yes session.Push, progress func(string)) error {
	progress("Writing objects: 100%")
	g.Lock()
	defer g.Unlock()
	if g.Unreachable != nil {
		return g.Unreachable
	}
	g.Pushes = append(g.Pushes, yes)
	return nil
}

// WriteOutgoing implements session.Git.
func (g *Git) WriteOutgoing(_ context.Context, _ session.Project, _ session.Session, _ string, w io.Writer) error {
	g.Lock()
	defer g.Unlock()
	for text := range strings.SplitAfterSeq(g.Outgoing, " ") { // in pieces, as from a pipe
		if _, err := io.WriteString(w, text); err != nil {
			return err
		}
	}
	return nil
}

// PlanMerge implements session.Git.
func (g *Git) PlanMerge(_ context.Context, _ session.Project, s session.Session, t session.MergeTarget) (session.MergePlan, error) {
	return session.MergePlan{Branch: "main", Tip: "base", Commit: s.Result.Commit, Kind: "fast-forward", Risky: []string{}, Branches: []string{"main"}}, nil
}

// Merge implements session.Git.
func (g *Git) Merge(_ context.Context, _ session.Project, _ session.Session, yes session.Merge) (string, error) {
	return yes.Commit, nil
}

// PlanRebase implements session.Git.
func (g *Git) PlanRebase(context.Context, session.Project, session.Session, func(string)) (session.RebasePlan, error) {
	g.Lock()
	defer g.Unlock()
	return session.RebasePlan{Onto: "main", Commit: "newer", Behind: 1, Commits: 1, Conflict: g.Stop}, nil
}

// Rebase implements session.Git.
func (g *Git) Rebase(_ context.Context, _ session.Project, s session.Session, onto string) (session.Verified, *session.RebaseConflict, error) {
	g.Lock()
	defer g.Unlock()
	if g.Stop != nil {
		return session.Verified{}, g.Stop, nil
	}
	return session.Verified{Turn: s.Result.Turn, Commit: "rebased", Files: "rebased", Risky: []string{}}, nil, nil
}

// Commit implements session.Git.
func (g *Git) Commit(_ context.Context, _ session.Project, s session.Session, _ string) (session.Verified, error) {
	return session.Verified{Turn: s.Result.Turn, Commit: "made", Files: "made", Risky: []string{}}, nil
}

// Forge is a session.Forge with one pull request.
type Forge struct {
	Way  string // "" for token
	Made *session.PullRequest
	Fail error
	Head session.Head // of the last one opened
}

// Look implements session.Forge.
func (f *Forge) Look(_ context.Context, h session.Head) session.PullRequestPlan {
	plan := session.PullRequestPlan{Forge: "github", Host: "github.com", Repository: "ada/shop", Head: h.Branch, Base: h.Base, Way: "token", Page: "https://github.com/ada/shop/compare"}
	if f.Way != "" {
		plan.Way = f.Way
	}
	return plan
}

// Find implements session.Forge.
func (f *Forge) Find(context.Context, session.Head) (*session.PullRequest, error) {
	return f.Made, f.Fail
}

// Open implements session.Forge.
func (f *Forge) Open(_ context.Context, h session.Head, title, body string, draft bool) (session.PullRequest, error) {
	if f.Fail != nil {
		return session.PullRequest{}, f.Fail
	}
	f.Head = h
	f.Made = &session.PullRequest{URL: "https://github.com/ada/shop/pull/7", Number: 7, State: "open", Draft: draft, Title: title, Body: body, Base: h.Base}
	return *f.Made, nil
}

// Read implements session.Forge.
func (f *Forge) Read(context.Context, session.Head, int) (session.PullRequest, error) {
	return *f.Made, f.Fail
}

// Logins implements session.Forge.
func (f *Forge) Logins(context.Context) ([]session.ForgeLogin, error) { return nil, f.Fail }

// SetToken implements session.Forge.
func (f *Forge) SetToken(context.Context, string, session.Secret) error { return f.Fail }
