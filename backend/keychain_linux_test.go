package backend_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"background-agents/backend/session"
)

// A key that the user enters goes into a real Secret Service, and nowhere else.
func TestKeyThatIsEnteredIsInTheKeychainAlone(t *testing.T) {
	for _, program := range []string{"dbus-run-session", "gnome-keyring-daemon"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip("the test starts a Secret Service, and this machine lacks a part of it: ", err)
		}
	}
	data := t.TempDir()
	home := filepath.Join(data, "home")
	if err := os.Mkdir(home, 0o700); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"HOME": home, "XDG_DATA_HOME": home, "XDG_RUNTIME_DIR": home, "OPENAI_API_KEY": "", "ANTHROPIC_API_KEY": ""} {
		t.Setenv(name, value)
	}
	l := &live{t: t, data: data}
	// As a login does: a keyring daemon whose keyring has the password "pw".
	l.startAs("dbus-run-session", "--", "bash", "-c",
		`echo -n pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; sleep 0.5; echo $$ >"$HOME/pid"; exec "$0"`, os.Args[0])
	defer func() {
		_ = l.Close()
		raw, err := os.ReadFile(filepath.Join(home, "pid"))
		l.must(err)
		pid, err := strconv.Atoi(strings.TrimSpace(string(raw)))
		l.must(err)
		l.must(syscall.Kill(pid, syscall.SIGTERM)) // with the backend ends the bus, and with that all on it
		l.cmd.WaitDelay = 10 * time.Second
		_ = l.cmd.Wait()
	}()
	openai := func() session.Provider {
		t.Helper()
		all, err := l.Providers(ctx)
		l.must(err)
		return all[slices.IndexFunc(all, func(p session.Provider) bool { return p.ID == "openai" })]
	}
	if p := openai(); p.Ready {
		t.Fatalf("before: %+v", p)
	}
	l.must(l.SetProviderKey(ctx, "openai", keyCanary))
	if p := openai(); !p.Ready || !p.Kept || p.Source != "the keychain" {
		t.Errorf("after: %+v", p)
	}
	err := filepath.WalkDir(data, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return nil //nolint:nilerr // what is gone in the meantime holds nothing
		}
		if raw, err := os.ReadFile(path); err == nil && bytes.Contains(raw, []byte(keyCanary)) {
			t.Errorf("the key is in %s", path)
		}
		return nil
	})
	l.must(err)
	l.must(l.SetProviderKey(ctx, "openai", ""))
	if p := openai(); p.Ready || p.Kept {
		t.Errorf("removed: %+v", p)
	}
}
