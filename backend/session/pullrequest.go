package session

import (
	"cmp"
	"context"
	"fmt"
	"strings"
)

// PullRequest is a pull request as its forge tells it.
type PullRequest struct {
	URL    string `json:"url"`
	Number int    `json:"number"` // 0 where URL is a page on which the user opens it, "" where that is not known
	State  string `json:"state"`  // open, merged, closed; "" for a page
	Draft  bool   `json:"draft"`
	Title  string `json:"title"`
	Body   string `json:"body"`
	Base   string `json:"base"`
	Checks string `json:"checks"` // passed, failed, running, or "" where there are none
	At     Millis `json:"at"`     // when it was read
}

// PullRequestPlan is what opening a pull request would do. Nothing has happened yet.
type PullRequestPlan struct {
	Push       PushPlan     `json:"push"`
	Forge      string       `json:"forge"`      // github, gitlab, bitbucket, gitea, azure, or "" where it is not known
	Repository string       `json:"repository"` // that the pull request is made in: owner/name
	Host       string       `json:"host"`
	Head       string       `json:"head"` // branch, with its owner before it where that is another
	Base       string       `json:"base"`
	Way        string       `json:"way"`     // gh, token, or browser: the user opens it on a page
	Because    string       `json:"because"` // with browser: why
	Page       string       `json:"page"`    // where it can be opened by hand, "" if there is none
	Title      string       `json:"title"`
	Body       string       `json:"body"`
	Draft      bool         `json:"draft"`
	Open       *PullRequest `json:"open,omitempty"` // the one that is open already: it is updated
	Command    string       `json:"command"`        // what is asked of the forge, after the push
}

// NewPullRequest is the user's yes to a PullRequestPlan. Proposal is the agent's request that it answers, if any.
type NewPullRequest struct {
	Push     Push   `json:"push"`
	Title    string `json:"title"`
	Body     string `json:"body"`
	Base     string `json:"base"`
	Draft    bool   `json:"draft"`
	Proposal ItemID `json:"proposal"`
}

// PullRequestTarget says what a pull request is planned for; what is empty is chosen.
type PullRequestTarget struct {
	Remote   string `json:"remote"`
	Branch   string `json:"branch"`
	Base     string `json:"base"`
	Proposal ItemID `json:"proposal"` // the agent's request, whose text is taken
}

// Head names the two sides of a pull request: remotes by their URLs, and branches.
type Head struct {
	Upstream string // where the base is
	Push     string // where the branch was pushed
	Branch   string
	Base     string
}

// Forge makes pull requests where repositories are hosted.
type Forge interface {
	// Look says what can be done for a pull request: Forge, Repository, Host, Head, Base, Way, Because, Page and
	// Command of a plan.
	Look(ctx context.Context, h Head) PullRequestPlan
	// Find returns the open pull request of a head, nil if there is none.
	Find(ctx context.Context, h Head) (*PullRequest, error)
	// Open opens a pull request, or brings the open one of the same head to this text.
	Open(ctx context.Context, h Head, title, body string, draft bool) (PullRequest, error)
	// Read returns a pull request as it is now.
	Read(ctx context.Context, h Head, number int) (PullRequest, error)
	// Logins says on which hosts pull requests can be made, and by which login.
	Logins(ctx context.Context) ([]ForgeLogin, error)
	// SetToken checks a token with its host and keeps it in the Vault; an empty one is removed.
	SetToken(ctx context.Context, host string, token Secret) error
}

// ForgeLogin is a way to ask a forge.
type ForgeLogin struct {
	Host   string `json:"host"`
	Source string `json:"source"` // gh, keychain, environment
	User   string `json:"user"`   // where it is known
}

// PlanPullRequest implements Operations.
func (m *Manager) PlanPullRequest(ctx context.Context, id ID, t PullRequestTarget) (PullRequestPlan, error) {
	var asked Proposal
	if t.Proposal != "" {
		it, err := m.openProposal(ctx, id, t.Proposal)
		if err != nil {
			return PullRequestPlan{}, err
		}
		asked = *it.Proposal
		m.takeWhileWorking(ctx, id)
	}
	push, err := m.PlanPush(ctx, id, PushTarget{Remote: t.Remote, Branch: t.Branch})
	if err != nil {
		return PullRequestPlan{}, err
	}
	s, p, err := m.sessionProject(id)
	if err != nil {
		return PullRequestPlan{}, err
	}
	h, err := m.head(ctx, p, s, push.Remote, push.Branch, cmp.Or(t.Base, asked.Base))
	if err != nil {
		return PullRequestPlan{}, err
	}
	plan := m.Forge.Look(ctx, h)
	plan.Push, plan.Draft = push, true
	if asked.ID != "" {
		plan.Draft = asked.Draft
	}
	if plan.Way != "browser" {
		if plan.Open, err = m.Forge.Find(ctx, h); err != nil {
			return PullRequestPlan{}, err
		}
	}
	plan.Title, plan.Body = cmp.Or(asked.Title, s.Title), cmp.Or(asked.Body, commitList(push.Commits))
	if plan.Open != nil {
		plan.Title, plan.Body = cmp.Or(asked.Title, plan.Open.Title), cmp.Or(asked.Body, plan.Open.Body)
		plan.Base, plan.Draft = plan.Open.Base, plan.Open.Draft
	}
	plan.Title, plan.Body, err = m.redactPullRequest(ctx, id, plan.Title, plan.Body)
	return plan, err
}

