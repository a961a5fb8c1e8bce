//go:build linux

package keyring

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/godbus/dbus/v5"
	"github.com/zalando/go-keyring"

	"background-agents/backend/session"
)

// The tests here run this program again, within a session bus of its own and a home of its own, where `inside` says
// which situation it is in.
const inside = "KEYRING_SITUATION"

// unlock starts a keyring daemon whose keyring has the password "pw", as a login does.
const unlock = `echo -n pw | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; sleep 0.5; `

func within(t *testing.T, situation, prepare string, wrap ...string) {
	t.Helper()
	for _, program := range []string{"dbus-run-session", "gnome-keyring-daemon"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip("needs a real Secret Service: " + err.Error())
		}
	}
	home := t.TempDir()
	argv := append(wrap, "bash", "-c", prepare+`exec "$@"`, "_", os.Args[0], "-test.run=^TestInside$", "-test.v")
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Env = []string{inside + "=" + situation, "HOME=" + home, "PATH=" + os.Getenv("PATH"), "XDG_DATA_HOME=" + home, "XDG_RUNTIME_DIR=" + home, "LC_ALL=C.UTF-8"}
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestInside") {
		t.Fatalf("%s: %v\n%s", situation, err, out)
	}
}

var bus = []string{"dbus-run-session", "--"}

func TestRealSecretServiceKeepsValues(t *testing.T) { within(t, "unlocked", unlock, bus...) }

func TestLockedKeyringIsLockedAndNotAskedForByCheck(t *testing.T) {
	// The daemon has made its keyring, and is started again without the password.
	within(t, "locked", unlock+`gdbus call --session -d org.freedesktop.secrets -o /org/freedesktop/secrets -m org.freedesktop.Secret.Service.Lock "['/org/freedesktop/secrets/collection/login']" >/dev/null; `, bus...)
}

// A program that stops waiting, or ends, takes no keychain with it.
func TestWhoLeavesInTheMiddleOfACallLeavesTheServiceRunning(t *testing.T) {
	within(t, "left", unlock, bus...)
}

func TestServiceWithoutCollectionIsNoKeychain(t *testing.T) {
	within(t, "empty", `gnome-keyring-daemon --start --components=secrets >/dev/null 2>&1; sleep 0.5; `, bus...)
}

func TestBusWithoutServiceIsNoKeychain(t *testing.T) {
	conf := filepath.Join(t.TempDir(), "bus.conf")
	text := `<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>unix:tmpdir=/tmp</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>`
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	within(t, "missing", "", "dbus-run-session", "--config-file="+conf, "--")
	within(t, "silent", "", "dbus-run-session", "--config-file="+conf, "--")
}

func TestDeadBusIsNoKeychain(t *testing.T) {
	within(t, "missing", `export DBUS_SESSION_BUS_ADDRESS=unix:path=$HOME/none; `)
}

func TestWithoutBusNoneIsStarted(t *testing.T) {
	if _, err := os.Stat(fmt.Sprintf("/run/user/%d/bus", os.Getuid())); err == nil {
		t.Skip("this user has a session bus at its fixed place")
	}
	// A dbus-launch that leaves a note; the control in TestInside shows that go-keyring alone would run it.
	launch := `mkdir $HOME/bin; printf '#!/bin/sh\ntouch $HOME/launched\nexit 1\n' >$HOME/bin/dbus-launch; chmod +x $HOME/bin/dbus-launch; PATH=$HOME/bin:$PATH; `
	within(t, "no bus", launch)
	within(t, "no bus", launch+`export DBUS_SESSION_BUS_ADDRESS=autolaunch:; `)
}

