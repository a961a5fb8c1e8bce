package forge

import (
	"context"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"time"
)

// sshTime bounds how long ssh may take to read its configuration.
const sshTime = 5 * time.Second

// aliasForm are the names that ssh is asked about: nothing that it could take for an option or a user.
var aliasForm = regexp.MustCompile(`^[a-z0-9_][a-z0-9._-]{0,252}$`)

// read reads a remote's URL as ssh would: git@github-work:org/repo is on the host that ~/.ssh/config names for github-work.
func (f *Forge) read(ctx context.Context, remote string) (repository, error) {
	r, err := parse(remote)
	if err != nil || !r.ssh || kindOf(r.host) != "" {
		return r, err
	}
	if host := sshHost(ctx, r.host); host != "" {
		r.host = canonical(host)
	}
	return r, nil
}

// sshHost asks ssh which host a name stands for, "" where that can't be told. It connects nowhere.
func sshHost(ctx context.Context, name string) string {
	if !aliasForm.MatchString(name) {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, sshTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, "ssh", "-G", name)
	cmd.Dir, cmd.WaitDelay = os.TempDir(), time.Second
	out, err := cmd.Output()
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(out[:min(len(out), 64<<10)])) {
		if host, ok := strings.CutPrefix(strings.TrimSpace(line), "hostname "); ok && aliasForm.MatchString(strings.ToLower(host)) {
			return strings.ToLower(host)
		}
	}
	return ""
}
