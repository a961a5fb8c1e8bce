package docker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os/exec"
	"time"
)

var errSSHHost = errors.New("an ssh:// address names a host")

// sshDialer reaches an engine over SSH as the docker command does: `docker system dial-stdio` on the other side.
func sshDialer(host string) func(ctx context.Context, network, addr string) (net.Conn, error) {
	return func(context.Context, string, string) (net.Conn, error) {
		args, err := sshArgs(host)
		if err != nil {
			return nil, err
		}
		return startPipe(exec.Command("ssh", append(args, "docker", "system", "dial-stdio")...)) // it lives as long as the connection
	}
}

// sshArgs turns ssh://user@host:port into arguments of ssh. No part of the address becomes an option.
func sshArgs(host string) ([]string, error) {
	u, err := url.Parse(host)
	if err != nil {
		return nil, err
	}
	if u.Hostname() == "" || u.Hostname()[0] == '-' {
		return nil, errSSHHost
	}
	args := []string{"-o", "BatchMode=yes", "-o", fmt.Sprintf("ConnectTimeout=%d", int(answerTime.Seconds()))}
	if name := u.User.Username(); name != "" {
		args = append(args, "-l", name)
	}
	if u.Port() != "" {
		args = append(args, "-p", u.Port())
	}
	return append(args, "--", u.Hostname()), nil
}

// pipe is a net.Conn over a process's standard streams.
type pipe struct {
	io.Reader
	io.WriteCloser
	cmd *exec.Cmd
}

func startPipe(cmd *exec.Cmd) (net.Conn, error) {
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	return &pipe{Reader: out, WriteCloser: in, cmd: cmd}, nil
}

// CloseWrite tells the other side that nothing more comes.
func (p *pipe) CloseWrite() error { return p.WriteCloser.Close() }

// Close ends the process and waits for it.
func (p *pipe) Close() error {
	_ = p.WriteCloser.Close()
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait() // it was killed: its exit code says nothing
	return nil
}

func (p *pipe) LocalAddr() net.Addr  { return pipeAddr{} }
func (p *pipe) RemoteAddr() net.Addr { return pipeAddr{} }

// Deadlines are not kept: the client sets none on a connection of its own.
func (p *pipe) SetDeadline(time.Time) error      { return nil }
func (p *pipe) SetReadDeadline(time.Time) error  { return nil }
func (p *pipe) SetWriteDeadline(time.Time) error { return nil }

type pipeAddr struct{}

func (pipeAddr) Network() string { return "ssh" }
func (pipeAddr) String() string  { return "ssh" }
