package docker

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"

	"background-agents/backend/session"
)

// Config says what an Engine is made from.
type Config struct {
	// Installation names the installation: its containers and volumes are found again by it. It is random, since an
	// engine may have several clients with equal paths.
	Installation string
	// Former is what an earlier version made under another name.
	Former Former
	// DataDir is the installation's data folder.
	DataDir string
	// Image is an image of the user's own with git and the agent, "" for the one that is built from Dockerfile.
	Image string
	// Runtime is the engine's runtime for containers, such as runsc, "" for the engine's default.
	Runtime string
	// Dockerfile is the image's recipe, with a stage for each agent's layer.
	Dockerfile []byte
	// SupervisorPath is where the recipe expects the supervisor for arch; Supervisor returns it, SupervisorSum its
	// hash. The hash is asked for at every start of a session, the supervisor only to build.
	SupervisorPath func(arch string) string
	Supervisor     func(arch string) ([]byte, error)
	SupervisorSum  func(arch string) (string, error)
}

// Former is what an earlier version made on the engine, under a name that other installations may have as well: only
// what is of these sessions and projects belongs to this one.
type Former struct {
	Instance string              `json:"instance,omitempty"`
	Sessions []session.ID        `json:"sessions,omitempty"`
	Projects []session.ProjectID `json:"projects,omitempty"`
}

// Engine is a session.Engine. It is safe for concurrent use.
type Engine struct {
	cfg      Config
	instance string
	dir      string // what this package keeps on disk

	connecting chan struct{} // holds one token: who looks for an engine
	mu         sync.Mutex
	conn       *connection // nil until an engine has answered
	image      string      // the image that was last found current

	building chan struct{} // holds one token: who builds an image
	sessions locks[session.ID]
	mirrors  locks[session.ProjectID]
	tools    locks[string]
	usage    usage
	tips     tips // of mirrors
	filled   tips // of tools
}

// Open returns an engine; it asks nothing of Docker, Ping does.
func Open(cfg Config) (*Engine, error) {
	if cfg.Installation == "" || cfg.DataDir == "" || len(cfg.Dockerfile) == 0 || cfg.Supervisor == nil || cfg.SupervisorSum == nil || cfg.SupervisorPath == nil {
		return nil, errors.New("open engine: the configuration is not complete")
	}
	dir, err := filepath.Abs(cfg.DataDir)
	if err != nil {
		return nil, fmt.Errorf("open engine: %w", err)
	}
	e := &Engine{
		cfg:        cfg,
		instance:   cfg.Installation,
		dir:        filepath.Join(dir, "docker"),
		connecting: make(chan struct{}, 1),
		building:   make(chan struct{}, 1),
	}
	e.tips.path = filepath.Join(e.dir, "mirrors.json")
	e.filled.path = filepath.Join(e.dir, "tools.json")
	return e, nil
}

// Close ends what the engine does in the background. Sandboxes run on.
func (e *Engine) Close() error {
	e.usage.wait()
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.conn == nil {
		return nil
	}
	conn := e.conn
	e.conn = nil
	return conn.api.Close()
}

// Ping implements session.Engine. It finds an engine that was started or moved since.
func (e *Engine) Ping(ctx context.Context) (session.EngineState, error) {
	c, err := e.connect(ctx)
	if err != nil {
		return session.EngineState{Host: hostOf(c), Error: session.AsError(err)}, err
	}
	asked, cancel := context.WithTimeout(ctx, answerTime)
	defer cancel()
	if _, err := c.api.Ping(asked); err != nil {
		e.forget(c)
		if c, err = e.connect(ctx); err != nil {
			return session.EngineState{Host: hostOf(c), Error: session.AsError(err)}, err
		}
	}
	return session.EngineState{OK: true, Name: c.name, Host: c.host, MemoryMB: c.memoryMB, CPUs: c.cpus}, nil
}

// Root returns the folder where an engine on this computer keeps volumes and images; "" where none has answered yet or
// it is elsewhere. An engine in a virtual machine of this computer names a folder of that machine.
func (e *Engine) Root() string {
	if c := e.connected(); c != nil {
		return c.root
	}
	return ""
}

var _ session.Engine = (*Engine)(nil)
