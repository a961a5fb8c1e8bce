package session

import (
	"context"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
)

// images builds each image once, however many sessions wait for it. A build belongs to the application: it
// goes on when a session that wanted it is stopped, and ends when the user cancels it.
type images struct {
	m      *Manager
	mu     sync.Mutex
	builds map[string]*build
	states map[string]ImageState // by key; guarded by Manager.mu
}

// key names what an image is made from, as far as the application goes: the agent, and packages.
func (i ImageSpec) key() string {
	return strings.Join(append([]string{i.Agent.ID}, slices.Concat(i.Packages...)...), " ")
}

// state begins what is told of the image.
func (i ImageSpec) state(status string) ImageState {
	return ImageState{Agent: i.Agent.ID, Packages: append([]string{}, slices.Concat(i.Packages...)...), Status: status}
}

func (s ImageState) key() string { return strings.Join(append([]string{s.Agent}, s.Packages...), " ") }

type build struct {
	of      ImageSpec
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

// ensure waits until the image is current. A build of the agent as it was before its user changed it is waited for,
// too.
func (im *images) ensure(ctx context.Context, of ImageSpec, progress func(ImageState)) error {
	for {
		b := im.begin(of)
		if err := b.wait(ctx, progress); ctx.Err() != nil || reflect.DeepEqual(b.of, of) {
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
func (im *images) begin(of ImageSpec) *build {
	im.mu.Lock()
	defer im.mu.Unlock()
	key := of.key()
	if b := im.builds[key]; b != nil {
		return b
	}
	ctx, cancel := context.WithCancel(im.m.ctx)
	b := &build{of: of, cancel: cancel, done: make(chan struct{}), watch: map[int]func(ImageState){}}
	im.builds[key] = b
	im.m.wg.Go(func() {
		defer cancel()
		b.err = im.run(ctx, of, b)
		im.mu.Lock()
		delete(im.builds, key)
		im.mu.Unlock()
		close(b.done)
	})
	return b
}

func (im *images) run(ctx context.Context, of ImageSpec, b *build) error {
	state := of.state("building")
	state.Started = im.m.now()
	im.tell(state)
	var last string
	err := im.m.Engine.EnsureImage(ctx, of, func(st ImageState) {
		st.Agent, st.Packages, st.Started = state.Agent, state.Packages, state.Started
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
		im.look(ctx, ImageSpec{Agent: agent})
	}
}

// look finds out whether the image is there, unless it is being built.
func (im *images) look(ctx context.Context, of ImageSpec) {
	im.mu.Lock()
	building := im.builds[of.key()] != nil
	im.mu.Unlock()
	if building {
		return
	}
	current, err := im.m.Engine.ImageCurrent(ctx, of)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		im.m.Log.Warn("look for image", "agent", of.Agent.ID, "err", err)
	case current:
		im.tell(of.state("current"))
	default:
		im.tell(of.state("missing"))
	}
}

// found notes that the image is there, where that is news.
func (im *images) found(of ImageSpec) {
	im.m.mu.Lock()
	known := im.states[of.key()].Status
	im.m.mu.Unlock()
	if known != "current" && known != "building" {
		im.tell(of.state("current"))
	}
}

// all returns what is known of each agent's image, and of those with packages. Manager.mu is held.
func (im *images) all() []ImageState {
	all, agents := []ImageState{}, map[string]bool{}
	for _, agent := range im.m.settings.agents(im.m.Config.Agents) {
		agents[agent.ID] = true
		st, known := im.states[agent.ID]
		if !known {
			st = ImageSpec{Agent: agent}.state("unknown")
		}
		all = append(all, st)
	}
	for _, key := range slices.Sorted(maps.Keys(im.states)) {
		if st := im.states[key]; len(st.Packages) > 0 && agents[st.Agent] {
			all = append(all, st)
		}
	}
	return all
}

func (im *images) tell(st ImageState) {
	im.m.writing.Lock()
	defer im.m.writing.Unlock()
	im.m.mu.Lock()
	im.states[st.key()] = st
	im.m.mu.Unlock()
	im.m.tell(Event{Images: []ImageState{st}})
}

// BuildImage implements Operations.
func (m *Manager) BuildImage(_ context.Context, id string) error {
	agent, err := m.agent(id)
	if err != nil {
		return err
	}
	m.images.begin(ImageSpec{Agent: agent})
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
