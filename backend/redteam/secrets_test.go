//go:build linux

package redteam

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"background-agents/backend/session"
)

// prowl is what an agent runs that looks for secrets: files, environments, command lines, memory. It prints whatever holds one
// of the forms in /tmp/forms, which the test gives it: an agent would take it all.
const prowl = `
import os, sys
forms = [(l.split()[0], bytes.fromhex(l.split()[1])) for l in open("/tmp/forms")]
def look(what, data):
    for name in {n for n, f in forms if f in data}: print("FOUND", name, "in", what)
for root in ("/workspace", "/home", "/tmp", "/mirror", "/etc", "/opt", "/usr/local", "/var", "/run", "/root", "/mnt", "/srv", "/dev/shm"):
    for d, dirs, files in os.walk(root):
        for f in files:
            p = os.path.join(d, f)
            if p in ("/tmp/forms", "/tmp/prowl.py") or not os.path.isfile(p): continue
            try:
                if os.path.getsize(p) < 64 << 20: look(p, open(p, "rb").read())
            except OSError: pass
seen = 0
for pid in os.listdir("/proc"):
    if not pid.isdigit() or int(pid) == os.getpid(): continue
    for f in ("environ", "cmdline"):
        try: look("/proc/%s/%s" % (pid, f), open("/proc/%s/%s" % (pid, f), "rb").read()); seen += 1
        except OSError: pass
    try:
        mem = open("/proc/%s/mem" % pid, "rb")
        for l in open("/proc/%s/maps" % pid):
            f = l.split()
            if "rw" not in f[1]: continue
            a, b = (int(x, 16) for x in f[0].split("-"))
            if b - a > 128 << 20: continue
            mem.seek(a)
            look("memory of " + pid + " " + (f[5] if len(f) > 5 else ""), mem.read(b - a))
    except (OSError, ValueError, OverflowError): pass
print("looked at", seen)
`

// Nothing that the user keeps to himself is anywhere that a sandbox, the engine or the application's own files show it.
func TestSecretsAreNowhere(t *testing.T) {
	v := theVictim(t)
	// A session that leaks a value of its own on purpose, by every way there is. It shows that the search finds.
	leak := "leak-core-" + random() + `/+="<&`
	s := v.session(t, session.NewSession{}, "demo: text "+leak+"\ndemo: write leak.txt "+leak+"\ndemo: bash (export LEAK="+leak[:42]+"; sleep 300) >/dev/null 2>&1 & echo "+leak[:42]+" > /proc/1/fd/1; true")
	v.sh(t, s.ID, "curl -s -m 5 http://127.0.0.1:7300/"+coreOf(leak)+"/v1/models")
	v.provider.requests()
	// And an agent that asks for the keys where they are used.
	for _, path := range []string{"anthropic/v1/messages", "openai/v1/chat/completions"} {
		for _, version := range []string{"2023-06-01", "redirect"} {
			v.sh(t, s.ID, "curl -si -m 10 -H 'anthropic-version: "+version+"' -d '{}' http://127.0.0.1:7300/"+path+" >> /home/agent/answers")
		}
	}
	if heard := v.provider.requests(); len(heard) != 4 || len(v.canaries.in(strings.Join(heard, "\n"))) == 0 {
		t.Errorf("control: the keys were not used: %q", heard)
	}
	where := places(t, v, s.ID, leakOf(t, v, s.ID))
	where["a container with the key in its environment"] = []byte(withKey(t, v, leak))
	want := []string{"sandbox as the agent", "sandbox as root", "docker logs", "docker inspect of a container with the key", "transcript", "files of the application", "git objects", "docker export"}
	where["docker inspect of a container with the key"] = where["a container with the key in its environment"]
	for _, name := range want {
		if !needlesOf(coreOf(leak)).in(where[name]) && !bytes.Contains(where[name], []byte("FOUND leak")) {
			t.Errorf("control: a value that was leaked on purpose is not found in %s", name)
		}
	}
	for name, text := range where {
		if bytes.Contains(text, []byte("FOUND canary")) {
			t.Errorf("%s holds a secret: %s", name, text)
		}
		if found := v.canaries.in(string(text)); len(found) > 0 {
			t.Errorf("%s holds %v", name, found)
		}
	}
	// Where they are: the user's home and the environment of his own processes.
	if len(v.canaries.in(read(t, filepath.Join(v.home, "notes.txt")))) == 0 {
		t.Error("control: the canary is not where it was put")
	}
}

