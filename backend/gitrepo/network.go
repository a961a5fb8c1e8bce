package gitrepo

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"unicode"

	"background-agents/backend/session"
)

// stillTime is after how many seconds below 100 bytes a second a transfer ends: then it is said that the remote cannot
// be reached.
const stillTime = "60"

// network is what a command needs that talks to a remote: the user's own ways of saying who they are, and nobody who is
// asked for a password, in a terminal or a window.
type network struct {
	scheme   string
	ssh      string // command line of the ssh client
	progress func(string)
}

// ofUser are the lines of fixed that do not hold for such a command: the user's ssh command and credential helpers.
var ofUser = map[string]bool{"core.sshCommand=false": true, "credential.helper=": true}

// sslOfUser are settings of git's that a company's network may need.
var sslOfUser = map[string]bool{
	"GIT_SSL_CAINFO": true, "GIT_SSL_CAPATH": true, "GIT_SSL_CERT": true, "GIT_SSL_KEY": true,
	"GIT_SSL_NO_VERIFY": true, "GIT_PROXY_SSL_CAINFO": true,
}

func (n *network) env() []string {
	return []string{"GIT_ASKPASS=", "SSH_ASKPASS_REQUIRE=never", "GCM_INTERACTIVE=never", "GIT_SSH_COMMAND=" + n.ssh}
}

// talk is the place of commands that talk to the remote at this URL, in the user's repository and with their
// configuration.
func (r *Repos) talk(ctx context.Context, u repo, address string, progress func(string)) (place, error) {
	scheme, err := checkURL(address)
	if err != nil {
		return place{}, err
	}
	if progress == nil {
		progress = func(string) {}
	}
	at := u.place()
	at.configured = true
	at.network = &network{scheme: scheme, progress: progress, ssh: r.sshCommand(ctx, u)}
	at.config = []string{"protocol." + scheme + ".allow=always", "http.lowSpeedLimit=100",
		"http.lowSpeedTime=" + stillTime, "http.followRedirects=initial",
		"core.askPass=", "push.gpgSign=false", "push.followTags=false", "push.default=nothing", "fetch.prune=false"}
	if at.config = append(at.config, ghHelper(scheme, address)...); ctx.Err() != nil {
		return at, explain(ctx.Err())
	}
	return at, nil
}

// sshCommand is the user's ssh client, told to ask nothing. What it thinks of unknown hosts is the user's
// configuration.
func (r *Repos) sshCommand(ctx context.Context, u repo) string {
	command := os.Getenv("GIT_SSH_COMMAND")
	if command == "" {
		at := place{dir: u.common, configured: true, network: &network{progress: func(string) {}}}
		command, _ = r.line(ctx, at, "config", "--get", "core.sshCommand")
	}
	if program := os.Getenv("GIT_SSH"); command == "" && program != "" {
		command = "'" + strings.ReplaceAll(program, "'", `'\''`) + "'"
	}
	if command == "" {
		command = "ssh"
	}
	if strings.Contains(strings.ToLower(command), "plink") {
		return command + " -batch"
	}
	return command + " -o BatchMode=yes"
}

// ghHelper asks `gh` last for a login at an https remote, as `gh auth setup-git` has git do.
func ghHelper(scheme, address string) []string {
	if scheme != "https" {
		return nil
	}
	path, err := exec.LookPath("gh")
	if err != nil || !filepath.IsAbs(path) {
		return nil
	}
	_, rest, _ := strings.Cut(address, "://")
	host, _, _ := strings.Cut(rest[strings.LastIndex(rest, "@")+1:], "/")
	quoted := "'" + strings.ReplaceAll(filepath.ToSlash(path), "'", `'\''`) + "'"
	return []string{"credential.https://" + host + ".helper=!" + quoted + " auth git-credential"}
}

// progressLines tells each line of git's progress, which ends in a carriage return while it counts.
type progressLines struct {
	tell func(string)
	line []byte
}

func (p *progressLines) Write(b []byte) (int, error) {
	for rest := b; len(rest) > 0; {
		i := bytes.IndexAny(rest, "\r\n")
		if i < 0 {
			p.line = append(p.line, rest[:min(len(rest), max(0, 500-len(p.line)))]...)
			break
		}
		p.line = append(p.line, rest[:min(i, max(0, 500-len(p.line)))]...)
		if text := strings.TrimPrefix(sayable(string(p.line)), "remote: "); text != "" {
			p.tell(text)
		}
		p.line, rest = p.line[:0], rest[i+1:]
	}
	return len(b), nil
}

// sayable is what a remote said, without what a terminal would take for more than words.
func sayable(text string) string {
	return strings.TrimSpace(strings.Map(func(c rune) rune {
		if unicode.IsControl(c) || unicode.Is(unicode.Cf, c) {
			return -1
		}
		return c
	}, strings.ToValidUTF8(text, "�")))
}

// remoteFailed says why a remote was not reached, or refused.
func remoteFailed(err error, name, address string) error {
	where := name + " (" + withoutCredentials(address) + ")"
	switch {
	case err == nil:
		return nil
	case stderrHas(err, "could not read Username", "could not read Password", "Authentication failed",
		"terminal prompts disabled", "invalid credentials", "The requested URL returned error: 401"):
		return fail(session.CodeLogin, where+" asks for a login, and none is known.",
			"Push once in a terminal so that your credential helper knows it, or log in with `gh auth login`; "+
				"then try again.", err)
	case stderrHas(err, "The requested URL returned error: 403", "Permission to ", "denied to "):
		return fail(session.CodeRemote, "Your login may not write to "+where+".",
			"Ask for access, or push to a fork: choose another remote.", err)
	case stderrHas(err, "Host key verification failed"):
		return fail(session.CodeLogin, "The host key of "+where+" is not known to ssh, or is another than before.",
			"Connect once in a terminal and check the key; then try again.", err)
	case stderrHas(err, "Permission denied (publickey", "Permission denied, please try again",
		"Too many authentication failures"):
		return fail(session.CodeLogin, "ssh has no key that "+where+" accepts without a question.",
			"Add your key to the SSH agent (`ssh-add`), then try again.", err)
	case stderrHas(err, "Repository not found", "does not appear to be a git repository", "not found",
		"returned error: 404"):
		return fail(session.CodeRemote, "There is no repository at "+where+", or your login may not see it.",
			"Check the remote's URL with `git remote -v`.", err)
	case stderrHas(err, "Could not resolve host", "Could not resolve hostname", "Failed to connect",
		"Connection refused", "Connection timed out", "Operation too slow", "Network is unreachable"):
		return fail(session.CodeRemote, where+" cannot be reached.", "Check your network, then try again.", err)
	}
	return explain(err)
}

// rejection says in a sentence why the remote did not take a push, by git's own words in its porcelain.
func rejection(reason string) error {
	reason = sayable(reason[:min(len(reason), 300)])
	return fail(session.CodeRemote, fmt.Sprintf("The remote refused the push: %s.", strings.TrimRight(reason, ".")),
		"The branch may be protected: push to another branch, or ask who owns the repository.", nil)
}
