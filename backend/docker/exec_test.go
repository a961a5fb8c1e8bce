package docker

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"background-agents/backend/session"
)

func TestExecCarriesStreamsAndExitCode(t *testing.T) {
	e := tinyEngine(t)
	ensure(t, e, spec("first"))
	var stdout, stderr bytes.Buffer
	code, err := e.Exec(t.Context(), "first", session.Exec{
		Command: []string{"/usr/local/bin/supervisor", "complain", "no such thing"}, Stdout: &stdout, Stderr: &stderr,
	})
	if err != nil || code != 3 || stdout.Len() != 0 || stderr.String() != "no such thing\n" {
		t.Fatalf("code %d, %q, %q, %v", code, stdout.String(), stderr.String(), err)
	}
	in := strings.Repeat("all of it\n", 100_000)
	stdout.Reset()
	code, err = e.Exec(t.Context(), "first", session.Exec{
		Command: []string{"/usr/local/bin/supervisor", "connect"}, Stdin: strings.NewReader(in), Stdout: &stdout,
	})
	if err != nil || code != 0 || stdout.String() != in {
		t.Fatalf("code %d, %d of %d bytes, %v", code, stdout.Len(), len(in), err)
	}
}

func TestExecOfWhatIsNotThereFails(t *testing.T) {
	e := tinyEngine(t)
	ensure(t, e, spec("first"))
	var out bytes.Buffer
	code, err := e.Exec(t.Context(), "first", session.Exec{Command: []string{"nothing-of-that-name"}, Stdout: &out, Stderr: &out})
	if err == nil && code == 0 {
		t.Fatalf("it ran: %s", out.String())
	}
	if _, err := e.Exec(t.Context(), "nobody", session.Exec{Command: []string{"true"}}); session.CodeOf(err) != session.CodeSandboxGone {
		t.Fatalf("without a sandbox: %v", err)
	}
}

func TestTheChannelCarriesAnythingBothWays(t *testing.T) {
	e := tinyEngine(t)
	ensure(t, e, spec("first"))
	ch, err := e.Connect(t.Context(), "first")
	if err != nil {
		t.Fatal(err)
	}
	defer ch.Close()
	sent := make([]byte, 4<<20)
	_, _ = rand.Read(sent)
	go func() { _, _ = ch.Write(sent) }()
	got := make([]byte, len(sent))
	if _, err := io.ReadFull(ch, got); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(sent, got) {
		t.Fatal("what came back is not what was sent")
	}
}

func TestAClosedChannelEndsItsCommand(t *testing.T) {
	e := tinyEngine(t)
	ensure(t, e, spec("first"))
	ch, err := e.Connect(t.Context(), "first")
	if err != nil {
		t.Fatal(err)
	}
	echo(t, ch)
	if n := processes(t, e, "first"); n != 3 { // init, supervisor run, supervisor connect
		t.Fatalf("there are %d processes", n)
	}
	if err := ch.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := ch.Read(make([]byte, 1)); err == nil {
		t.Fatal("a closed channel can be read")
	}
	for end := time.Now().Add(5 * time.Second); processes(t, e, "first") != 2; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("supervisor connect goes on")
		}
	}
}

// echo waits until the other side has answered.
func echo(t *testing.T, ch io.ReadWriter) {
	t.Helper()
	if _, err := ch.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(ch, make([]byte, 1)); err != nil {
		t.Fatal(err)
	}
}

func processes(t *testing.T, e *Engine, id session.ID) int {
	t.Helper()
	c, err := e.connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	top, err := c.api.ContainerTop(t.Context(), e.containerName(id), nil)
	if err != nil {
		t.Fatal(err)
	}
	return len(top.Processes)
}

func TestTheChannelEndsWithItsContainer(t *testing.T) {
	e := tinyEngine(t)
	ensure(t, e, spec("first"))
	ch, err := e.Connect(t.Context(), "first")
	if err != nil {
		t.Fatal(err)
	}
	defer ch.Close()
	echo(t, ch)
	read := make(chan error, 1)
	go func() {
		_, err := ch.Read(make([]byte, 1))
		read <- err
	}()
	removeContainer(t, e, "first")
	select {
	case err := <-read:
		if err == nil {
			t.Fatal("something came from a dead container")
		}
	case <-time.After(10 * time.Second):
		t.Fatal("a read waits for a dead container")
	}
}

func TestFramesAreToldApart(t *testing.T) {
	frame := func(kind byte, text string) string {
		return string([]byte{kind, 0, 0, 0, 0, 0, 0, byte(len(text))}) + text
	}
	cases := []struct {
		name, in, stdout, stderr string
		err                      error
	}{
		{"both streams", frame(1, "one") + frame(2, "two") + frame(1, "three"), "onethree", "two", nil},
		{"an empty frame", frame(1, "") + frame(1, "x"), "x", "", nil},
		{"nothing", "", "", "", nil},
		{"cut off in a header", frame(1, "x") + "\x01\x00", "x", "", io.ErrUnexpectedEOF},
		{"cut off in a frame", frame(1, "four")[:10], "fo", "", io.ErrUnexpectedEOF},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			var stdout, stderr bytes.Buffer
			err := demux(strings.NewReader(c.in), &stdout, &stderr)
			if stdout.String() != c.stdout || stderr.String() != c.stderr || !errors.Is(err, c.err) {
				t.Fatalf("%q, %q, %v", stdout.String(), stderr.String(), err)
			}
		})
	}
	if err := demux(strings.NewReader(frame(9, "x")), io.Discard, io.Discard); err == nil {
		t.Error("an unknown kind passes")
	}
}

func TestOnlyTheEndOfAComplaintIsKept(t *testing.T) {
	var c tail
	for range 100 {
		_, _ = c.Write(bytes.Repeat([]byte("x"), 1000))
	}
	_, _ = c.Write([]byte("the end\n"))
	if s := c.String(); len(s) > maxComplaint || !strings.HasSuffix(s, "the end") {
		t.Fatalf("%d bytes are kept", len(s))
	}
}

func TestACancelledExecEndsAllThatItStarted(t *testing.T) {
	e := realEngine(t)
	ensure(t, e, realSpec("first"))
	before := processes(t, e, "first")
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err := e.Exec(ctx, "first", session.Exec{Command: []string{"bash", "-c", "setsid sleep 600 & sleep 600 & wait"}})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("Exec: %v", err)
	}
	for end := time.Now().Add(5 * time.Second); processes(t, e, "first") > before; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%d processes go on", processes(t, e, "first")-before)
		}
	}
}
