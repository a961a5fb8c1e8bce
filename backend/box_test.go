package backend_test

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"background-agents/backend"
	"background-agents/backend/docker"
	"background-agents/backend/egress"
	"background-agents/backend/sandboxlink"
	"background-agents/backend/session"
	"background-agents/sandbox"
)

// box is a sandbox of the application's own image, sealed as every one, with its channel and proxy, and without a
// session.
type box struct {
	t      *testing.T
	engine *docker.Engine
	link   session.Link
	proxy  *egress.Proxy
	*internet
}

const boxID session.ID = "reachbox"

func newBox(t *testing.T) *box {
	t.Helper()
	if testing.Short() {
		t.Skip("short: it makes a sandbox, which takes seconds to minutes")
	}
	engine, err := docker.Open(docker.Config{
		Installation: strings.ToLower(rand.Text()), DataDir: t.TempDir(), Image: os.Getenv("SANDBOX_IMAGE"),
		Dockerfile: sandbox.Dockerfile, SupervisorPath: sandbox.SupervisorPath, Supervisor: sandbox.Supervisor, SupervisorSum: sandbox.SupervisorSum,
	})
	if err != nil {
		t.Fatal(err)
	}
	b := &box{t: t, engine: engine, internet: newInternet(t)}
	t.Cleanup(func() {
		end, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if b.link != nil {
			_ = b.link.Close()
		}
		if err := engine.Remove(end, boxID); err != nil {
			t.Error(err)
		}
		if err := engine.RemoveMirror(end, "reach"); err != nil {
			t.Error(err)
		}
		_ = engine.Close()
	})
	if err := engine.EnsureImage(t.Context(), session.ImageSpec{Agent: backend.Agents[0]}, func(session.ImageState) {}); err != nil {
		t.Fatal(err)
	}
	err = engine.EnsureSandbox(t.Context(), session.SandboxSpec{Session: boxID, Project: "reach", Image: session.ImageSpec{Agent: backend.Agents[0]}, MemoryMB: 2048, CPUs: 2, Pids: 512})
	if err != nil {
		t.Fatal(err)
	}
	b.proxy = b.open()
	rw, err := engine.Connect(t.Context(), boxID)
	if err != nil {
		t.Fatal(err)
	}
	b.link, err = sandboxlink.Linker{}.Connect(t.Context(), rw, session.LinkHandler{
		Session: boxID,
		Entries: func(context.Context, []session.Entry) error { return nil },
		Egress:  func(ctx context.Context, conn net.Conn) { b.proxy.Serve(ctx, boxID, conn) },
	})
	if err != nil {
		t.Fatal(err)
	}
	b.into("/tmp/ca.pem", b.CA)
	return b
}

// run runs a script in the sandbox as the agent would, and returns what it prints.
func (b *box) run(script string) (string, error) {
	b.t.Helper()
	limit, cancel := context.WithTimeout(b.t.Context(), 3*time.Minute)
	defer cancel()
	var out bytes.Buffer
	code, err := b.engine.Exec(limit, boxID, session.Exec{Command: []string{"bash", "-c", script}, Stdout: struct{ io.Writer }{&out}, Stderr: &out}) // one after the other
	if err == nil && code != 0 {
		err = fmt.Errorf("exit code %d", code)
	}
	return out.String(), err
}

// works fails unless a script ends well and prints want.
func (b *box) works(t *testing.T, script, want string) {
	t.Helper()
	if out, err := b.run(script); err != nil || !strings.Contains(out, want) {
		t.Errorf("%s: %v\n%s", script, err, out)
	}
}

func (b *box) into(path string, body []byte) {
	b.t.Helper()
	code, err := b.engine.Exec(b.t.Context(), boxID, session.Exec{Command: []string{"sh", "-c", `cat > "$1"`, "sh", path}, Stdin: bytes.NewReader(body)})
	if err != nil || code != 0 {
		b.t.Fatalf("write %s: %d %v", path, code, err)
	}
}

// lends copies a program of this machine into /home/agent/NAME, and skips if there is none. Links are followed, so that
// it is whole there.
func (b *box) lends(t *testing.T, name, root string, parts ...string) {
	t.Helper()
	if root == "" {
		t.Skip("the test borrows " + name + " of this machine, which has none")
	}
	r, w := io.Pipe()
	go func() { w.CloseWithError(archive(w, name, root, parts)) }()
	var out bytes.Buffer
	code, err := b.engine.Exec(t.Context(), boxID, session.Exec{Command: []string{"tar", "-x", "-C", "/home/agent"}, Stdin: r, Stderr: &out})
	if err != nil || code != 0 {
		t.Fatalf("copy %s: %d %v %s", name, code, err, &out)
	}
}

func archive(w io.Writer, name, root string, parts []string) error {
	t := tar.NewWriter(w)
	for _, part := range parts {
		from, err := filepath.EvalSymlinks(filepath.Join(root, part))
		if err != nil {
			return err
		}
		err = filepath.WalkDir(from, func(path string, _ fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := os.Stat(path) // of what a link leads to
			if err != nil || !info.Mode().IsRegular() || filepath.Base(path) == "src.zip" {
				return nil //nolint:nilerr // a link that leads nowhere
			}
			inside, _ := filepath.Rel(from, path)
			body, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			if err := t.WriteHeader(&tar.Header{Name: filepath.Join(name, part, inside), Mode: int64(info.Mode().Perm()), Size: int64(len(body))}); err != nil {
				return err
			}
			_, err = t.Write(body)
			return err
		})
		if err != nil {
			return err
		}
	}
	return t.Close()
}

// says returns what a command of this machine prints, "" where it cannot.
func says(name string, args ...string) string {
	out, err := exec.Command(name, args...).Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

// home returns the folder above bin of a program of this machine, "" if there is none.
func home(program string) string {
	path, err := exec.LookPath(program)
	if err == nil {
		path, err = filepath.EvalSymlinks(path)
	}
	if err != nil {
		return ""
	}
	return filepath.Dir(filepath.Dir(path))
}
