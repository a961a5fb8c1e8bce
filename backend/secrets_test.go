//go:build linux

package backend_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"background-agents/backend/session"
)

// openKeychain starts a session bus and a Secret Service of the test's own, with an open keyring.
func openKeychain(t *testing.T) {
	t.Helper()
	for _, program := range []string{"dbus-daemon", "gnome-keyring-daemon"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip("needs a real Secret Service: " + err.Error())
		}
	}
	home := t.TempDir()
	address := "unix:path=" + filepath.Join(home, "bus")
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", address)
	env := append(os.Environ(), "XDG_DATA_HOME="+home, "XDG_RUNTIME_DIR="+home, "HOME="+home)
	for _, c := range []struct {
		stdin, ready string
		args         []string
	}{
		{"", filepath.Join(home, "bus"), []string{"dbus-daemon", "--session", "--nofork", "--nopidfile", "--address=" + address}},
		{"pw", filepath.Join(home, "keyrings", "login.keyring"), []string{"gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets"}},
	} {
		cmd := exec.Command(c.args[0], c.args[1:]...)
		cmd.Env, cmd.Stdin = env, strings.NewReader(c.stdin)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
		for end := time.Now().Add(10 * time.Second); ; time.Sleep(20 * time.Millisecond) {
			if _, err := os.Stat(c.ready); err == nil {
				break
			}
			if time.Now().After(end) {
				t.Fatalf("%s is not ready", c.args[0])
			}
		}
	}
}

// canaries are what must be nowhere: each value in every encoding that a program of the sandbox is likely to print.
func canaries(values ...string) map[string][]byte {
	all := map[string][]byte{}
	for i, v := range values {
		put := func(name, text string) { all[fmt.Sprintf("%d %s", i, name)] = []byte(text) }
		put("raw", v)
		quoted, _ := json.Marshal(v)
		put("JSON", string(quoted[1:len(quoted)-1]))
		put("URL", url.QueryEscape(v))
		put("hex", hex.EncodeToString([]byte(v)))
		put("HEX", strings.ToUpper(hex.EncodeToString([]byte(v))))
		for before := range 3 {
			text := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("\x00", before) + v))
			core := text[(before*8+5)/6 : (before+len(v))*8/6]
			put(fmt.Sprint("base64 at ", before), core)
			put(fmt.Sprint("base64 for URLs at ", before), strings.NewReplacer("+", "-", "/", "_").Replace(core))
		}
		put("half", v[:len(v)*2/3])
	}
	return all
}

func sum(value string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(value))) }

const printAll = `import os, base64, binascii, json, urllib.parse
for v in (os.environ["TOKEN"], open(os.environ["KEY_FILE"]).read()):
    b = v.encode()
    print(v, json.dumps(v), json.dumps(json.dumps(v)), urllib.parse.quote_plus(v), urllib.parse.quote(v, safe=""), b.hex(), b.hex().upper())
    for n in range(3):
        print(base64.b64encode(b"x" * n + b).decode(), base64.urlsafe_b64encode(b"x" * n + b + b"\n").decode())
`

