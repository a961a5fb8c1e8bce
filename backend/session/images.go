package session

import (
	"context"
	"reflect"
	"sync"
)

// images builds each agent's image once, however many sessions wait for it. A build belongs to the application: it
// goes on when a session that wanted it is stopped, and ends when the user cancels it.
type images struct {
	m      *Manager
	mu     sync.Mutex
	builds map[string]*build
	states map[string]ImageState // by agent; guarded by Manager.mu
}

type build struct {
	agent   Agent
	cancel  context.CancelFunc
	done    chan struct{}
	err     error
	mu      sync.Mutex
	watch   map[int]func(ImageState)
	watched int
}

func newImages(m *Manager) *images {
	return &images{m: m, builds: map[string]*build{}, states: map[string]ImageState{}}
}

// ensure waits until the agent's image is current. A build of the agent as it was before its user changed it is waited for, too.
func (im *images) ensure(ctx context.Context, agent Agent, progress func(ImageState)) error {
	for {
		b := im.begin(agent)
		if err := b.wait(ctx, progress); ctx.Err() != nil || reflect.DeepEqual(b.agent, agent) {
			return err
		}
	}
}

func (b *build) wait(ctx context.Context, progress func(ImageState)) error {
	b.mu.Lock()
	b.watched++
	key := b.watched
	b.watch[key] = progress
	b.mu.Unlock()
	defer func() {
		b.mu.Lock()
		delete(b.watch, key)
		b.mu.Unlock()
	}()
	select {
	case <-b.done:
		return b.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// begin returns the build that runs, or a new one.
func (im *images) begin(agent Agent) *build {
	im.mu.Lock()
	defer im.mu.Unlock()
	if b := im.builds[agent.ID]; b != nil {
		return b
	}
	ctx, cancel := context.WithCancel(im.m.ctx)
	b := &build{agent: agent, cancel: cancel, done: make(chan struct{}), watch: map[int]func(ImageState){}}
	im.builds[agent.ID] = b
	im.m.wg.Go(func() {
		defer cancel()
		b.err = im.run(ctx, agent, b)
		im.mu.Lock()
		delete(im.builds, agent.ID)
		im.mu.Unlock()
		close(b.done)
	})
	return b
}

func (im *images) run(ctx context.Context, agent Agent, b *build) error {
	state := ImageState{Agent: agent.ID, Status: "building", Started: im.m.now()}
	im.tell(state)
	var last string
	err := im.m.Engine.EnsureImage(ctx, agent, func(st ImageState) {
		st.Agent, st.Started = agent.ID, state.Started
		st.Millis = int(im.m.now() - state.Started)
		state = st
		im.tell(st)
		if st.Step == last {
			return
		}
		last = st.Step
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, f := range b.watch {
			f(st)
		}
	})
	state.Millis = int(im.m.now() - state.Started)
	switch {
	case err == nil:
		state.Status = "current"
	case ctx.Err() != nil:
		err = newError(CodeCancelled, "The image build was cancelled.", "Retry builds on from where it was.", ctx.Err())
		state.Status = "missing"
	default:
		state.Status, state.Error = "failed", AsError(err)
	}
	im.tell(state)
	return err
}

// lookAll finds out which agents' images are there.
func (im *images) lookAll(ctx context.Context) {
	for _, agent := range im.m.agents() {
		im.look(ctx, agent)
	}
}

// look finds out whether the agent's image is there, unless it is being built.
func (im *images) look(ctx context.Context, agent Agent) {
	im.mu.Lock()
	building := im.builds[agent.ID] != nil
	im.mu.Unlock()
	if building {
		return
	}
	current, err := im.m.Engine.ImageCurrent(ctx, agent)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		im.m.Log.Warn("look for image", "agent", agent.ID, "err", err)
	case current:
		im.tell(ImageState{Agent: agent.ID, Status: "current"})
	default:
		im.tell(ImageState{Agent: agent.ID, Status: "missing"})
	}
}

// found notes that the agent's image is there, where that is news.
func (im *images) found(agent Agent) {
	im.m.mu.Lock()
	known := im.states[agent.ID].Status
	im.m.mu.Unlock()
	if known != "current" && known != "building" {
		im.tell(ImageState{Agent: agent.ID, Status: "current"})
	}
}

// all returns what is known of each agent's image. Manager.mu is held.
func (im *images) all() []ImageState {
	all := []ImageState{}
	for _, agent := range im.m.settings.agents(im.m.Config.Agents) {
		st, known := im.states[agent.ID]
		if !known {
			st = ImageState{Agent: agent.ID, Status: "unknown"}
		}
		all = append(all, st)
	}
	return all
}

func (im *images) tell(st ImageState) {
	im.m.writing.Lock()
	defer im.m.writing.Unlock()
	im.m.mu.Lock()
	im.states[st.Agent] = st
	im.m.mu.Unlock()
	im.m.tell(Event{Images: []ImageState{st}})
}

// BuildImage implements Operations.
func (m *Manager) BuildImage(_ context.Context, id string) error {
	agent, err := m.agent(id)
	if err != nil {
		return err
	}
	m.images.begin(agent)
	return nil
}

// CancelImage implements Operations.
func (m *Manager) CancelImage(_ context.Context, id string) error {
	m.images.mu.Lock()
	defer m.images.mu.Unlock()
	if b := m.images.builds[id]; b != nil {
		b.cancel()
	}
	return nil
}