// places is all that can be looked at, by what it is called. The sandbox is looked through for the session's own leak.
func places(t *testing.T, v *victim, id session.ID, leak string) map[string][]byte {
	t.Helper()
	c := v.container(t, id)
	image := docker(t, "inspect", "-f", "{{.Image}}", c)
	out := map[string][]byte{}
	v.prowler(t, id, map[string]string{"leak": coreOf(leak), "canary": nest})
	out["sandbox as the agent"] = []byte(v.prowl(t, id, "1000"))
	out["sandbox as root"] = []byte(v.prowl(t, id, "0"))
	out["docker inspect"] = []byte(docker(t, "inspect", c, image))
	for _, volume := range strings.Fields(docker(t, "inspect", "-f", "{{range .Mounts}}{{.Name}} {{end}}", c)) {
		out["docker inspect of "+volume] = []byte(docker(t, "volume", "inspect", volume))
	}
	out["image history"] = []byte(docker(t, "history", "--no-trunc", image))
	out["docker logs"] = []byte(docker(t, "logs", c))
	out["process list"] = []byte(commandLines(t))
	var export bytes.Buffer
	cmd := exec.Command("docker", "cp", c+":/home", "-")
	cmd.Stdout = &export
	must(t, cmd.Run())
	out["docker export"] = export.Bytes()
	var items strings.Builder
	for _, it := range v.transcript(t, id) {
		items.WriteString(said(it))
		_ = v.Output(ctx, id, it.ID, &items)
	}
	out["transcript"] = []byte(items.String())
	out["state"] = []byte(said(v.state()))
	out["files of the application"] = tree(t, v.data)
	out["standard error of the backend"] = []byte(read(t, v.said.Name()))
	var objects bytes.Buffer
	for _, repo := range []string{v.repo, at(t, v, v.get(id))} {
		objects.WriteString(git(t, repo, "cat-file", "--batch-all-objects", "--batch"))
	}
	out["git objects"] = objects.Bytes()
	return out
}

func leakOf(t *testing.T, v *victim, id session.ID) string {
	t.Helper()
	text := v.sh(t, id, "cat /workspace/leak.txt")
	if !strings.HasPrefix(text, "leak-") {
		t.Fatalf("the session's own leak is %q", text)
	}
	return strings.TrimSpace(text)
}

// prowler puts the search into a sandbox, with the forms of what it looks for.
func (v *victim) prowler(t *testing.T, id session.ID, cores map[string]string) {
	t.Helper()
	var b strings.Builder
	for name, core := range cores {
		for _, form := range needlesOf(core) {
			fmt.Fprintf(&b, "%s %x\n", name, form)
		}
	}
	v.script(t, id, "/tmp/forms", b.String())
	v.script(t, id, "/tmp/prowl.py", prowl)
}

func (v *victim) prowl(t *testing.T, id session.ID, user string) string {
	t.Helper()
	out := docker(t, "exec", "-u", user, v.container(t, id), "python3", "/tmp/prowl.py")
	if !strings.Contains(out, "looked at") || strings.Contains(out, "looked at 0") {
		t.Errorf("the search in the sandbox did not run: %s", out)
	}
	return out
}

// tree is all that lies in a folder, but for the objects of git, which are compressed.
func tree(t *testing.T, root string) []byte {
	t.Helper()
	var b bytes.Buffer
	must(t, filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return nil // a file that has gone meanwhile, a socket, a link
		}
		b.WriteString(path + "\n")
		f, err := os.Open(path)
		if err != nil {
			return nil
		}
		defer f.Close()
		_, err = io.Copy(&b, io.LimitReader(f, 64<<20))
		return err
	}))
	return b.Bytes()
}

// commandLines is what any user of this machine sees of its processes.
func commandLines(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	list, err := filepath.Glob("/proc/[0-9]*/cmdline")
	must(t, err)
	for _, path := range list {
		if text, err := os.ReadFile(path); err == nil && !strings.HasPrefix(path, "/proc/"+strconv.Itoa(os.Getpid())+"/") {
			b.Write(text)
			b.WriteByte('\n')
		}
	}
	return b.String()
}

// withKey is what the engine tells of a container that is given a key the common way.
func withKey(t *testing.T, v *victim, value string) string {
	t.Helper()
	id := docker(t, "create", "-e", "KEY="+base64.StdEncoding.EncodeToString([]byte(value)), v.image(t))
	defer docker(t, "rm", id)
	return docker(t, "inspect", id)
}

// A trace of the backend's end, and its memory written to disk, are no way to the keys.
func TestACrashTellsNoSecret(t *testing.T) {
	v := theVictim(t)
	limits := read(t, fmt.Sprintf("/proc/%d/limits", v.cmd.Process.Pid))
	for line := range strings.Lines(limits) {
		if f := strings.Fields(line); strings.HasPrefix(line, "Max core file size") && (f[4] != "1" && f[5] != "0") {
			t.Errorf("the backend's memory would be written to disk: %s", line)
		}
	}
	v.crash(t)
	trace := read(t, v.said.Name())
	if !strings.Contains(trace, "goroutine ") {
		t.Fatalf("control: there is no trace: %s", trace)
	}
	if found := v.canaries.in(trace); len(found) > 0 {
		t.Errorf("the trace holds %v", found)
	}
	if found := v.canaries.in(string(tree(t, v.data))); len(found) > 0 {
		t.Errorf("what the crash left holds %v", found)
	}
	v.start(t)
	v.alive(t)
	if env := read(t, fmt.Sprintf("/proc/%d/environ", v.cmd.Process.Pid)); !slices.Contains(v.canaries.in(env), "ANTHROPIC_API_KEY") {
		t.Error("control: the backend has no key")
	}
}
