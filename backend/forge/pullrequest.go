package forge

import (
	"context"
	"net/url"
	"strconv"

	"background-agents/backend/session"
)

// pull is a pull request as the REST API has it.
type pull struct {
	URL      string  `json:"html_url"`
	Number   int     `json:"number"`
	State    string  `json:"state"` // open, closed
	Draft    bool    `json:"draft"`
	MergedAt *string `json:"merged_at"`
	Title    string  `json:"title"`
	Body     string  `json:"body"`
	Base     struct {
		Ref string `json:"ref"`
	} `json:"base"`
	Head struct {
		SHA string `json:"sha"`
	} `json:"head"`
}

func (p pull) pullRequest() session.PullRequest {
	state := p.State
	if p.MergedAt != nil {
		state = "merged"
	}
	return session.PullRequest{URL: p.URL, Number: p.Number, State: state, Draft: p.Draft, Title: p.Title, Body: p.Body, Base: p.Base.Ref}
}

// sides are the two repositories of a pull request with the login at their host.
type sides struct {
	up    repository
	head  string // owner:branch, as a search takes it
	login login
}

func (f *Forge) sides(ctx context.Context, h session.Head) (sides, error) {
	up, err := f.read(ctx, h.Upstream)
	if err != nil {
		return sides{}, fail(session.CodeForge, "The remote is not on a host that has pull requests.", "Push to a remote on GitHub.", err)
	}
	owner := up.owner
	if push, err := f.read(ctx, h.Push); err == nil && push.host == up.host {
		owner = push.owner
	}
	l, err := f.login(ctx, up)
	return sides{up: up, head: owner + ":" + h.Branch, login: l}, err
}

func (s sides) pulls() string { return "repos/" + escapePath(s.up.path()) + "/pulls" }

// Find returns the open pull request of a head, nil if there is none.
func (f *Forge) Find(ctx context.Context, h session.Head) (*session.PullRequest, error) {
	s, err := f.sides(ctx, h)
	if err != nil {
		return nil, err
	}
	p, err := f.find(ctx, s)
	if err != nil || p == nil {
		return nil, err
	}
	pr := p.pullRequest()
	return &pr, nil
}

func (f *Forge) find(ctx context.Context, s sides) (*pull, error) {
	var found []pull
	query := url.Values{"head": {s.head}, "state": {"open"}, "per_page": {"1"}}
	if _, err := f.ask(ctx, s.up, s.login, "GET", s.pulls()+"?"+query.Encode(), nil, &found); err != nil || len(found) == 0 {
		return nil, err
	}
	return &found[0], nil
}

// Open opens a pull request, or brings the open one of the same head to this text. Whether that is a draft stays as it
// is.
func (f *Forge) Open(ctx context.Context, h session.Head, title, body string, draft bool) (session.PullRequest, error) {
	s, err := f.sides(ctx, h)
	if err != nil {
		return session.PullRequest{}, err
	}
	open, err := f.find(ctx, s)
	if err != nil {
		return session.PullRequest{}, err
	}
	var made pull
	if open != nil {
		_, err = f.ask(ctx, s.up, s.login, "PATCH", s.pulls()+"/"+strconv.Itoa(open.Number), map[string]any{"title": title, "body": body, "base": h.Base}, &made)
		return made.pullRequest(), err
	}
	head := s.head
	if owner := s.up.owner + ":"; head == owner+h.Branch {
		head = h.Branch
	}
	_, err = f.ask(ctx, s.up, s.login, "POST", s.pulls(), map[string]any{"title": title, "body": body, "head": head, "base": h.Base, "draft": draft}, &made)
	return made.pullRequest(), err
}

// Read returns a pull request as it is now, with what its checks say.
func (f *Forge) Read(ctx context.Context, h session.Head, number int) (session.PullRequest, error) {
	s, err := f.sides(ctx, h)
	if err != nil {
		return session.PullRequest{}, err
	}
	var p pull
	if _, err := f.ask(ctx, s.up, s.login, "GET", s.pulls()+"/"+strconv.Itoa(number), nil, &p); err != nil {
		return session.PullRequest{}, err
	}
	pr := p.pullRequest()
	pr.Checks = f.checks(ctx, s, p.Head.SHA)
	return pr, nil
}

// checks sums up the check runs of a commit; a host or login that does not tell them has none.
func (f *Forge) checks(ctx context.Context, s sides, commit string) string {
	var runs struct {
		CheckRuns []struct {
			Status     string `json:"status"`
			Conclusion string `json:"conclusion"`
		} `json:"check_runs"`
	}
	path := "repos/" + escapePath(s.up.path()) + "/commits/" + url.PathEscape(commit) + "/check-runs?per_page=100"
	if _, err := f.ask(ctx, s.up, s.login, "GET", path, nil, &runs); err != nil || len(runs.CheckRuns) == 0 {
		return ""
	}
	state := "passed"
	for _, c := range runs.CheckRuns {
		switch {
		case c.Status != "completed":
			state = "running"
		case c.Conclusion != "success" && c.Conclusion != "neutral" && c.Conclusion != "skipped":
			return "failed"
		}
	}
	return state
}
