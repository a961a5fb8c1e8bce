package forge

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/textproto"
	"os"
	"os/exec"
	"strings"
)

// ghCommand makes a call of the GitHub CLI that asks nobody and looks for no news. It runs outside of any repository.
func ghCommand(ctx context.Context, path string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir = os.TempDir()
	cmd.Env = append(os.Environ(), "GH_PROMPT_DISABLED=1", "GH_NO_UPDATE_NOTIFIER=1", "GH_PAGER=cat", "NO_COLOR=1", "CLICOLOR_FORCE=0", "GH_DEBUG=", "GH_REPO=")
	cmd.WaitDelay = outputWait
	return cmd
}

// byGh sends one request through `gh api`, which has the login.
func byGh(ctx context.Context, path, host, method, at string, body []byte) (answer, error) {
	ctx, cancel := context.WithTimeout(ctx, requestTime)
	defer cancel()
	args := []string{"api", "--hostname", host, "--include", "--method", method, at}
	if body != nil {
		args = append(args, "--input", "-")
	}
	cmd := ghCommand(ctx, path, args...)
	cmd.Stdin = bytes.NewReader(body)
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &limited{w: &out, left: maxAnswer}, &limited{w: &said, left: 4 << 10}
	err := cmd.Run()
	a, readErr := readIncluded(&out)
	if readErr == nil {
		return a, nil // whatever it exits with: the status says more
	}
	if ctx.Err() != nil {
		return a, ctx.Err()
	}
	return a, fmt.Errorf("gh api: %s (%w)", strings.TrimSpace(said.String()), errors.Join(err, readErr))
}

// readIncluded reads what `gh api --include` prints: status line, header, empty line, body.
func readIncluded(r io.Reader) (answer, error) {
	br := bufio.NewReader(r)
	line, err := br.ReadString('\n')
	if err != nil {
		return answer{}, fmt.Errorf("read the status: %w", err)
	}
	var proto string
	a := answer{}
	if _, err := fmt.Sscanf(line, "%s %d", &proto, &a.status); err != nil || !strings.HasPrefix(proto, "HTTP/") {
		return answer{}, fmt.Errorf("no status in %.40q", line)
	}
	head, err := textproto.NewReader(br).ReadMIMEHeader()
	if err != nil && !errors.Is(err, io.EOF) {
		return answer{}, fmt.Errorf("read the header: %w", err)
	}
	a.head = http.Header(head)
	a.body, err = io.ReadAll(br)
	return a, err
}

// ghHosts are the hosts that the GitHub CLI knows, at most 20.
func ghHosts(ctx context.Context) []string {
	path, err := exec.LookPath("gh")
	if err != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, ghTime)
	defer cancel()
	var hosts []string
	out, _ := ghCommand(ctx, path, "auth", "status").CombinedOutput() // it fails where one of the logins does
	for line := range strings.Lines(string(out[:min(len(out), 64<<10)])) {
		if line = strings.TrimRight(line, "\r\n"); hostForm.MatchString(line) && len(hosts) < 20 { // names stand at the margin
			hosts = append(hosts, line)
		}
	}
	return hosts
}

// limited passes on the first bytes, and takes the rest without keeping it.
type limited struct {
	w    io.Writer
	left int
}

func (l *limited) Write(b []byte) (int, error) {
	n := min(len(b), l.left)
	l.left -= n
	if _, err := l.w.Write(b[:n]); err != nil {
		return 0, err
	}
	return len(b), nil
}