func TestInside(t *testing.T) {
	v, ctx := Open(Config{}), t.Context()
	state := func(want session.Code) {
		t.Helper()
		begun := time.Now()
		_, get := v.Get(ctx, "a")
		for what, err := range map[string]error{"Check": v.Check(ctx), "Get": get, "Set": v.Set(ctx, "a", value("x", 10)), "Delete": v.Delete(ctx, "a")} {
			if session.CodeOf(err) != want {
				t.Errorf("%s: code %q, want %q: %#v", what, session.CodeOf(err), want, err)
			}
			if e := session.AsError(err); e != nil && (e.Message == "" || e.Hint == "") {
				t.Errorf("%s: no sentence", what)
			}
		}
		if took := time.Since(begun); took > 4*Limit+time.Second {
			t.Errorf("took %v", took)
		}
	}
	switch os.Getenv(inside) {
	case "":
		t.Skip("runs within a bus, started by the tests above")
	case "unlocked":
		keepsValues(t, ctx, v)
		v.part = itemSize
		installationsAreApart(t, v)
		v.part = 2400
		installationsAreApart(t, v)
	case "left":
		// The keyring ended after some 1,000 calls that asked for one property.
		for range 5000 {
			conn, err := dbus.ConnectSessionBus()
			if err != nil {
				t.Fatal(err)
			}
			ended := make(chan struct{})
			go func() { defer close(ended); _ = unlocked(ctx, conn) }()
			time.Sleep(time.Duration(rand.IntN(600)) * time.Microsecond)
			_ = conn.Close()
			<-ended
		}
		if err := v.Check(ctx); err != nil {
			t.Errorf("after all that: %v", err)
		}
	case "locked":
		begun := time.Now()
		if err := v.Check(ctx); session.CodeOf(err) != session.CodeKeychainLock {
			t.Errorf("%#v", err)
		}
		if time.Since(begun) > time.Second {
			t.Error("Check waits")
		}
		state(session.CodeKeychainLock)
	case "empty", "missing":
		state(session.CodeNoKeychain)
	case "no bus":
		state(session.CodeNoKeychain)
		if _, err := os.Stat(os.Getenv("HOME") + "/launched"); err == nil {
			t.Error("dbus-launch was run")
		}
		if _, err := keyring.Get(Service, "a"); err == nil {
			t.Error("control: there is a keychain")
		}
		if _, err := os.Stat(os.Getenv("HOME") + "/launched"); err != nil {
			t.Error("control: go-keyring alone does not run dbus-launch")
		}
	case "silent":
		silent(t)
		v.limit = 300 * time.Millisecond
		state(session.CodeKeychainSlow)
	}
}

// silent offers a Secret Service that takes calls and never answers, as one does that shows a prompt.
func silent(t *testing.T) {
	conn, err := dbus.ConnectSessionBus()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	if _, err := conn.RequestName(secretsName, 0); err != nil {
		t.Fatal(err)
	}
	conn.Eavesdrop(make(chan *dbus.Message, 1000))
}

func keepsValues(t *testing.T, ctx context.Context, v *Vault) {
	if err := v.Check(ctx); err != nil {
		t.Fatal(err)
	}
	for _, part := range []int{itemSize, 2400} { // as here, and as on Windows and macOS
		v.part = part
		for _, n := range []int{1, 2399, 2400, 2401, 10_000, MaxValue, 5} {
			want := value(fmt.Sprint(n), n)
			if err := v.Set(ctx, "project/p1/TOKEN", want); err != nil {
				t.Fatal(part, n, err)
			}
			mustHave(t, v, "project/p1/TOKEN", want)
			if err := v.Set(ctx, "project/p1/token", value("lower", 7)); err != nil {
				t.Fatal(err)
			}
			mustHave(t, v, "project/p1/TOKEN", want)
		}
	}
	out, err := exec.Command("gdbus", "call", "--session", "-d", secretsName, "-o", secretsPath, "-m", "org.freedesktop.Secret.Service.SearchItems", `{"service":"`+Service+`"}`).CombinedOutput()
	if err != nil || strings.Count(string(out), "/org/freedesktop/secrets/collection/login/") != 2 {
		t.Errorf("items in the keyring: %v %s", err, out)
	}
	for _, name := range []string{"project/p1/TOKEN", "project/p1/token", "never/there"} {
		if err := v.Delete(ctx, name); err != nil {
			t.Error(err)
		}
		if _, err := v.Get(ctx, name); session.CodeOf(err) != session.CodeNotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
}
