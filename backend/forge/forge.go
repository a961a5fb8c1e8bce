package forge

import (
	"context"
	"net/http"
	"net/url"

	"background-agents/backend/session"
)

// Config is what a Forge is made of.
type Config struct {
	Vault session.Vault
	Env   func(name string) string
	// Transport carries the requests to REST APIs; nil for the default, which heeds the user's proxy.
	Transport http.RoundTripper
}

// Forge makes pull requests. Its methods may be called from any goroutine.
type Forge struct {
	vault  session.Vault
	env    func(string) string
	client *http.Client
}

var _ session.Forge = (*Forge)(nil)

// Open returns a Forge; it asks nobody anything.
func Open(c Config) *Forge {
	return &Forge{vault: c.Vault, env: c.Env, client: &http.Client{Transport: c.Transport, Timeout: requestTime, CheckRedirect: sameHost}}
}

// Look says what can be done for a pull request.
func (f *Forge) Look(ctx context.Context, h session.Head) session.PullRequestPlan {
	plan := session.PullRequestPlan{Head: h.Branch, Base: h.Base, Way: "browser"}
	up, err := f.read(ctx, h.Upstream)
	if session.CodeOf(err) == session.CodeTimeout {
		plan.Because = session.AsError(err).Message
		return plan
	}
	if err != nil {
		plan.Because = "The remote " + h.Upstream + " is not on a host that has pull requests."
		return plan
	}
	push, err := f.read(ctx, h.Push)
	if err != nil || push.host != up.host {
		push = up
	}
	plan.Host, plan.Repository = up.host, up.path()
	plan.Forge = f.kind(ctx, up)
	if push.owner != up.owner {
		plan.Head = push.owner + ":" + h.Branch
	}
	plan.Page = page(plan.Forge, up, push, h)
	if plan.Forge != github {
		plan.Because = "Pull requests on " + up.host + " are opened in the browser."
		return plan
	}
	l, err := f.login(ctx, up)
	if err != nil {
		plan.Because = session.AsError(err).Message
		return plan
	}
	plan.Way = l.way()
	plan.Command = "POST " + up.api() + "/repos/" + up.path() + "/pulls"
	if plan.Way == wayGh {
		plan.Command = "gh api --hostname " + up.host + " -X POST repos/" + up.path() + "/pulls"
	}
	return plan
}

// kind tells GitHub by its own hosts, and Enterprise by the user's login there.
func (f *Forge) kind(ctx context.Context, r repository) string {
	if k := kindOf(r.host); k != "" {
		return k
	}
	if _, err := f.login(ctx, r); err == nil {
		return github
	}
	return ""
}

// page is where a pull request is opened by hand, "" where that is not known.
func page(kind string, up, push repository, h session.Head) string {
	base, branch := escapePath(h.Base), escapePath(h.Branch)
	switch kind {
	case github:
		if push.owner != up.owner {
			branch = url.PathEscape(push.owner) + ":" + branch
		}
		return up.web() + "/compare/" + base + "..." + branch + "?expand=1"
	case gitlab:
		return push.web() + "/-/merge_requests/new?" + url.Values{
			"merge_request[source_branch]": {h.Branch}, "merge_request[target_branch]": {h.Base},
		}.Encode()
	case gitea:
		if push.owner != up.owner {
			branch = url.PathEscape(push.owner) + ":" + branch
		}
		return up.web() + "/compare/" + base + "..." + branch
	case azure:
		return push.web() + "/pullrequestcreate?" + url.Values{"sourceRef": {h.Branch}, "targetRef": {h.Base}}.Encode()
	case bitbucket:
		return push.web() + "/pull-requests/new?" + url.Values{"source": {h.Branch}, "dest": {h.Base}}.Encode()
	}
	return ""
}

func fail(code session.Code, message, hint string, cause error) error {
	return &session.Error{Code: code, Message: message, Hint: hint, Err: cause}
}
