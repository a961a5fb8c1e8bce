package sessiontest

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"background-agents/backend/session"
)

// Engine is a session.Engine without containers. Its fields may be changed while it is used, under Lock.
type Engine struct {
	sync.Mutex
	Down       error // every call answers this
	MemoryMB   int   // what Ping says it has
	CPUs       int
	Built      bool                       // the image is there
	BuiltFrom  session.Agent              // what the last image was built for
	BuildTime  time.Duration              // how long EnsureImage takes
	Tools      []session.Toolchain        // whose volumes are there
	ToolError  error                      // what FillTool answers
	BuildError error                      // what EnsureImage answers
	StopTime   time.Duration              // how long Stop takes
	StartTime  time.Duration              // how long EnsureSandbox takes
	Agent      func(t *Turn)              // what the agent does with a prompt
	boxes      map[session.ID]*Supervisor // volumes
	connects   map[session.ID]int         // how often a channel was opened
	running    map[session.ID]bool        // containers
	tips       map[session.ProjectID][]string
	Starts     map[session.ID]int  // containers started
	Made       session.SandboxSpec // what the last container was made from
	watch      func(session.SandboxEvent)
}

// NewEngine returns an engine whose image is built and whose agents run turn.
func NewEngine(turn func(t *Turn)) *Engine {
	return &Engine{
		Built: true, Agent: turn,
		boxes: map[session.ID]*Supervisor{}, running: map[session.ID]bool{},
		tips: map[session.ProjectID][]string{}, Starts: map[session.ID]int{},
	}
}

// Ping implements session.Engine.
func (e *Engine) Ping(context.Context) (session.EngineState, error) {
	e.Lock()
	defer e.Unlock()
	return session.EngineState{OK: e.Down == nil, Name: "fake", MemoryMB: e.MemoryMB, CPUs: e.CPUs}, e.Down
}

// ImageCurrent implements session.Engine.
func (e *Engine) ImageCurrent(context.Context, session.ImageSpec) (bool, error) {
	e.Lock()
	defer e.Unlock()
	return e.Built, e.Down
}

// EnsureImage implements session.Engine.
func (e *Engine) EnsureImage(ctx context.Context, of session.ImageSpec, progress func(session.ImageState)) error {
	e.Lock()
	wait, fail := e.BuildTime, e.BuildError
	e.Unlock()
	progress(session.ImageState{Status: "building", Step: "step one", Done: 1, Total: 2})
	select {
	case <-time.After(wait):
	case <-ctx.Done():
		return ctx.Err()
	}
	e.Lock()
	defer e.Unlock()
	e.Built, e.BuiltFrom = fail == nil, of.Agent
	return fail
}

// ToolCurrent implements session.Engine.
func (e *Engine) ToolCurrent(_ context.Context, t session.Toolchain) (bool, error) {
	e.Lock()
	defer e.Unlock()
	return slices.Contains(e.Tools, t), e.Down
}

// PruneTools implements session.Engine.
func (e *Engine) PruneTools(_ context.Context, keep []session.Toolchain) error {
	e.Lock()
	defer e.Unlock()
	e.Tools = slices.DeleteFunc(e.Tools, func(t session.Toolchain) bool { return !slices.Contains(keep, t) })
	return nil
}

// FillTool implements session.Engine.
func (e *Engine) FillTool(_ context.Context, t session.Toolchain, fetch func(string, func(session.ToolArchives) error) error) error {
	return fetch("amd64", func(session.ToolArchives) error {
		e.Lock()
		defer e.Unlock()
		if e.ToolError != nil {
			return e.ToolError
		}
		e.Tools = append(e.Tools, t)
		return nil
	})
}

// MirrorTips implements session.Engine.
func (e *Engine) MirrorTips(_ context.Context, p session.ProjectID) ([]string, error) {
	e.Lock()
	defer e.Unlock()
	return slices.Clone(e.tips[p]), e.Down
}

// FillMirror implements session.Engine.
func (e *Engine) FillMirror(_ context.Context, p session.ProjectID, tip string, bundle io.Reader) error {
	if _, err := io.Copy(io.Discard, bundle); err != nil {
		return err
	}
	e.Lock()
	defer e.Unlock()
	e.tips[p] = append(e.tips[p], tip)
	return nil
}

// EnsureSandbox implements session.Engine.
func (e *Engine) EnsureSandbox(ctx context.Context, spec session.SandboxSpec) error {
	e.Lock()
	wait := e.StartTime
	e.Unlock()
	select {
	case <-time.After(wait):
	case <-ctx.Done():
		return ctx.Err()
	}
	e.Lock()
	defer e.Unlock()
	e.Made = spec
	if e.Down != nil || e.running[spec.Session] {
		return e.Down
	}
	if e.boxes[spec.Session] == nil {
		e.boxes[spec.Session] = newSupervisor(e, spec.Session)
	}
	e.Starts[spec.Session]++
	e.running[spec.Session] = true
	e.boxes[spec.Session].boot()
	return nil
}

