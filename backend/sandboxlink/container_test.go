package sandboxlink

import (
	"archive/tar"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"background-agents/backend/session"
)

// container is a sealed container that holds the supervisor, the agent for tests, and nothing else.
type container struct {
	t    testing.TB
	name string
}

func newContainer(t testing.TB) *container {
	t.Helper()
	supervisor, agent := build(t)
	var image bytes.Buffer
	w := tar.NewWriter(&image)
	for _, dir := range []string{"home", "home/agent", "home/supervisor", "workspace", "mirror", "tmp"} {
		must(t, w.WriteHeader(&tar.Header{Typeflag: tar.TypeDir, Name: dir, Mode: 0o755, Uid: 1000, Gid: 1000}))
	}
	for name, path := range map[string]string{"supervisor": supervisor, "agent": agent} {
		b, err := os.ReadFile(path)
		must(t, err)
		must(t, w.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o755, Size: int64(len(b))}))
		_, err = w.Write(b)
		must(t, err)
	}
	must(t, w.Close())
	c := &container{t: t, name: fmt.Sprintf("sandboxlink-test-%d-%d", os.Getpid(), time.Now().UnixNano())}
	c.docker(&image, "import", "-", c.name)
	t.Cleanup(func() {
		c.docker(nil, "rm", "-f", "-v", c.name)
		c.docker(nil, "image", "rm", "-f", c.name)
	})
	c.docker(nil, "run", "-d", "--name", c.name, "--init", "--network", "none", "--read-only", "--cap-drop", "ALL",
		"--security-opt", "no-new-privileges", "--user", "1000:1000", "--tmpfs", "/tmp", "-v", "/home", "-v", "/workspace",
		c.name, "/supervisor", "run")
	return c
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (c *container) docker(in io.Reader, args ...string) string {
	c.t.Helper()
	d := exec.Command("docker", args...)
	d.Stdin = in
	out, err := d.CombinedOutput()
	if err != nil {
		c.t.Fatalf("docker %s: %v: %s", args[0], err, out)
	}
	return strings.TrimSpace(string(out))
}

func (c *container) exec(args ...string) io.ReadWriteCloser {
	c.t.Helper()
	return open(c.t, exec.Command("docker", append([]string{"exec", "-i", c.name}, args...)...))
}

func (c *container) connect() io.ReadWriteCloser { return c.exec("/supervisor", "connect") }

// serve starts the agent's server and returns a client that reaches it through the link.
func (c *container) serve(l session.Link) *http.Client {
	c.t.Helper()
	c.docker(nil, "exec", "-d", c.name, "/agent", "serve", "9000")
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return l.Dial(ctx, 9000) }}}
	for range 200 {
		if r, err := client.Get("http://sandbox/1"); err == nil {
			_ = r.Body.Close()
			return client
		}
		time.Sleep(20 * time.Millisecond)
	}
	c.t.Fatal("the server does not come up")
	return nil
}

func TestLinkToASealedContainer(t *testing.T) {
	c, h := newContainer(t), newHost()
	ctx := t.Context()
	l := h.connect(t, c.connect())
	if path, err := l.Upload(ctx, "a b.txt", strings.NewReader("text")); err != nil || !strings.HasPrefix(path, "/home/supervisor/uploads/") {
		t.Fatalf("%q, %v", path, err)
	}
	client := c.serve(l)
	r, err := client.Post("http://sandbox/", "text/plain", io.LimitReader(endless{}, 10<<20))
	must(t, err)
	if b, err := io.ReadAll(r.Body); err != nil || string(b) != strconv.Itoa(10<<20) {
		t.Errorf("the server took %q bytes, %v", b, err)
	}
	_ = r.Body.Close()
	// Nothing listens but on loopback, and there is no git in this image: the start says so and the journal keeps it.
	if err := l.Start(ctx, session.StartSpec{Command: []string{"/agent"}, Base: strings.Repeat("a", 40), Branch: "b"}); err == nil {
		t.Error("a session starts without git")
	}
	epoch, entries := l.Epoch(), len(h.await(t, 1))
	for _, how := range []string{"kill", "restart"} { // the container is gone from one moment to the next
		c.docker(nil, how, c.name)
		select {
		case <-l.Done():
		case <-time.After(30 * time.Second):
			t.Fatalf("%s: the link goes on", how)
		}
		if how == "kill" {
			c.docker(nil, "start", c.name)
		}
		l = h.connect(t, c.connect())
		if l.Epoch() != epoch {
			t.Errorf("%s: the journal is another", how)
		}
	}
	if got := len(h.await(t, entries)); got < entries {
		t.Errorf("%d entries of %d", got, entries)
	}
	// A pause is not an end.
	c.docker(nil, "pause", c.name)
	time.Sleep(2 * time.Second)
	c.docker(nil, "unpause", c.name)
	if err := l.Cancel(ctx); err != nil {
		t.Errorf("after a pause: %v", err)
	}
}

const piece = 64 << 20

// BenchmarkLink measures the channel beside the raw streams of docker exec.
func BenchmarkLink(b *testing.B) {
	c, h := newContainer(b), newHost()
	l := h.connect(b, c.connect())
	client := c.serve(l)
	get := func(b *testing.B, n int) {
		r, err := client.Get(fmt.Sprintf("http://sandbox/%d", n))
		must(b, err)
		if got, err := io.Copy(io.Discard, r.Body); err != nil || got != int64(n) {
			b.Fatal(got, err)
		}
		_ = r.Body.Close()
	}
	b.Run("download", func(b *testing.B) {
		b.SetBytes(piece)
		for b.Loop() {
			get(b, piece)
		}
	})
	b.Run("download-floor", func(b *testing.B) {
		b.SetBytes(piece)
		for b.Loop() {
			rw := c.exec("/agent", "send", strconv.Itoa(piece))
			if got, err := io.Copy(io.Discard, rw); err != nil || got != piece {
				b.Fatal(got, err)
			}
			_ = rw.Close()
		}
	})
	b.Run("upload", func(b *testing.B) {
		b.SetBytes(piece)
		for b.Loop() {
			r, err := client.Post("http://sandbox/", "", io.LimitReader(endless{}, piece))
			must(b, err)
			_, _ = io.Copy(io.Discard, r.Body)
			_ = r.Body.Close()
		}
	})
	b.Run("upload-floor", func(b *testing.B) {
		b.SetBytes(piece)
		for b.Loop() {
			rw := c.exec("/agent", "take", strconv.Itoa(piece))
			if _, err := io.CopyN(rw, endless{}, piece); err != nil {
				b.Fatal(err)
			}
			_, _ = rw.Read(make([]byte, 10))
			_ = rw.Close()
		}
	})
	b.Run("call", func(b *testing.B) {
		for b.Loop() {
			must(b, l.SetPolicy(b.Context(), session.Ask))
		}
	})
	b.Run("call-floor", func(b *testing.B) {
		rw := c.exec("/agent", "echo", "")
		defer rw.Close()
		buf := make([]byte, 64)
		for b.Loop() {
			_, err := rw.Write(buf)
			must(b, err)
			_, err = io.ReadFull(rw, buf)
			must(b, err)
		}
	})
}
