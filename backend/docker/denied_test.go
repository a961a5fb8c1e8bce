//go:build !windows

package docker

import (
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"background-agents/backend/session"
)

// TestASocketThatMayNotBeUsed asks as a user without rights; as root it does so in a process of its own.
func TestASocketThatMayNotBeUsed(t *testing.T) {
	const asNobody = "BGA_TEST_SOCKET"
	if path := os.Getenv(asNobody); path != "" {
		_, err := open(t.Context(), endpoint{host: "unix://" + path, opts: hostOpts("unix://" + path)})
		if known := session.AsError(err); known == nil || known.Code != session.CodeDockerDenied || known.Hint == "" {
			t.Fatalf("%+v", known)
		}
		return
	}
	path := socketPath(t)
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{}
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(func() { _ = srv.Close() })
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	program, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(filepath.Dir(path), "test")
	if err := os.WriteFile(copied, program, 0o755); err != nil {
		t.Fatal(err)
	}
	c := exec.Command(copied, "-test.run", "^"+t.Name()+"$")
	c.Dir = filepath.Dir(path)
	c.Env = []string{asNobody + "=" + path, "PATH=" + os.Getenv("PATH"), "HOME=/"}
	if os.Geteuid() == 0 {
		c.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: 65534, Gid: 65534}}
	} else if err := os.Chmod(path, 0); err != nil {
		t.Fatal(err)
	}
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}
