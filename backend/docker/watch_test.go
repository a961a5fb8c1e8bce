package docker

import (
	"io"
	"net"
	"sync"
	"testing"
	"time"

	"background-agents/backend/session"
)

// door is a socket in front of the real engine's that can be shut: an engine that goes and comes back.
type door struct {
	t    *testing.T
	path string
	mu   sync.Mutex
	l    net.Listener
	open map[net.Conn]bool
}

func newDoor(t *testing.T) *door {
	t.Helper()
	e := openTest(t, tinyConfig(t))
	c, err := e.connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	d := &door{t: t, path: socketPath(t), open: map[net.Conn]bool{}}
	d.unlock(c)
	t.Cleanup(d.shut)
	return d
}

// unlock lets connections through to the engine.
func (d *door) unlock(c *connection) {
	l, err := net.Listen("unix", d.path)
	if err != nil {
		d.t.Fatal(err)
	}
	d.mu.Lock()
	d.l = l
	d.mu.Unlock()
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := c.api.Dialer()(d.t.Context())
			if err != nil {
				_ = in.Close()
				continue
			}
			d.mu.Lock()
			d.open[in] = true
			d.mu.Unlock()
			go func() { _, _ = io.Copy(out, in); _ = out.Close() }()
			go func() { _, _ = io.Copy(in, out); _ = in.Close() }()
		}
	}()
}

// shut ends all connections and refuses new ones.
func (d *door) shut() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.l != nil {
		_ = d.l.Close()
	}
	for c := range d.open {
		_ = c.Close()
	}
	clear(d.open)
	d.l = nil
}

func TestAWatcherTellsWhenTheEngineGoesAndComesBack(t *testing.T) {
	direct := tinyEngine(t)
	c, err := direct.connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	d := newDoor(t)
	t.Setenv("DOCKER_HOST", "unix://"+d.path)
	e := openTest(t, tinyConfig(t))
	if err := e.EnsureImage(t.Context(), session.ImageSpec{Agent: tinyAgent}, func(session.ImageState) {}); err != nil {
		t.Fatal(err)
	}
	heard := make(chan session.SandboxEvent, 64)
	go func() { _ = e.Watch(t.Context(), func(ev session.SandboxEvent) { heard <- ev }) }()
	next := func(want session.SandboxEvent) {
		t.Helper()
		select {
		case got := <-heard:
			if got != want {
				t.Fatalf("heard %+v, want %+v", got, want)
			}
		case <-time.After(15 * time.Second):
			t.Fatalf("%+v was not told", want)
		}
	}
	time.Sleep(300 * time.Millisecond) // until it listens; an event before that is nobody's
	ensure(t, e, spec("first"))
	next(session.SandboxEvent{Session: "first", Kind: "start"})

	d.shut()
	next(session.SandboxEvent{Kind: "engine_down"})
	if _, err := e.Sandboxes(t.Context()); session.CodeOf(err) != session.CodeDockerDown {
		t.Errorf("while it is away: %v", err)
	}
	// The container dies while nobody can listen; the engine tells of it afterwards.
	if err := c.api.ContainerKill(t.Context(), e.containerName("first"), "KILL"); err != nil {
		t.Fatal(err)
	}
	d.unlock(c)
	next(session.SandboxEvent{Kind: "engine_up"})
	next(session.SandboxEvent{Session: "first", Kind: "die", ExitCode: 137})
	if err := e.Remove(t.Context(), "first"); err != nil {
		t.Fatal(err)
	}
	next(session.SandboxEvent{Session: "first", Kind: "gone"})
}

func TestAWatcherHearsThatMemoryRanOut(t *testing.T) {
	e := tinyEngine(t)
	heard := make(chan session.SandboxEvent, 64)
	go func() { _ = e.Watch(t.Context(), func(ev session.SandboxEvent) { heard <- ev }) }()
	ensure(t, e, spec("first"))
	deadline := time.After(30 * time.Second)
	for {
		if _, code := run(t, e, "first", "eat", "900"); code == 0 {
			t.Fatal("900 MB fit into 512")
		}
		select {
		case ev := <-heard:
			if ev.Kind == "oom" && ev.Session == "first" {
				if sb, err := e.Sandbox(t.Context(), "first"); err != nil || sb.State != session.SandboxRunning {
					t.Fatalf("the sandbox ended with the command: %+v, %v", sb, err)
				}
				return
			}
		case <-time.After(2 * time.Second):
		case <-deadline:
			t.Fatal("nothing was heard")
		}
	}
}
