//go:build linux

package redteam

import (
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"background-agents/backend/session"
)

// trySockets opens sockets of every family and netlink protocol, in each way that a program can ask the kernel. The two
// programs in it are of i386: they open a socket of netlink's protocol 15 by socket and by socketcall.
const trySockets = `import base64, ctypes, os, platform, socket, subprocess
families, netlink = set(), []
for family in range(46):
    for kind in (1, 2, 3, 5):
        try: socket.socket(family, kind, 0).close(); families.add(family)
        except OSError: pass
for protocol in range(32):
    try: socket.socket(16, 3, protocol).close(); netlink.append(protocol)
    except OSError: pass
print("families", sorted(families), "netlink", netlink)
libc = ctypes.CDLL(None, use_errno=True)
def refused(number, *args):
    ctypes.set_errno(0)
    return libc.syscall(number, *args) < 0 and ctypes.get_errno() in (1, 38)
print("io_uring", "refused" if refused(425, 8, 0) else "open")
if platform.machine() == "x86_64":
    print("x32", "refused" if refused(0x40000000 | 41, 40, 1, 0) else "open")
    for name, code in (("socket", "f0VMRgEBAQAAAAAAAAAAAAIAAwABAAAAVIAECDQAAAAAAAAAAAAAADQAIAABAAAAAAAAAAEAAAAAAAAAAIAECACABAh5AAAAeQAAAAUAAAAAEAAAuGcBAAC7EAAAALkDAAAAug8AAADNgPfYeQIxwInDuAEAAADNgA=="), ("socketcall", "f0VMRgEBAQAAAAAAAAAAAAIAAwABAAAAVIAECDQAAAAAAAAAAAAAADQAIAABAAAAAAAAAAEAAAAAAAAAAIAECACABAh3AAAAdwAAAAUAAAAAEAAAag9qA2oQieG7AQAAALhmAAAAzYD32HkCMcCJw7gBAAAAzYA=")):
        path = "/tmp/of32-%d-%s" % (os.getpid(), name)
        with open(path, "wb") as f: f.write(base64.b64decode(code))
        os.chmod(path, 0o700)
        try: print("32-bit", name, "open" if subprocess.run([path]).returncode == 0 else "refused")
        except OSError as e: print("32-bit", name, "refused" if e.errno == 8 else e)
`

// onlyOrdinary is what it says where the filter holds.
func onlyOrdinary() string {
	said := "families [1, 2, 10, 16] netlink [0]\nio_uring refused\n"
	if runtime.GOARCH == "amd64" {
		said += "x32 refused\n32-bit socket refused\n32-bit socketcall refused\n"
	}
	return said
}

// sealedFlags run a container with what every sandbox has.
var sealedFlags = []string{"run", "--rm", "--network", "none", "--cap-drop", "ALL", "--security-opt", "no-new-privileges"}

// Sockets that need no network lead out of a container without one: AF_VSOCK to the host of a virtual machine, netlink to the
// kernel. Neither what the agent runs opens one, nor a hook, nor what the user runs in the sandbox.
func TestOnlyOrdinarySocketsOpen(t *testing.T) {
	v := theVictim(t)
	repo := filepath.Join(v.home, "code", "sockets")
	write(t, filepath.Join(repo, "try.py"), trySockets)
	write(t, filepath.Join(repo, ".background-agents", "setup.sh"), "python3 try.py > /tmp/hook.txt 2>&1\n")
	git(t, repo, "init", "-q", "-b", "main")
	git(t, repo, "add", "-A")
	git(t, repo, "commit", "-qm", "first")
	p, err := v.AddProject(ctx, repo)
	must(t, err)
	id := v.session(t, session.NewSession{Project: p.ID}, "demo: bash python3 try.py > /tmp/agent.txt 2>&1").ID
	image := docker(t, "inspect", "-f", "{{.Image}}", v.container(t, id))
	for who, script := range map[string]string{
		"the agent": "cat /tmp/agent.txt", "a hook": "cat /tmp/hook.txt", "the user": "python3 try.py 2>&1",
	} {
		if out := v.sh(t, id, script); out != onlyOrdinary() {
			t.Errorf("%s opens other sockets:\n%s", who, out)
		}
	}
	t.Run("an exec of the engine's, past the supervisor", func(t *testing.T) {
		if out := docker(t, "exec", v.container(t, id), "python3", "-c", trySockets); out+"\n" != onlyOrdinary() {
			t.Errorf("it opens other sockets:\n%s", out)
		}
	})
	t.Run("a health check, past the supervisor", func(t *testing.T) {
		profile := filepath.Join(t.TempDir(), "profile.json")
		option := docker(t, "inspect", "-f", "{{index .HostConfig.SecurityOpt 1}}", v.container(t, id))
		write(t, profile, strings.TrimPrefix(option, "seccomp="))
		script := filepath.Join(t.TempDir(), "try.py")
		write(t, script, trySockets)
		if out := healthCheck(t, image, script, "seccomp="+profile); out != onlyOrdinary() {
			t.Errorf("it opens other sockets:\n%s", out)
		}
		if out := healthCheck(t, image, script, "seccomp=unconfined"); strings.Contains(out, "netlink [0]\n") {
			t.Errorf("without the profile it opens no more:\n%s", out)
		}
	})
	t.Run("tools work", func(t *testing.T) {
		out := v.sh(t, id, "set -e; git status -s; node -e 'require(\"net\").connect(1).on(\"error\", e => console.log(e.code))'; "+
			"python3 -c 'import socket, asyncio; print(socket.getaddrinfo(\"localhost\", 80)[0][4][1]); asyncio.run(asyncio.sleep(0))'; "+
			"python3 -c 'import multiprocessing as m; print(m.Pool(1).map(abs, [-7]))'")
		if out != "ECONNREFUSED\n80\n[7]\n" {
			t.Errorf("%q", out)
		}
	})
	t.Run("control: without the supervisor the same image opens more", func(t *testing.T) {
		// Not every kernel runs 32-bit programs, so they are not looked for.
		if out := docker(t, append(slices.Clone(sealedFlags), "--entrypoint", "python3", image, "-c", trySockets)...); strings.Contains(out, "netlink [0]\n") {
			t.Errorf("%q", out)
		}
	})
}

