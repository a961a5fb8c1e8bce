package forge

import (
	"context"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"time"

	"background-agents/backend/session"
)

// Ways to ask a forge.
const (
	wayGh    = "gh"
	wayToken = "token"
)

// login is one way in at a host: gh, or a token with where it was found.
type login struct {
	gh     string // path of the command
	token  session.Secret
	source string
}

func (l login) way() string {
	if l.gh != "" {
		return wayGh
	}
	return wayToken
}

// secretName is where a host's token lies in the keychain.
func secretName(host string) string { return "forge/" + strings.ReplaceAll(host, ":", "_") }

// login finds the way in at a repository's host: gh where it is logged in, else a token.
func (f *Forge) login(ctx context.Context, r repository) (login, error) {
	if !r.secure() {
		return login{}, fail(session.CodeLogin, "The remote's address is plain http, over which no login is sent.", "Change the remote to https or ssh.", nil)
	}
	path, locked := ghLoggedIn(ctx, r.host, ghTime) // locked: what it holds is not known
	if path != "" {
		return login{gh: path, source: wayGh}, nil
	}
	if f.vault != nil {
		token, err := f.vault.Get(ctx, secretName(r.host))
		if err == nil && !token.Empty() {
			return login{token: token, source: "keychain"}, nil
		}
		if code := session.CodeOf(err); code == session.CodeKeychainLock || code == session.CodeKeychainSlow {
			locked = err
		}
	}
	if token := f.environment(r.host); !token.Empty() {
		return login{token: token, source: "environment"}, nil
	}
	if locked != nil {
		return login{}, locked
	}
	return login{}, fail(session.CodeLogin, "No login for "+r.host+" is known.", "Run `gh auth login`, or keep a token in the settings.", nil)
}

// environment has the token under the names that gh gives it (cli.github.com/manual/gh_help_environment).
func (f *Forge) environment(host string) session.Secret {
	names := []string{"GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"}
	if host == "github.com" || strings.HasSuffix(host, ".ghe.com") {
		names = []string{"GH_TOKEN", "GITHUB_TOKEN"}
	} else if f.env("GH_HOST") != host {
		return session.Secret{}
	}
	for _, name := range names {
		if v := f.env(name); v != "" {
			return session.NewSecret(v)
		}
	}
	return session.Secret{}
}

// ghLoggedIn reports whether the GitHub CLI is there and has a login for the host, path is "" where not. What it
// prints, the token, is not read. The error says that it did not answer.
func ghLoggedIn(ctx context.Context, host string, wait time.Duration) (path string, err error) {
	path, err = exec.LookPath("gh")
	if err != nil || strings.Contains(host, ":") { // gh takes no port
		return "", nil //nolint:nilerr // there is no gh
	}
	ctx, cancel := context.WithTimeoutCause(ctx, wait, session.NoAnswer(session.CodeLogin, "`gh auth token`", wait,
		"Run it in a terminal and see what it waits for: the keychain, perhaps."))
	defer cancel()
	if ghCommand(ctx, path, "auth", "token", "--hostname", host).Run() == nil {
		return path, nil
	}
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	return "", nil
}

var hostForm = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?(:[0-9]{1,5})?$`)

// Logins says on which hosts pull requests can be made: github.com, and those for which the user kept a token or has a
// login.
func (f *Forge) Logins(ctx context.Context) ([]session.ForgeLogin, error) {
	list := []session.ForgeLogin{}
	hosts := append([]string{"github.com", f.env("GH_HOST")}, ghHosts(ctx)...)
	slices.Sort(hosts)
	for _, host := range slices.Compact(hosts) {
		if !hostForm.MatchString(host) {
			continue
		}
		if l, err := f.login(ctx, repository{scheme: "https", host: host}); err == nil {
			list = append(list, session.ForgeLogin{Host: host, Source: l.source})
		} else if session.CodeOf(err) != session.CodeLogin {
			return list, err
		}
	}
	return list, nil
}

// SetToken checks a token with its host and keeps it in the keychain; an empty one is removed.
func (f *Forge) SetToken(ctx context.Context, host string, token session.Secret) error {
	host = strings.ToLower(strings.TrimSpace(host))
	if !hostForm.MatchString(host) {
		return fail(session.CodeInvalid, "\""+host+"\" is no host.", "Write it as in github.com.", nil)
	}
	if token.Empty() {
		return f.vault.Delete(ctx, secretName(host))
	}
	r := repository{scheme: "http", host: host}
	if !r.secure() { // no loopback address
		r.scheme = "https"
	}
	if _, err := f.ask(ctx, r, login{token: token}, "GET", "user", nil, nil); err != nil {
		return err
	}
	return f.vault.Set(ctx, secretName(host), token)
}