func TestSecretsReachTheAgentAndNothingElse(t *testing.T) {
	openKeychain(t)
	const token = "s3cr3t/c4nary+\"env\"=value?&0123456789"
	key := "-----BEGIN KEY-----\n" + base64.StdEncoding.EncodeToString([]byte(strings.Repeat("a canary in a file ", 4))) + "\n-----END KEY-----\n"
	looked := canaries(token, strings.Split(key, "\n")[1])

	l := newLive(t)
	l.write("print.py", printAll)
	l.must(os.MkdirAll(filepath.Join(l.repo, ".background-agents"), 0o755))
	l.write(".background-agents/setup.sh", "echo \"the hook has $TOKEN\"; cat \"$KEY_FILE\"; printf %s \"$TOKEN\" | sha256sum > hook.txt\n")
	l.git("add", "-A")
	l.git("commit", "-qm", "print")
	p, err := l.AddProject(ctx, l.repo)
	l.must(err)
	_, err = l.SetSecret(ctx, session.SecretScope{}, "TOKEN", session.DeliverEnv, session.NewSecret(token))
	l.must(err)
	_, err = l.SetSecret(ctx, session.SecretScope{Project: p.ID}, "KEY", session.DeliverFile, session.NewSecret(key))
	l.must(err)

	script := []string{
		"demo: bash env", "demo: bash cat $KEY_FILE", "demo: bash python3 print.py", "demo: bash base64 $KEY_FILE; cat -n $KEY_FILE",
		"demo: bash echo -n $TOKEN | sha256sum > env.txt; sha256sum < $KEY_FILE > file.txt; stat -c '%a %u %T' -f $KEY_FILE $KEY_FILE > mode.txt; stat -c '%a %U' $KEY_FILE >> mode.txt",
		"demo: bash all=$(env | grep -E 'TOKEN|KEY'; cat $KEY_FILE); for i in $(seq 2000); do echo \"$all\"; done", // more than the transcript keeps
		"demo: text All said.",
	}
	id := l.create(strings.Join(script, "\n"))
	s := l.until(id, firstImage, settled(session.Idle))
	for name, want := range map[string]string{"env.txt": sum(token), "hook.txt": sum(token), "file.txt": sum(key)} {
		l.reads(s, name, want+"  -")
	}
	if mode, err := os.ReadFile(filepath.Join(s.Worktree, "mode.txt")); err != nil || !strings.Contains(string(mode), "tmpfs") || !strings.HasSuffix(string(mode), "400 agent\n") {
		t.Errorf("the file is %q, %v", mode, err)
	}

	search := func(where string, text []byte) {
		for name, canary := range looked {
			if at := bytes.Index(text, canary); at >= 0 {
				t.Errorf("%s has canary %s", where, name)
			}
		}
	}
	said := 0
	for _, it := range l.items(id) {
		if it.Kind == session.KindPrompt {
			continue
		}
		raw, err := json.Marshal(it)
		l.must(err)
		search("item "+string(it.ID), raw)
		search("text of "+string(it.ID), []byte(it.Text))
		said += strings.Count(it.Text, "[secret ")
		var whole bytes.Buffer
		l.must(l.Output(ctx, id, it.ID, &whole))
		search("output of "+string(it.ID), whole.Bytes())
	}
	if said < 100 { // OpenCode cuts a long output where it has come to: 270 to 500
		t.Errorf("the agent said a secret %d times: there was too little to find", said)
	}
	state, err := json.Marshal(l.state())
	l.must(err)
	search("the state", state)

	sb, err := l.Sandbox(ctx, id)
	l.must(err)
	for _, args := range [][]string{
		{"docker", "inspect", sb.Container}, {"docker", "image", "inspect", sb.Image}, {"docker", "history", "--no-trunc", sb.Image},
		{"docker", "logs", sb.Container}, {"docker", "exec", sb.Container, "env"}, {"docker", "top", sb.Container},
		{"docker", "volume", "inspect", sb.Volumes[0]}, {"ps", "axww", "-o", "args"},
	} {
		out, err := exec.Command(args[0], args[1:]...).CombinedOutput()
		if err != nil || len(out) == 0 && args[1] != "logs" {
			t.Errorf("%q: %v, %d bytes", args, err, len(out))
		}
		search(strings.Join(args[:2], " "), out)
	}

	// What the sandbox itself is led by cannot be set as a secret.
	env, err := exec.Command("docker", "exec", sb.Container, "env").Output()
	l.must(err)
	led := 0
	for line := range strings.Lines(string(env)) {
		name, _, _ := strings.Cut(line, "=")
		upper := strings.ToUpper(name)
		if !strings.Contains(upper, "PROXY") && !strings.Contains(upper, "OPTIONS") && upper != "PATH" && upper != "HOME" && upper != "LANG" {
			continue
		}
		led++
		if _, err := l.SetSecret(ctx, session.SecretScope{}, name, session.DeliverEnv, session.NewSecret("value")); session.CodeOf(err) != session.CodeInvalid {
			t.Errorf("a secret may be named %s: %v", name, err)
		}
	}
	if led < 8 {
		t.Errorf("%d names are looked at", led)
	}

	searched := 0
	l.must(filepath.WalkDir(l.data, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		if strings.HasPrefix(d.Name(), "background-agents.db") {
			searched++
		}
		search(path, b)
		return nil
	}))
	if searched < 2 {
		t.Errorf("%d files of the database were searched, and no write-ahead log", searched)
	}

	// The control: the same search finds a canary that is there.
	for name, canary := range looked {
		found := false
		for _, other := range looked {
			found = found || bytes.Contains([]byte("before "+string(canary)+" after"), other)
		}
		if !found {
			t.Errorf("the search would not find %s", name)
		}
	}

	// A changed value comes with the next start.
	_, err = l.SetSecret(ctx, session.SecretScope{Session: id}, "TOKEN", session.DeliverEnv, session.NewSecret("of this session"))
	l.must(err)
	if !l.get(id).Outdated {
		t.Error("the sandbox has the old secret, and nobody says so")
	}
	l.must(l.Stop(ctx, id))
	l.until(id, time.Minute, settled(session.Stopped))
	_, err = l.Prompt(ctx, id, session.NewPrompt{Text: "demo: bash echo -n $TOKEN | sha256sum > env.txt"})
	l.must(err)
	s = l.until(id, time.Minute, func(s session.Session) bool { return s.Turns == 2 && settled(session.Idle)(s) })
	l.reads(s, "env.txt", sum("of this session")+"  -")
}

func TestSessionsThatNeedALostKeychainSaySo(t *testing.T) {
	openKeychain(t)
	l := newLive(t)
	p, err := l.AddProject(ctx, l.repo)
	l.must(err)
	_, err = l.SetSecret(ctx, session.SecretScope{Project: p.ID}, "TOKEN", session.DeliverEnv, session.NewSecret("a canary to be lost"))
	l.must(err)
	l.kill()
	bus := os.Getenv("DBUS_SESSION_BUS_ADDRESS")
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path="+filepath.Join(t.TempDir(), "none"))
	l.start()
	if err := l.Keychain(ctx); session.CodeOf(err) != session.CodeNoKeychain {
		t.Errorf("the keychain is %v", err)
	}
	id := l.create("demo: bash echo -n $TOKEN | sha256sum > env.txt")
	begun := time.Now()
	s := l.until(id, time.Minute, func(s session.Session) bool { return s.Status == session.Failed })
	if s.Error == nil || s.Error.Code != session.CodeNoKeychain || s.Error.Hint == "" || time.Since(begun) > 8*time.Second {
		t.Errorf("after %v it says %+v", time.Since(begun), s.Error)
	}
	if s.Sandbox == session.SandboxRunning {
		t.Error("its sandbox was started without the secret")
	}
	l.kill()
	t.Setenv("DBUS_SESSION_BUS_ADDRESS", bus)
	l.start()
	l.must(l.Retry(ctx, id))
	s = l.until(id, firstImage, settled(session.Idle))
	l.reads(s, "env.txt", sum("a canary to be lost")+"  -")
}
