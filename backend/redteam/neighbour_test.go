//go:build linux

package redteam

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"background-agents/backend/session"
)

const wait = time.Minute

// stranger asks a socket something as another user of this machine, and returns what was answered.
func stranger(t *testing.T, uid uint32, socket string) string {
	t.Helper()
	cmd := exec.Command("curl", "-s", "-m", "5", "--unix-socket", socket, "-X", "POST", "-d", "[]", "http://background-agents/v1/Agents")
	if uid != 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
	}
	out, _ := cmd.CombinedOutput()
	return string(out)
}

// Other users of this machine, and what a web page makes the user's browser send, give the application no orders.
func TestNobodyElseGivesOrders(t *testing.T) {
	v := theVictim(t)
	found, err := filepath.Glob(filepath.Join(v.data, "control", "*.sock"))
	if err != nil || len(found) != 1 {
		t.Fatalf("the sockets are %v: %v", found, err)
	}
	socket := found[0]
	if answer := stranger(t, 0, socket); !strings.Contains(answer, "opencode") {
		t.Fatalf("control: the user himself is answered %q", answer)
	}
	t.Run("the socket is the user's alone", func(t *testing.T) {
		for _, path := range []string{socket, filepath.Dir(socket)} {
			info, err := os.Stat(path)
			must(t, err)
			if info.Mode().Perm()&0o077 != 0 {
				t.Errorf("%s has the mode %v", path, info.Mode())
			}
		}
	})
	t.Run("another user who gets at it is sent away", func(t *testing.T) {
		if os.Getuid() != 0 {
			t.Skip("only root can be another user")
		}
		// Somebody opened all doors to the socket: its own check is what is left.
		for dir := filepath.Dir(socket); dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
			info, err := os.Stat(dir)
			must(t, err)
			must(t, os.Chmod(dir, 0o755))
			t.Cleanup(func() { must(t, os.Chmod(dir, info.Mode().Perm())) })
		}
		must(t, os.Chmod(socket, 0o666))
		t.Cleanup(func() { must(t, os.Chmod(socket, 0o600)) })
		if answer := stranger(t, 65534, socket); answer != "" {
			t.Errorf("a stranger is answered %q", answer)
		}
		open := filepath.Join(filepath.Dir(socket), "open")
		l, err := new(net.ListenConfig).Listen(ctx, "unix", open)
		must(t, err)
		must(t, os.Chmod(open, 0o666))
		s := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("opencode")) }), ReadHeaderTimeout: wait}
		go func() { _ = s.Serve(l) }()
		t.Cleanup(func() { _ = s.Close() })
		if answer := stranger(t, 65534, open); answer != "opencode" {
			t.Errorf("control: a socket without the check answers %q", answer)
		}
	})
	t.Run("a web page has no port to send to", func(t *testing.T) {
		tables := ""
		for _, name := range []string{"tcp", "tcp6"} {
			b, _ := os.ReadFile("/proc/net/" + name)
			tables += string(b)
		}
		mine := sockets(t, v.cmd.Process.Pid)
		listening := func(inodes map[string]bool) (n int) {
			for line := range strings.Lines(tables) {
				if f := strings.Fields(line); len(f) > 9 && f[3] == "0A" && inodes[f[9]] {
					n++
				}
			}
			return n
		}
		if n := listening(mine); n > 0 {
			t.Errorf("the backend listens on %d ports", n)
		}
		if listening(sockets(t, os.Getpid())) == 0 {
			t.Error("control: the listening provider of this test is not found either")
		}
	})
	t.Run("the window that is delivered has no server for developers in it", func(t *testing.T) {
		const server = "github.com/wailsapp/wails/v2/internal/frontend/devserver"
		has := func(tags string) bool {
			cmd := exec.Command("go", "list", "-deps", "-tags", tags, "background-agents")
			cmd.Env = append(os.Environ(), "CGO_ENABLED=1")
			out, err := cmd.Output()
			must(t, err)
			return slices.Contains(strings.Fields(string(out)), server)
		}
		if has("desktop,production,webkit2_41") {
			t.Error("it has")
		}
		if !has("dev,webkit2_41") {
			t.Error("control: the one of `make dev` has none either")
		}
	})
	t.Run("what a browser would send is refused", func(t *testing.T) {
		for name, head := range map[string]string{
			"origin":           "Host: background-agents\r\nOrigin: https://evil.example\r\n",
			"host by DNS":      "Host: evil.example\r\n",
			"fetch metadata":   "Host: background-agents\r\nSec-Fetch-Mode: no-cors\r\n",
			"referer and host": "Host: localhost\r\nReferer: https://evil.example/\r\n",
		} {
			if answer := rawRequest(t, socket, head); strings.Contains(answer, "opencode") {
				t.Errorf("%s is answered: %s", name, answer)
			}
		}
		if answer := rawRequest(t, socket, "Host: background-agents\r\n"); !strings.Contains(answer, "opencode") {
			t.Errorf("control: without them it is answered %q", answer)
		}
	})
}

func rawRequest(t *testing.T, socket, head string) string {
	t.Helper()
	c, err := net.Dial("unix", socket)
	must(t, err)
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(5 * time.Second))
	_, err = fmt.Fprintf(c, "POST /v1/Agents HTTP/1.1\r\n%sContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n[]", head)
	must(t, err)
	var b strings.Builder
	buf := make([]byte, 4096)
	for {
		n, err := c.Read(buf)
		b.Write(buf[:n])
		if err != nil {
			return b.String()
		}
	}
}

// sockets are the inodes of a process' sockets.
func sockets(t *testing.T, pid int) map[string]bool {
	t.Helper()
	dir := fmt.Sprintf("/proc/%d/fd", pid)
	all := map[string]bool{}
	for _, fd := range names(t, dir) {
		if to, err := os.Readlink(filepath.Join(dir, fd)); err == nil {
			if inode, ok := strings.CutPrefix(to, "socket:["); ok {
				all[strings.TrimSuffix(inode, "]")] = true
			}
		}
	}
	return all
}

// A sandbox sees nothing of another: neither its files nor its processes, nor where it might send something.
func TestSandboxesAreStrangers(t *testing.T) {
	v := theVictim(t)
	s := v.session(t, session.NewSession{}, "demo: text Ready.")
	secret := random()
	v.sh(t, s.ID, "echo "+secret+" | tee /workspace/secret /home/agent/secret /tmp/secret >/dev/null; (sleep 300; : "+secret+") >/dev/null 2>&1 & python3 -m http.server 8000 -d /workspace >/dev/null 2>&1 & sleep 1")
	for _, id := range []session.ID{s.ID, v.cell} {
		v.script(t, id, "/tmp/needle", secret)
	}
	look := "grep -rslf /tmp/needle --exclude=needle /workspace /home /tmp /mirror /var /run /dev/shm /proc/[0-9]*/cmdline; echo; curl --noproxy '*' -s -m 2 http://127.0.0.1:8000/secret; ls /sys/class/net; find / -name docker.sock -o -name containerd.sock 2>/dev/null; true"
	if out := v.sh(t, v.cell, look); strings.TrimSpace(out) != "lo" {
		t.Errorf("the other sandbox finds %q", out)
	}
	if out := v.sh(t, s.ID, look); !strings.Contains(out, "/workspace/secret") || !strings.Contains(out, secret) {
		t.Errorf("control: its own sandbox finds %q", out)
	}
}
