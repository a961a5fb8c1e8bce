package gitrepo

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"background-agents/backend/session"
)

// maxRemotes bounds the remotes that are listed.
const maxRemotes = 50

// remote is a remote of the user's repository, with URLs as git uses them: rewritten by insteadOf, with credentials.
type remote struct{ name, url, push string }

// Remotes lists the repository's remotes, origin first, URLs without name and password. Those that cannot be used are left out.
func (r *Repos) Remotes(ctx context.Context, p session.Project) ([]session.Remote, error) {
	u, err := r.open(p)
	if err != nil {
		return nil, err
	}
	remotes, err := r.remotes(ctx, u)
	list := []session.Remote{}
	for _, m := range remotes {
		list = append(list, session.Remote{Name: m.name, URL: withoutCredentials(m.url), Push: withoutCredentials(m.push)})
	}
	return list, err
}

func (r *Repos) remotes(ctx context.Context, u repo) ([]remote, error) {
	at := place{dir: u.common, configured: true}
	out, err := r.output(ctx, at, nil, "remote")
	if err != nil {
		return nil, explain(fmt.Errorf("list remotes: %w", err))
	}
	var list []remote
	for name := range strings.Lines(string(out)) {
		name = strings.TrimSuffix(name, "\n")
		if name == "" || name[0] == '-' || len(list) == maxRemotes {
			continue
		}
		m := remote{name: name}
		if m.url, err = r.line(ctx, at, "remote", "get-url", "--", name); err == nil {
			m.push, err = r.line(ctx, at, "remote", "get-url", "--push", "--", name)
		}
		if err != nil { // without a URL
			continue
		}
		list = append(list, m)
	}
	slices.SortStableFunc(list, func(a, b remote) int {
		return cmp.Compare(rank(a.name), rank(b.name))
	})
	return list, ctx.Err()
}

func rank(name string) int {
	if name == "origin" {
		return 0
	}
	return 1
}

// pushRemote chooses where to push: what was asked for, else as `git push` on the session's base would choose.
func (r *Repos) pushRemote(ctx context.Context, u repo, s session.Session, asked string) (remote, []string, error) {
	remotes, err := r.remotes(ctx, u)
	if err != nil {
		return remote{}, nil, err
	}
	var names []string
	for _, m := range remotes {
		names = append(names, m.name)
	}
	if len(names) == 0 {
		return remote{}, nil, fail(session.CodeNotFound, "The repository has no remote to push to.", "Add one: `git remote add origin URL`.", nil)
	}
	at := place{dir: u.common, configured: true}
	wishes := []string{asked}
	if asked == "" {
		for _, key := range []string{"branch." + s.BaseRef + ".pushRemote", "remote.pushDefault", "branch." + s.BaseRef + ".remote"} {
			if name, err := r.line(ctx, at, "config", "--get", key); err == nil {
				wishes = append(wishes, name)
			}
		}
		name, _, _ := strings.Cut(s.BaseRef, "/")
		wishes = append(wishes, name, names[0])
	}
	for _, wish := range wishes {
		if i := slices.Index(names, wish); i >= 0 {
			return remotes[i], names, nil
		}
	}
	return remote{}, names, fail(session.CodeNotFound, fmt.Sprintf("The repository has no remote %q.", asked), "Choose one of: "+strings.Join(names, ", ")+".", nil)
}

// checkURL returns the transport that git takes for a remote's URL, and refuses what would run a program or be taken for an option.
func checkURL(address string) (scheme string, err error) {
	refuse := func(why string) (string, error) {
		return "", fail(session.CodeInvalid, "The remote's URL is not used: "+why+".", "Look at it with `git remote -v`.", nil)
	}
	if address == "" || strings.ContainsFunc(address, func(c rune) bool { return c < ' ' || c == 0x7f }) {
		return refuse("it holds control characters, or nothing")
	}
	if address[0] == '-' {
		return refuse("it begins with a dash, like an option")
	}
	if helper, _, ok := strings.Cut(address, "::"); ok && !strings.ContainsAny(helper, "/@:") {
		return refuse(fmt.Sprintf("%q would run a program", helper[:min(len(helper), 20)]+"::"))
	}
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok {
		host, _, remote := strings.Cut(address, ":")
		if !remote || strings.Contains(host, "/") || len(host) == 1 { // a path; C:\ is one too
			return "file", nil
		}
		scheme, rest = "ssh", host
	}
	host, _, _ := strings.Cut(rest, "/")
	user, after, named := strings.Cut(host, "@")
	if named {
		host = after
	} else {
		user = ""
	}
	switch scheme = strings.ToLower(scheme); scheme {
	case "https", "http":
	case "ssh", "git+ssh", "ssh+git":
		scheme = "ssh"
		if strings.HasPrefix(user, "-") || strings.HasPrefix(strings.TrimPrefix(host, "["), "-") {
			return refuse("its host begins with a dash, like an option")
		}
	case "file":
		return scheme, nil
	default:
		return refuse(fmt.Sprintf("%q is not https, ssh or file", scheme[:min(len(scheme), 20)]))
	}
	if host == "" {
		return refuse("it names no host")
	}
	return scheme, nil
}
