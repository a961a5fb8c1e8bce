package session

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"errors"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Config is what a Manager is made of.
type Config struct {
	Store  Store
	Engine Engine
	Linker Linker
	Git    Git
	Broker Broker
	Egress Egress
	Vault  Vault
	Forge  Forge
	// Environments knows what projects need, and what gives it.
	Environments Environments
	Agents       []Agent // of the application; the first is the default
	// Home is the user's home folder, for what projects mount of it; "" mounts nothing.
	Home string
	// TimeZone returns the IANA name of the user's time zone, "" where that is not known. Nil: never known.
	TimeZone func() string
	// Attachments is the folder for what users attach to prompts.
	Attachments string
	// SuggestDir is where Suggestions looks for repositories.
	SuggestDir string
	// Sample makes the sample repository of Demo, where it is missing, and returns its path.
	Sample func(ctx context.Context) (string, error)
	// Room returns what is free where results and sandboxes are kept; nil where that is not known.
	Room func() (Room, error)
	// Doctor runs the checks.
	Doctor func(ctx context.Context) []Check
	Log    *slog.Logger
	// Hidden is told what Log must not show; nil where nothing listens.
	Hidden *Hidden
	Now    func() time.Time
}

// Manager does every Operation. It owns the state of projects, sessions, prompts and transcripts: nobody else writes
// the Store. Its methods may be called from any goroutine.
type Manager struct {
	Config
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup

	// writing is held from reading what a change builds on until watchers were told of it, so that changes have one
	// order, the same in store, memory and for every watcher. It is taken before mu. No port but Store is called under it:
	// whatever else is slow would stop every session.
	writing sync.Mutex

	mu       sync.Mutex
	settings Settings
	projects map[ProjectID]Project
	sessions map[ID]Session
	runners  map[ID]*runner
	watchers map[*watcher]struct{}
	engine   EngineState
	buried   buried
	answered bool // the engine has answered in this life of the application

	slots  *slots
	images *images
	mirror keyedMutex
	asks   hostAsks
	ledger ledger

	vaulting sync.Mutex // one change of secrets at a time; it is taken before writing
	values   values
	spending *spending
}

