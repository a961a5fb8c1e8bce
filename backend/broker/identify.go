package broker

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"background-agents/backend/session"
)

// How long it counts that a server said what it is, and how long it may take to (identityTakes): then a request to it
// is told that it does not answer. One that is busy computing may not get to answer in time: what it said before counts
// a while longer (identityHolds).
const (
	identityLasts = localLasts
	identityTakes = 2 * time.Second
	identityHolds = 10 * time.Minute
	maxIdentity   = 1 << 20 // bytes of what it says
)

// Identity is how a server of models says that it is the one that is meant: by what it answers at a path that others do
// not have. A port alone says nothing: whatever program of the user's listens there must get no request of a sandbox.
type Identity struct {
	Path string
	Is   func(body []byte) bool
}

// The three that are looked for: Ollama says so at its root, LM Studio greets its own command line (lmstudio-ai/lms,
// src/createClient.ts), and llama.cpp tells its settings (tools/server/README.md, GET /props).
var (
	isOllama = Identity{"/", func(body []byte) bool { return strings.TrimSpace(string(body)) == "Ollama is running" }}

	isLMStudio = Identity{"/lmstudio-greeting", func(body []byte) bool {
		var said struct {
			Is bool `json:"lmstudio"`
		}
		return json.Unmarshal(body, &said) == nil && said.Is
	}}

	isLlamaCpp = Identity{"/props", func(body []byte) bool {
		var said struct {
			Settings map[string]json.RawMessage `json:"default_generation_settings"`
			Slots    *int                       `json:"total_slots"`
			Build    string                     `json:"build_info"`
		}
		return json.Unmarshal(body, &said) == nil && said.Settings != nil && (said.Slots != nil || said.Build != "")
	}}
)

// identities remembers which servers have said what they are.
type identities struct {
	client *http.Client

	mu    sync.Mutex
	known map[string]*identified // by the endpoint's address and id; bounded by the endpoints that there are
}

type identified struct {
	mu    sync.Mutex // held while the server is asked
	is    bool
	asked time.Time
	said  time.Time // when it last said so
}

func (i *identities) forget() {
	i.mu.Lock()
	defer i.mu.Unlock()
	clear(i.known)
}

// is reports whether what listens at a local endpoint's address is the server that is meant. Other endpoints were named
// by the user or are known to everyone.
func (i *identities) is(ctx context.Context, e endpoint) bool {
	if e.Kind != session.ProviderLocal {
		return true
	}
	id := e.ID + " " + e.URL
	i.mu.Lock()
	known := i.known[id]
	if known == nil {
		known = &identified{}
		i.known[id] = known
	}
	i.mu.Unlock()
	known.mu.Lock()
	defer known.mu.Unlock()
	if !known.asked.IsZero() && time.Since(known.asked) < identityLasts {
		return known.is
	}
	is, err := i.ask(ctx, e)
	late := errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded)
	switch {
	case late && known.is && time.Since(known.said) < identityHolds:
		return true
	case ctx.Err() != nil:
		return false // nobody knows
	}
	known.is, known.asked = is, time.Now()
	if is {
		known.said = known.asked
	}
	return is
}

func (i *identities) ask(ctx context.Context, e endpoint) (bool, error) {
	if e.Identity.Is == nil {
		return false, nil
	}
	ctx, cancel := context.WithTimeout(ctx, identityTakes)
	defer cancel()
	to := *e.base
	to.Path += e.Identity.Path
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, to.String(), nil)
	if err != nil {
		return false, err
	}
	answer, err := i.client.Do(r)
	if err != nil {
		return false, err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxIdentity))
	if err != nil {
		return false, err
	}
	return answer.StatusCode == http.StatusOK && e.Identity.Is(body), nil
}
