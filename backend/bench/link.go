package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"os/exec"
	"time"

	"background-agents/backend/session"
)

// echoPort is where a program in the sandbox sends back what it gets.
const echoPort = 7399

const echoProgram = `
import socket, threading
s = socket.create_server(("127.0.0.1", 7399))
def serve(c):
    while True:
        b = c.recv(1 << 20)
        if not b: break
        c.sendall(b)
    c.close()
while True:
    threading.Thread(target=serve, args=(s.accept()[0],), daemon=True).start()
`

// link is bytes and round trips through the channel to a program in a sandbox and back, beside the same through the
// bare standard streams of a docker exec.
func link(ctx context.Context, o options) ([]row, error) {
	in, err := install(ctx, 100)
	if err != nil {
		return nil, err
	}
	defer in.remove(ctx)
	id, err := in.create(ctx, "")
	if err != nil {
		return nil, err
	}
	if _, err := in.until(ctx, id, time.Minute, ready); err != nil {
		return nil, err
	}
	sb, err := in.Sandbox(ctx, id)
	if err != nil {
		return nil, err
	}
	if _, err := command(ctx, "", "docker", "exec", "-d", sb.Container, "python3", "-c", echoProgram); err != nil {
		return nil, err
	}
	size := int64(o.small(256<<20, 8<<20))
	bytes, err := measure(o, row{Name: "link bytes", Unit: "MB/s", Goal: ">= 0.8x"}, func(int) (float64, float64, error) {
		raw, err := execEcho(ctx, sb.Container)
		if err != nil {
			return 0, 0, err
		}
		floor, err := stream(raw, size)
		if err != nil {
			return 0, 0, err
		}
		conn, err := dial(ctx, in, id)
		if err != nil {
			return 0, 0, err
		}
		ours, err := stream(conn, size)
		return ours, floor, err
	})
	if err != nil {
		return nil, err
	}
	trips, err := measure(o, row{Name: "link round trip p50", Unit: "ms", Goal: "<= 0.5 ms"}, func(int) (float64, float64, error) {
		raw, err := execEcho(ctx, sb.Container)
		if err != nil {
			return 0, 0, err
		}
		floor, err := roundTrip(raw, o.small(2000, 100))
		if err != nil {
			return 0, 0, err
		}
		conn, err := dial(ctx, in, id)
		if err != nil {
			return 0, 0, err
		}
		ours, err := roundTrip(conn, o.small(2000, 100))
		return ours, floor, err
	})
	return []row{bytes, trips}, err
}

// dial reaches the program, which may need a moment to listen.
func dial(ctx context.Context, in *installation, id session.ID) (net.Conn, error) {
	for range 50 {
		conn, err := in.Dial(ctx, id, echoPort)
		if err == nil {
			if _, err := roundTrip(keepOpen{conn}, 1); err == nil {
				return conn, nil
			}
			_ = conn.Close()
		}
		time.Sleep(100 * time.Millisecond)
	}
	return nil, fmt.Errorf("nothing answers on port %d", echoPort)
}

type keepOpen struct{ io.ReadWriteCloser }

func (keepOpen) Close() error { return nil }

// execPipe is the standard streams of `docker exec -i ... cat`.
type execPipe struct {
	io.Reader
	io.WriteCloser
	cmd *exec.Cmd
}

func (p execPipe) Close() error {
	_ = p.WriteCloser.Close()
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
	return nil
}

func execEcho(ctx context.Context, container string) (io.ReadWriteCloser, error) {
	cmd := exec.CommandContext(ctx, "docker", "exec", "-i", container, "cat")
	w, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	r, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p := execPipe{r, w, cmd}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	_, err = roundTrip(keepOpen{p}, 1) // it runs
	return p, err
}

// stream sends size bytes, reads them back, and returns MB/s one way.
func stream(rw io.ReadWriteCloser, size int64) (float64, error) {
	defer rw.Close()
	chunk := make([]byte, 64<<10)
	began := time.Now()
	failed := make(chan error, 1)
	go func() {
		for sent := int64(0); sent < size; sent += int64(len(chunk)) {
			if _, err := rw.Write(chunk); err != nil {
				failed <- err
				return
			}
		}
		failed <- nil
	}()
	if _, err := io.CopyN(io.Discard, rw, size); err != nil {
		return 0, err
	}
	return float64(size) / 1e6 / time.Since(began).Seconds(), <-failed
}

// roundTrip returns the median of n round trips of 64 bytes in milliseconds.
func roundTrip(rw io.ReadWriteCloser, n int) (float64, error) {
	defer rw.Close()
	message := make([]byte, 64)
	times := make([]float64, 0, n)
	for range n {
		began := time.Now()
		if _, err := rw.Write(message); err != nil {
			return 0, err
		}
		if _, err := io.ReadFull(rw, message); err != nil {
			return 0, err
		}
		times = append(times, millis(time.Since(began)))
	}
	return median(times), nil
}
