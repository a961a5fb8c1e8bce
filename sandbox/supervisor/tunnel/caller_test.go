package tunnel

import (
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"background-agents/sandbox/wire"
)

// caught starts a shell that connects to a listener, and returns what is found of who did.
func caught(t *testing.T, self int, script string) []string {
	t.Helper()
	l, err := Listen(0)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	proxy := l.Addr().(*net.TCPAddr).Port
	cmd := exec.Command("bash", "-c", strings.ReplaceAll(script, "PORT", strconv.Itoa(proxy)))
	cmd.Stdin, _ = os.Open("/dev/zero")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	conn, err := l.AcceptTCP()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	return callers(t.Context(), conn.RemoteAddr().(*net.TCPAddr).Port, proxy, self)
}

func TestCommandThatConnectedIsFound(t *testing.T) {
	const connect = `exec 3<>/dev/tcp/127.0.0.1/PORT; read -u 3 answer`
	if got := caught(t, os.Getpid(), connect); len(got) != 1 || !strings.HasPrefix(got[0], "bash -c 'exec 3<>/dev/tcp/127.0.0.1/") {
		t.Errorf("%q", got)
	}
	// The outer shell stands for the agent: it is not told. Each of the others is.
	got := caught(t, os.Getpid(), `bash -c "bash -c \"`+connect+`\" 'it is' ''; true"; true`)
	if len(got) != 2 || !strings.HasSuffix(got[0], ` 'it is' ''`) || !strings.HasPrefix(got[1], "bash -c 'bash -c ") {
		t.Errorf("%q", got)
	}
	if got := caught(t, os.Getpid(), "exec -a "+strings.Repeat("x", 2*wire.MaxCommand)+` bash -c "`+connect+`"`); len(got) != 1 || len(got[0]) != wire.MaxCommand {
		t.Errorf("%q", got)
	}
	if got := callers(t.Context(), 1, EgressPort, os.Getpid()); got != nil {
		t.Errorf("nobody's connection is of %q", got)
	}
}
