package forge

import (
	"context"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"time"

	"background-agents/backend/session"
)

// aliasForm are the names that ssh is asked about: nothing that it could take for an option or a user.
var aliasForm = regexp.MustCompile(`^[a-z0-9_][a-z0-9._-]{0,252}$`)

// read reads a remote's URL as ssh would: git@github-work:org/repo is on the host that ~/.ssh/config names for
// github-work.
func (f *Forge) read(ctx context.Context, remote string) (repository, error) {
	r, err := parse(remote)
	if err != nil || !r.ssh || kindOf(r.host) != "" {
		return r, err
	}
	host, err := sshHost(ctx, r.host, sshTime)
	if err != nil {
		return r, err
	}
	if host != "" {
		r.host = canonical(host)
	}
	return r, nil
}

// sshHost asks ssh which host a name stands for, "" where that can't be told. It connects nowhere.
func sshHost(ctx context.Context, name string, wait time.Duration) (string, error) {
	if !aliasForm.MatchString(name) {
		return "", nil
	}
	ctx, cancel := context.WithTimeoutCause(ctx, wait, session.NoAnswer(session.CodeTimeout, "`ssh -G "+name+"`", wait,
		"Run it in a terminal and see what it waits for: a program in ~/.ssh/config, perhaps."))
	defer cancel()
	cmd := exec.CommandContext(ctx, "ssh", "-G", name)
	cmd.Dir, cmd.WaitDelay = os.TempDir(), outputWait
	out, err := cmd.Output()
	if ctx.Err() != nil {
		return "", context.Cause(ctx)
	}
	if err != nil {
		return "", nil //nolint:nilerr // it does not know the name either
	}
	for line := range strings.Lines(string(out[:min(len(out), 64<<10)])) {
		if host, ok := strings.CutPrefix(strings.TrimSpace(line), "hostname "); ok && aliasForm.MatchString(strings.ToLower(host)) {
			return strings.ToLower(host), nil
		}
	}
	return "", nil
}