// OpenPullRequest implements Operations: it pushes what the plan showed where the remote lacks it, and opens the pull
// request or updates the open one.
func (m *Manager) OpenPullRequest(ctx context.Context, id ID, yes NewPullRequest) (PullRequest, error) {
	title, body := firstLine(yes.Title, 250), yes.Body
	if title == "" || len(body) > maxMessage {
		return PullRequest{}, newError(CodeInvalid, "A pull request needs a title, and a text of at most 64 KB.", "Write what the change is.", nil)
	}
	title, body, err := m.redactPullRequest(ctx, id, title, body)
	if err != nil {
		return PullRequest{}, err
	}
	s, p, err := m.sessionProject(id)
	if err != nil {
		return PullRequest{}, err
	}
	if s.Pushed == nil || s.Pushed.Commit != yes.Push.Commit || s.Pushed.Remote != yes.Push.Remote || s.Pushed.Branch != yes.Push.Branch {
		if _, err := m.Push(ctx, id, yes.Push); err != nil {
			return PullRequest{}, err
		}
	}
	h, err := m.head(ctx, p, s, yes.Push.Remote, yes.Push.Branch, yes.Base)
	if err != nil {
		return PullRequest{}, err
	}
	look := m.Forge.Look(ctx, h)
	if look.Way == "browser" {
		pr := PullRequest{URL: look.Page, Title: title, Body: body, Base: h.Base}
		if yes.Proposal != "" && pr.URL != "" {
			err = m.settleProposal(ctx, id, yes.Proposal, ProposalOpened, pr.URL)
		}
		return pr, err
	}
	done, err := m.outgoing(ctx, id, "Opening the pull request")
	if err != nil {
		return PullRequest{}, err
	}
	pr, err := m.Forge.Open(ctx, h, title, body, yes.Draft)
	done()
	if err != nil {
		return PullRequest{}, err
	}
	pr.At = m.now()
	_, err = m.update(ctx, id, func(s *Session, b *batch) error {
		s.PullRequest = kept(pr)
		notice(b, fmt.Sprintf("Pull request #%d: %s", pr.Number, pr.URL))
		return nil
	})
	if err == nil && yes.Proposal != "" {
		err = m.settleProposal(ctx, id, yes.Proposal, ProposalOpened, pr.URL)
	}
	return pr, err
}

// redactPullRequest takes what the session's sandbox knows of secrets out of a text that others will read: it is made
// of what the agent says, in its request and in its commits.
func (m *Manager) redactPullRequest(ctx context.Context, id ID, title, body string) (string, string, error) {
	title, err := m.redact(ctx, id, title)
	if err != nil {
		return "", "", err
	}
	body, err = m.redact(ctx, id, body)
	return title, body, err
}

// ReadPullRequest implements Operations: the state of the session's pull request as it is now.
func (m *Manager) ReadPullRequest(ctx context.Context, id ID) (PullRequest, error) {
	s, p, err := m.sessionProject(id)
	if err != nil {
		return PullRequest{}, err
	}
	if s.PullRequest == nil || s.Pushed == nil {
		return PullRequest{}, newError(CodeNotFound, "The session has no pull request.", "`bga pr "+string(id)+"` opens one.", nil)
	}
	h, err := m.head(ctx, p, s, s.Pushed.Remote, s.Pushed.Branch, s.PullRequest.Base)
	if err != nil {
		return PullRequest{}, err
	}
	pr, err := m.Forge.Read(ctx, h, s.PullRequest.Number)
	if err != nil {
		return PullRequest{}, err
	}
	pr.At = m.now()
	return pr, m.set(ctx, id, func(s *Session) { s.PullRequest = kept(pr) })
}

// kept is a pull request as it is stored with its session: the text stays with the forge.
func kept(pr PullRequest) *PullRequest {
	pr.Body = ""
	return &pr
}

// ForgeLogins implements Operations.
func (m *Manager) ForgeLogins(ctx context.Context) ([]ForgeLogin, error) { return m.Forge.Logins(ctx) }

// SetForgeToken implements Operations. The token is never given back.
func (m *Manager) SetForgeToken(ctx context.Context, host, token string) error {
	return m.Forge.SetToken(ctx, host, NewSecret(strings.TrimSpace(token)))
}

// head finds the two sides of a pull request: the base lies at the remote called upstream where there is one, else at
// the one that the session's base came from, else where it was pushed.
func (m *Manager) head(ctx context.Context, p Project, s Session, remote, branch, base string) (Head, error) {
	remotes, err := m.Git.Remotes(ctx, p)
	if err != nil {
		return Head{}, err
	}
	h := Head{Branch: branch, Base: base}
	baseRef := s.BaseRef
	if baseRef == "" || baseRef == "HEAD" {
		refs, err := m.Git.Refs(ctx, p, "")
		if err != nil {
			return Head{}, err
		}
		baseRef = refs.Current
	}
	for _, r := range remotes {
		if r.Name == remote {
			h.Push = r.Push
		}
		if rest, ok := strings.CutPrefix(baseRef, r.Name+"/"); ok {
			baseRef, h.Upstream = rest, r.URL
		}
	}
	h.Base = cmp.Or(h.Base, baseRef)
	for _, r := range remotes {
		if r.Name == "upstream" {
			h.Upstream = r.URL
		}
	}
	h.Upstream = cmp.Or(h.Upstream, h.Push)
	return h, nil
}

// commitList is the text proposed for a pull request: what its commits say of themselves.
func commitList(commits []CommitLine) string {
	var b strings.Builder
	for i := len(commits) - 1; i >= 0; i-- {
		b.WriteString("- " + commits[i].Subject + "\n")
	}
	return b.String()
}