// Connect implements session.Engine. What it returns is for the fake Linker alone.
func (e *Engine) Connect(_ context.Context, id session.ID) (io.ReadWriteCloser, error) {
	e.Lock()
	defer e.Unlock()
	if e.Down != nil {
		return nil, e.Down
	}
	if !e.running[id] {
		return nil, &session.Error{Code: session.CodeSandboxGone, Message: "The sandbox is gone."}
	}
	if e.connects == nil {
		e.connects = map[session.ID]int{}
	}
	e.connects[id]++
	return channel{e.boxes[id]}, nil
}

// Connects returns how often a session's channel was opened.
func (e *Engine) Connects(id session.ID) int {
	e.Lock()
	defer e.Unlock()
	return e.connects[id]
}

type channel struct{ s *Supervisor }

func (channel) Read([]byte) (int, error)    { return 0, io.EOF }
func (channel) Write(b []byte) (int, error) { return len(b), nil }
func (channel) Close() error                { return nil }

// Exec implements session.Engine: it prints the command.
func (e *Engine) Exec(_ context.Context, _ session.ID, x session.Exec) (int, error) {
	_, err := fmt.Fprintln(x.Stdout, x.Command)
	return 0, err
}

// Sandboxes implements session.Engine.
func (e *Engine) Sandboxes(context.Context) ([]session.Sandbox, error) {
	e.Lock()
	defer e.Unlock()
	var all []session.Sandbox
	for id := range e.boxes {
		all = append(all, e.sandbox(id))
	}
	return all, e.Down
}

// Measure implements session.Engine.
func (e *Engine) Measure(context.Context, string) (memoryMB int, cpu float64, err error) {
	return 128, 1.5, nil
}

// Sandbox implements session.Engine.
func (e *Engine) Sandbox(_ context.Context, id session.ID) (session.Sandbox, error) {
	e.Lock()
	defer e.Unlock()
	return e.sandbox(id), e.Down
}

func (e *Engine) sandbox(id session.ID) session.Sandbox {
	sb := session.Sandbox{Session: id, State: session.SandboxNone}
	switch {
	case e.running[id]:
		sb.State = session.SandboxRunning
	case e.boxes[id] != nil:
		sb.State = session.SandboxStopped
	}
	return sb
}

// Stop implements session.Engine.
func (e *Engine) Stop(_ context.Context, id session.ID) error {
	e.Lock()
	wait, down := e.StopTime, e.Down
	e.Unlock()
	if down != nil {
		return down
	}
	time.Sleep(wait)
	e.Kill(id)
	return nil
}

// Kill ends a container as `docker kill` would; its volumes stay.
func (e *Engine) Kill(id session.ID) {
	e.Lock()
	running := e.running[id]
	delete(e.running, id)
	box, watch := e.boxes[id], e.watch
	e.Unlock()
	if !running {
		return
	}
	box.halt()
	if watch != nil {
		watch(session.SandboxEvent{Session: id, Kind: "die", ExitCode: 137})
	}
}

// Remove implements session.Engine.
func (e *Engine) Remove(_ context.Context, id session.ID) error {
	e.Lock()
	down := e.Down
	e.Unlock()
	if down != nil {
		return down
	}
	e.Kill(id)
	e.Lock()
	defer e.Unlock()
	delete(e.boxes, id)
	return nil
}

// RemoveMirror implements session.Engine.
func (e *Engine) RemoveMirror(_ context.Context, p session.ProjectID) error {
	e.Lock()
	defer e.Unlock()
	if e.Down != nil {
		return e.Down
	}
	delete(e.tips, p)
	return nil
}

// Watch implements session.Engine.
func (e *Engine) Watch(ctx context.Context, f func(session.SandboxEvent)) error {
	e.Lock()
	e.watch = f
	e.Unlock()
	<-ctx.Done()
	return ctx.Err()
}

// Tell tells the watcher of an event.
func (e *Engine) Tell(ev session.SandboxEvent) {
	e.Lock()
	watch := e.watch
	e.Unlock()
	if watch != nil {
		watch(ev)
	}
}

// Cut breaks the session's link, as a restart of the engine's proxy would; the supervisor goes on.
func (e *Engine) Cut(id session.ID) {
	e.Lock()
	box := e.boxes[id]
	e.Unlock()
	box.cut()
}