// healthCheck runs a script of Python as the health check of a container and returns what it said.
func healthCheck(t *testing.T, image, script, option string) string {
	t.Helper()
	id := strings.TrimSpace(docker(t, append(slices.Clone(sealedFlags), "--detach", "--security-opt", option,
		"--health-cmd", "python3 /try.py", "--health-interval", "1s", "--volume", script+":/try.py:ro",
		"--entrypoint", "sleep", image, "60")...))
	defer docker(t, "rm", "--force", id)
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(200 * time.Millisecond) {
		if out := docker(t, "inspect", "-f", "{{range .State.Health.Log}}{{.Output}}ENDED{{end}}", id); strings.Contains(out, "ENDED") {
			first, _, _ := strings.Cut(out, "ENDED")
			return first
		}
	}
	t.Fatal("the health check does not run")
	return ""
}

// A container that is not what the application asked the engine for runs no agent.
func TestAnUnsealedSandboxRunsNoAgent(t *testing.T) {
	v := theVictim(t)
	id := v.session(t, session.NewSession{}, "demo: bash touch /tmp/first; true").ID
	box := v.container(t, id)
	image := docker(t, "inspect", "-f", "{{.Image}}", box)
	docker(t, "network", "disconnect", "none", box)
	docker(t, "network", "connect", "bridge", box)
	_, err := v.Prompt(ctx, id, session.NewPrompt{Text: "demo: bash touch /tmp/second"})
	must(t, err)
	var s session.Session
	for end := time.Now().Add(time.Minute); s.Error == nil; time.Sleep(100 * time.Millisecond) {
		if s = v.get(id); time.Now().After(end) {
			t.Fatalf("the turn does not fail: %+v", s)
		}
	}
	if s.Error.Code != session.CodeSeal || !strings.Contains(s.Error.Message, "eth") {
		t.Errorf("the turn ends with %+v", s.Error)
	}
	if out := v.sh(t, id, "ls /tmp/first /tmp/second 2>&1"); !strings.Contains(out, "/tmp/first\n") || strings.Contains(out, "/tmp/second\n") {
		t.Errorf("the agent ran: %q", out)
	}
	for name, c := range map[string]struct {
		flags []string
		want  string
	}{
		"a network":      {[]string{"run", "--rm", "--cap-drop", "ALL"}, "network interface"},
		"capabilities":   {[]string{"run", "--rm", "--network", "none"}, "has capabilities"},
		"one capability": {append(slices.Clone(sealedFlags), "--cap-add", "NET_RAW"), "has capabilities"},
		"control":        {sealedFlags, ""},
	} {
		run := append(slices.Clone(c.flags), "--entrypoint", "sh", image, "-c", "supervisor seal 2>&1 || true")
		if out := docker(t, run...); !strings.Contains(out, c.want) || (c.want == "") != (out == "") {
			t.Errorf("%s: %q", name, out)
		}
	}
}
