package broker

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"background-agents/backend/session"
)

// How long a list of models counts, and how long it may take to come (listTakes; localTakes from this computer, and
// where a caller only looks). It ends with the list; else the models count that are known without one.
const (
	listLasts  = 10 * time.Minute
	localLasts = 10 * time.Second // what runs on this computer comes and goes
	listTakes  = 4 * time.Second
	localTakes = 500 * time.Millisecond
	maxList    = 8 << 20
	maxListed  = 1000 // OpenRouter has some hundred
)

// list is what an endpoint said of its models.
type list struct {
	models []Model
	ok     bool
	at     time.Time
	done   chan struct{} // closed when it has been asked for
}

// lists asks endpoints for their models, each once at a time, and keeps the answers for a while.
type lists struct {
	client http.Client
	who    *identities
	ctx    context.Context
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu    sync.Mutex
	known map[string]*list // by the endpoint's address and id; bounded by the endpoints that there are
	asked map[string]*list // under way
}

func newLists(t http.RoundTripper) *lists {
	l := &lists{known: map[string]*list{}, asked: map[string]*list{}}
	l.client = http.Client{Transport: t, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	l.who = &identities{client: &l.client, known: map[string]*identified{}}
	l.ctx, l.cancel = context.WithCancel(context.Background())
	return l
}

func (l *lists) close() {
	l.cancel()
	l.wg.Wait()
}

func (l *lists) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.known)
	l.who.forget()
}

// of returns an endpoint's models, and whether it has listed them. Without wait an old list is good enough, and is
// renewed meanwhile; one that is not there yet is not waited for for long.
func (l *lists) of(ctx context.Context, e endpoint, key Key, wait bool) ([]Model, bool) {
	id := e.ID + " " + e.URL
	lasts := listLasts
	if e.Kind == session.ProviderLocal {
		lasts = localLasts
	}
	l.mu.Lock()
	known := l.known[id]
	if known != nil && !known.ok {
		lasts = localLasts
	}
	if known != nil && time.Since(known.at) < lasts {
		l.mu.Unlock()
		return known.models, known.ok
	}
	now := l.asked[id]
	if now == nil && l.ctx.Err() == nil {
		now = &list{done: make(chan struct{})}
		l.asked[id] = now
		l.wg.Go(func() { l.ask(id, now, e, key) })
	}
	l.mu.Unlock()
	if known != nil && !wait || now == nil {
		if known == nil {
			return nil, false
		}
		return known.models, known.ok
	}
	if !wait {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, localTakes)
		defer cancel()
	}
	select {
	case <-now.done:
		return now.models, now.ok
	case <-ctx.Done():
		return nil, false
	}
}

func (l *lists) ask(id string, to *list, e endpoint, key Key) {
	takes := listTakes
	if e.Kind == session.ProviderLocal {
		takes = localTakes
	}
	ctx, cancel := context.WithTimeout(l.ctx, takes)
	defer cancel()
	to.models, to.ok = l.fetch(ctx, e, key)
	to.at = time.Now()
	l.mu.Lock()
	l.known[id] = to
	delete(l.asked, id)
	l.mu.Unlock()
	close(to.done)
}

// fetch asks at /v1/models, as https://platform.openai.com/docs/api-reference/models/list and
// https://docs.claude.com/en/api/models-list have it; Ollama, LM Studio and llama.cpp answer there too.
func (l *lists) fetch(ctx context.Context, e endpoint, key Key) ([]Model, bool) {
	to, allowed := e.target(http.MethodGet, "/v1/models", "")
	if !allowed || !l.who.is(ctx, e) {
		return nil, false
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, to.String(), nil)
	if err != nil {
		return nil, false
	}
	r.Header.Set("Accept", "application/json")
	r.Header.Set("Accept-Encoding", "identity")
	if e.Protocol == Anthropic {
		r.Header.Set("Anthropic-Version", "2023-06-01")
	}
	e.authorize(r.Header, key)
	answer, err := l.client.Do(r)
	if err != nil {
		return nil, false
	}
	defer answer.Body.Close()
	var said struct {
		Data []struct {
			ID      string `json:"id"`
			Name    string `json:"name"`         // OpenRouter
			Display string `json:"display_name"` // Anthropic
		} `json:"data"`
	}
	raw, err := io.ReadAll(io.LimitReader(answer.Body, maxList))
	if err != nil || answer.StatusCode != http.StatusOK || json.Unmarshal(raw, &said) != nil || said.Data == nil {
		return nil, false
	}
	models, hidden := []Model{}, newHider(key, true)
	for _, m := range said.Data {
		if said := m.ID + "\n" + m.Name + "\n" + m.Display; hidden.hide(said) != said {
			continue // it repeats the key
		}
		if !modelForm(m.ID) || strings.Contains(m.ID, "embed") || len(models) >= maxListed {
			continue
		}
		name := m.ID
		for _, n := range []string{m.Name, m.Display} {
			if n != "" && len(n) <= 100 {
				name = n
			}
		}
		models = append(models, Model{ID: m.ID, Name: name})
	}
	return models, true
}

// modelForm reports whether a server's word for a model is one: it goes into environments and windows.
func modelForm(id string) bool {
	return id != "" && len(id) <= 200 && !strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r == 0x7f || r == '"' || r == '\\' })
}
