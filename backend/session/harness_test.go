package session_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"background-agents/backend/session"
	"background-agents/backend/session/sessiontest"
)

// world is one installation: a store, an engine, a git, and the Manager on them, which may be killed and opened again.
type world struct {
	*session.Manager
	t      *testing.T
	store  *sessiontest.Memory
	engine *sessiontest.Engine
	git    *sessiontest.Git
	forge  *sessiontest.Forge
	egress sessiontest.Egress
	vault  *sessiontest.Vault
	broker *sessiontest.Broker
	linker session.Linker
	home   string
	zone   string
	room   func() (session.Room, error) // of the next life; nil where that is not known
	seeing sync.Mutex
	seen   []session.Event // what a watcher of this life was told; read it by told
	stop   context.CancelFunc
	watch  chan struct{}
}

// story runs f in a bubble with a clock of its own: waiting costs nothing, and nothing is left running behind.
func story(t *testing.T, turn func(*sessiontest.Turn), f func(w *world)) {
	t.Helper()
	with(t, sessiontest.Linker{}, turn, f)
}

// with is story with another linker.
func with(t *testing.T, linker session.Linker, turn func(*sessiontest.Turn), f func(w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t, linker: linker, store: sessiontest.NewMemory(), engine: sessiontest.NewEngine(turn), git: &sessiontest.Git{}, forge: &sessiontest.Forge{}, vault: &sessiontest.Vault{}, broker: &sessiontest.Broker{}}
		w.open()
		defer w.engine.Close()
		defer w.close()
		f(w)
	})
}

func (w *world) open() {
	w.t.Helper()
	m, err := session.Open(context.Background(), session.Config{
		Store: w.store, Engine: w.engine, Linker: w.linker, Git: w.git, Broker: w.broker, Vault: w.vault, Egress: &w.egress, Forge: w.forge, Environments: sessiontest.Environments{},
		Agents:      []session.Agent{{ID: "opencode", Name: "OpenCode", Command: []string{"opencode", "acp"}, Layer: "opencode"}},
		Attachments: w.t.TempDir(), Home: w.home,
		TimeZone: func() string { return w.zone },
		Doctor:   func(context.Context) []session.Check { return nil },
		Room:     w.room,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.Manager, w.seen = m, nil
	ctx, cancel := context.WithCancel(context.Background())
	w.stop, w.watch = cancel, make(chan struct{})
	go func() {
		defer close(w.watch)
		_ = m.Watch(ctx, func(e session.Event) {
			w.seeing.Lock()
			defer w.seeing.Unlock()
			w.seen = append(w.seen, e)
		})
	}()
	synctest.Wait()
}

// told returns what a watcher of this life was told, once it has been told all there is.
func (w *world) told() []session.Event {
	synctest.Wait()
	w.seeing.Lock()
	defer w.seeing.Unlock()
	return slices.Clone(w.seen)
}

func (w *world) close() {
	w.stop()
	<-w.watch
	_ = w.Close()
	synctest.Wait()
}

// reopen is a crash and a new start of the application: the sandboxes went on in between.
func (w *world) reopen() {
	w.close()
	w.open()
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// create starts a session on a project of its own name.
func (w *world) create(prompt string) session.ID {
	w.t.Helper()
	ctx := context.Background()
	p, err := w.AddProject(ctx, "/code/shop")
	w.must(err)
	s, err := w.Create(ctx, session.NewSession{Project: p.ID, Prompt: session.NewPrompt{Text: prompt}})
	w.must(err)
	return s.ID
}

// get returns the session as a new watcher sees it.
func (w *world) get(id session.ID) session.Session { return sessiontest.Get(w, id) }

// until lets time pass until the session has the status.
func (w *world) until(id session.ID, status session.Status) session.Session {
	w.t.Helper()
	for range 6000 {
		synctest.Wait()
		if s := w.get(id); s.Status == status && s.Pending == nil {
			return s
		}
		time.Sleep(10 * time.Millisecond)
	}
	w.t.Fatalf("session is %q (%+v), not %q", w.get(id).Status, w.get(id).Error, status)
	return session.Session{}
}

// transcript returns the items as lines, and fails where their positions have a gap.
func (w *world) transcript(id session.ID) []string {
	w.t.Helper()
	items, err := sessiontest.Items(context.Background(), w, id)
	w.must(err)
	var lines []string
	for i, it := range items {
		if it.Seq != uint64(i+1) {
			w.t.Fatalf("item %d has position %d", i+1, it.Seq)
		}
		line := string(it.Kind) + ": " + it.Text
		switch {
		case it.Phase != nil:
			line = "phase: " + it.Phase.Name + " " + it.Phase.Status
		case it.Result != nil:
			line = "turn: " + it.Result.Stop
		case it.Permission != nil:
			line = "permission: " + it.Permission.Title + " " + it.Permission.Answer
		case it.Tool != nil:
			line = fmt.Sprintf("tool: %s %s %s", it.Tool.Title, it.Tool.Status, it.Text)
		}
		lines = append(lines, strings.TrimSpace(line))
	}
	return lines
}

// replayed is what a window shows that applied every event since the state: it must equal what is stored.
func (w *world) replayed(id session.ID) map[session.ItemID]session.Item {
	w.t.Helper()
	items := map[session.ItemID]session.Item{}
	for _, e := range w.told() {
		for _, it := range e.Items {
			if it.Session == id {
				items[it.ID] = it
			}
		}
		for _, d := range e.Deltas {
			it, ok := items[d.Item]
			if d.Session != id || !ok {
				continue
			}
			if it.Rev != d.Prev {
				w.t.Fatalf("delta follows on revision %d of %s, which is at %d", d.Prev, d.Item, it.Rev)
			}
			it.Text += d.Text
			it.Rev, it.Size = d.Rev, d.Size
			items[d.Item] = it
		}
	}
	return items
}

func sameLines(t *testing.T, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Fatalf("got:\n\t%s\nwant:\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

func code(t *testing.T, err error, want session.Code) {
	t.Helper()
	if got := session.CodeOf(err); got != want {
		t.Fatalf("error has code %q (%v), want %q", got, err, want)
	}
	if e := session.AsError(err); e.Message == "" {
		t.Fatalf("error %q has no sentence", want)
	}
}