// Open loads what is stored and begins to look after it: sessions whose sandboxes run are followed again. It does
// not wait for the engine.
func Open(ctx context.Context, c Config) (*Manager, error) {
	settings, projects, sessions, err := c.Store.Load(ctx)
	if err != nil {
		return nil, err
	}
	if settings.Concurrency == 0 { // nothing was ever saved
		settings = firstSettings()
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Hidden == nil {
		c.Hidden = &Hidden{}
	}
	m := &Manager{
		Config:   c,
		settings: settings.withDefaults(c.Agents),
		projects: map[ProjectID]Project{},
		sessions: map[ID]Session{},
		runners:  map[ID]*runner{},
		watchers: map[*watcher]struct{}{},
		values:   values{turn: make(chan struct{}, 1)},
		spending: newSpending(),
		buried:   buried{sessions: map[ID]Session{}, projects: map[ProjectID]Project{}, busy: map[string]bool{}},
	}
	m.ctx, m.cancel = context.WithCancel(context.WithoutCancel(ctx))
	m.ledger.begun = m.now()
	m.slots = newSlots(m.settings.Concurrency)
	m.images = newImages(m)
	for _, p := range projects {
		if p.Deleted {
			m.buried.projects[p.ID] = p
			continue
		}
		m.projects[p.ID] = p
	}
	for _, s := range sessions {
		if s.Deleted {
			m.buried.sessions[s.ID] = s
			continue
		}
		s.Outgoing = "" // it ended with the last life of the application
		m.sessions[s.ID] = s
		m.runners[s.ID] = newRunner(m, s.ID)
	}
	m.askAnew(ctx)
	for _, r := range m.runners {
		m.launch(r)
	}
	m.wg.Go(m.followEngine)
	m.wg.Go(m.recordSpent)
	if m.Room != nil {
		m.wg.Go(m.watchDisk)
	}
	return m, nil
}

// Close stops following the sandboxes, which go on with their turns, and waits for all that the Manager started.
// It does not close the Store.
func (m *Manager) Close() error {
	m.cancel()
	m.wg.Wait()
	m.recordWaiting()
	m.keepConnections()
	return nil
}

func (m *Manager) launch(r *runner) {
	m.wg.Go(func() { r.run(m.ctx) })
}

func (m *Manager) now() Millis { return Millis(m.Now().UnixMilli()) }

// session returns a copy of a session.
func (m *Manager) session(id ID) (Session, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s, ok := m.sessions[id]
	if !ok {
		return Session{}, newError(CodeNotFound, "There is no session "+string(id)+".", "`bga list` shows them all.", nil)
	}
	return s, nil
}

func (m *Manager) project(id ProjectID) (Project, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p, ok := m.projects[id]
	if !ok {
		return Project{}, newError(CodeNotFound, "There is no project "+string(id)+".", "`bga project list` shows them all.", nil)
	}
	return p, nil
}

// sessionProject returns copies of a session and its project.
func (m *Manager) sessionProject(id ID) (Session, Project, error) {
	s, err := m.session(id)
	if err != nil {
		return s, Project{}, err
	}
	p, err := m.project(s.Project)
	return s, p, err
}

func (m *Manager) runner(id ID) *runner {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.runners[id]
}

// agents returns the application's agents and the user's own.
func (m *Manager) agents() []Agent { return m.Settings().agents(m.Config.Agents) }

func (m *Manager) agent(id string) (Agent, error) { return findAgent(m.agents(), id) }

func findAgent(all []Agent, id string) (Agent, error) {
	ids := make([]string, 0, len(all))
	for _, a := range all {
		if a.ID == id {
			return a, nil
		}
		ids = append(ids, a.ID)
	}
	return Agent{}, newError(CodeInvalid, "There is no agent \""+id+"\".", "Choose one of: "+strings.Join(ids, ", ")+".", nil)
}

// followEngine keeps the engine's state, hears of containers that end, and finds again what ran before.
func (m *Manager) followEngine() {
	for m.ctx.Err() == nil {
		m.pingEngine(m.ctx)
		err := m.Engine.Watch(m.ctx, m.sandboxEvent)
		if m.ctx.Err() != nil {
			return
		}
		if err != nil && !errors.Is(err, context.Canceled) {
			m.Log.Warn("watch engine", "err", err)
		}
		select {
		case <-m.ctx.Done():
		case <-time.After(enginePause):
		}
	}
}

// pingEngine asks the engine how it is and tells the watchers where that changed.
func (m *Manager) pingEngine(ctx context.Context) EngineState {
	ctx, cancel := context.WithTimeout(ctx, engineCheck)
	defer cancel()
	state, err := m.Engine.Ping(ctx)
	if err != nil {
		state.OK, state.Error = false, AsError(err)
	}
	m.writing.Lock()
	defer m.writing.Unlock()
	m.mu.Lock()
	before := m.engine
	m.engine, m.answered = state, m.answered || state.OK
	m.mu.Unlock()
	if state.OK && !before.OK {
		m.wg.Go(func() { m.engineBack(m.ctx) })
	}
	if before.OK != state.OK || before.Name != state.Name || before.MemoryMB != state.MemoryMB ||
		before.CPUs != state.CPUs || CodeOf(orNil(before.Error)) != CodeOf(orNil(state.Error)) {
		m.tell(Event{Engine: &state})
	}
	return state
}

// stopStrangers stops sandboxes of this installation that no session knows, as after a database was brought back from a
// backup. Their volumes stay: they may hold work.
func (m *Manager) stopStrangers(ctx context.Context) {
	all, err := m.Engine.Sandboxes(ctx)
	if err != nil {
		m.Log.Warn("list sandboxes", "err", err)
		return
	}
	for _, sb := range all {
		if _, err := m.session(sb.Session); err == nil || sb.State != SandboxRunning {
			continue
		}
		m.Log.Warn("stop sandbox without session", "session", sb.Session)
		if err := m.Engine.Stop(ctx, sb.Session); err != nil {
			m.Log.Warn("stop sandbox without session", "session", sb.Session, "err", err)
		}
	}
}

func orNil(e *Error) error {
	if e == nil {
		return nil
	}
	return e
}

func (m *Manager) sandboxEvent(e SandboxEvent) {
	switch e.Kind {
	case "engine_down":
		m.pingEngine(m.ctx)
	case "engine_up":
		m.pingEngine(m.ctx)
		m.wakeAll()
	default:
		if r := m.runner(e.Session); r != nil {
			r.sandboxChanged(e)
		}
	}
}

func (m *Manager) wakeAll() {
	m.mu.Lock()
	all := slices.Collect(maps.Values(m.runners))
	m.mu.Unlock()
	for _, r := range all {
		r.wake()
	}
}

var idEncoding = base32.NewEncoding("abcdefghijkmnpqrstuvwxyz23456789").WithPadding(base32.NoPadding)

// newID returns eight random characters (40 bits) without those that are easily mistaken.
func newID() string {
	var b [5]byte
	_, _ = rand.Read(b[:]) // never fails
	return idEncoding.EncodeToString(b[:])
}

var _ Operations = (*Manager)(nil)
