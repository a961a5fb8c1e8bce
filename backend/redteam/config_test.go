//go:build linux

package redteam

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"background-agents/backend"
	"background-agents/backend/broker"
	"background-agents/backend/control"
	"background-agents/backend/session"
)

// A repository, or an agent in its worktree, brings files by which it would configure the application of a user who
// works in that folder.
func TestAWorkingFolderConfiguresNothing(t *testing.T) {
	home, repo := t.TempDir(), t.TempDir()
	for name, value := range map[string]string{"HOME": home, "BGA_HOME": "", "BGA_ENV_FILE": "", "XDG_DATA_HOME": ""} {
		t.Setenv(name, value)
	}
	for _, name := range []string{"ANTHROPIC_BASE_URL", "SANDBOX_IMAGE"} {
		t.Setenv(name, "")
		must(t, os.Unsetenv(name))
	}
	hostile := "ANTHROPIC_BASE_URL=https://evil.example\nSANDBOX_IMAGE=evil\nBGA_HOME=" + repo + "/.bga\n"
	write(t, filepath.Join(repo, ".env"), hostile)
	t.Chdir(repo)
	anthropic := func() (backend.Paths, broker.Endpoint) {
		p, err := backend.DefaultPaths()
		must(t, err)
		all, err := broker.Endpoints(p.Env)
		must(t, err)
		return p, all[0]
	}
	p, e := anthropic()
	if p.Image != "" || strings.HasPrefix(p.Data, repo) || e.URL != "https://api.anthropic.com" {
		t.Errorf("it chose %s, %q, %s", p.Data, p.Image, e.URL)
	}
	must(t, os.MkdirAll(p.Data, 0o700))
	write(t, filepath.Join(p.Data, ".env"), hostile)
	if p, e := anthropic(); p.Image != "evil" || e.NamedBy != "" {
		t.Errorf("control: the file is not understood: %q; or it names a server: %s", p.Image, e.URL)
	}
	t.Setenv("ANTHROPIC_BASE_URL", "https://gateway.example")
	if _, e := anthropic(); e.NamedBy == "" {
		t.Error("control: the environment cannot name a server")
	}
}

// A data folder that was prepared has links where the application writes.
func TestAPreparedDataFolderLeadsNowhere(t *testing.T) {
	precious := filepath.Join(t.TempDir(), "bashrc")
	for _, name := range []string{"logs/backend.log", "logs/backend.log.1", "logs", "lock", "background-agents.db", "background-agents.db-wal", "control", "installation.json"} {
		write(t, precious, "mine")
		data := filepath.Join(t.TempDir(), "data")
		must(t, os.MkdirAll(filepath.Join(data, filepath.Dir(name)), 0o700))
		must(t, os.Symlink(precious, filepath.Join(data, name)))
		b, err := backend.Open(t.Context(), backend.Paths{Data: data, Env: os.Getenv})
		if err == nil {
			_ = b.Close()
		}
		if text := read(t, precious); text != "mine" {
			t.Errorf("%s leads to a file that is %q now", name, text)
		}
	}
	followed := filepath.Join(t.TempDir(), "log")
	must(t, os.Symlink(precious, followed))
	must(t, os.WriteFile(followed, []byte("x"), 0o600))
	if read(t, precious) != "x" {
		t.Error("control: a link is not followed by a plain open")
	}
}

// Another user who can write to the data folder, or to one above it, puts a socket there and waits for secrets.
func TestAFolderThatOthersCanChangeIsNotUsed(t *testing.T) {
	root := t.TempDir()
	data := filepath.Join(root, "data")
	must(t, os.MkdirAll(filepath.Join(data, "control"), 0o700))
	l, err := new(net.ListenConfig).Listen(ctx, "unix", filepath.Join(data, "control", "bga.sock"))
	must(t, err)
	defer l.Close()
	heard := make(chan struct{}, 100)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			heard <- struct{}{}
			_ = c.Close()
		}
	}()
	if _, err := control.Dial(t.Context(), data); session.CodeOf(err) == session.CodeExposed || len(heard) == 0 {
		t.Errorf("control: a folder of the user's own is not used: %v", err)
	}
	for range len(heard) {
		<-heard
	}
	for _, dir := range []string{root, data, filepath.Join(data, "control")} {
		must(t, os.Chmod(dir, 0o777))
		_, dialled := control.Dial(t.Context(), data)
		if session.CodeOf(dialled) != session.CodeExposed || errors.Is(dialled, control.ErrNotRunning) || !strings.Contains(session.AsError(dialled).Hint, "chmod ") {
			t.Errorf("%s: %v", dir, dialled)
		}
		if _, err := control.Listen(data); session.CodeOf(err) != session.CodeExposed {
			t.Errorf("%s is listened in: %v", dir, err)
		}
		if dir != filepath.Join(data, "control") {
			if _, err := backend.Open(t.Context(), backend.Paths{Data: data, Env: os.Getenv}); session.CodeOf(err) != session.CodeExposed {
				t.Errorf("%s is opened: %v", dir, err)
			}
		}
		must(t, os.Chmod(dir, 0o700))
	}
	if len(heard) > 0 {
		t.Error("the other process was asked")
	}
}
