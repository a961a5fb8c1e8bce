package broker

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"strings"
)

// Protocol is how a provider is talked to.
type Protocol string

const (
	Anthropic Protocol = "anthropic"
	OpenAI    Protocol = "openai"
)

// Endpoint is a provider's address: one of the two that everyone knows, or any that speaks as they do.
type Endpoint struct {
	ID       string // in URLs and model ids: lower-case letters, digits and -
	Name     string
	Protocol Protocol
	URL      string // with or without /v1 at its end
	Keyless  bool   // may be used without a key, as most local servers
	Models   []Model
	Agents   []string // ids of the agents that may use it; empty for all
}

// Model is what OpenCode is told of a model; the rest is in Details, as OpenCode's configuration has it.
type Model struct {
	ID      string
	Name    string
	Details json.RawMessage
}

// known are the models of the two providers, best first, from the catalogue that OpenCode 1.18.33 has in it (models.dev).
//
//go:embed models.json
var known []byte

// Endpoints returns Anthropic and OpenAI. ANTHROPIC_BASE_URL and OPENAI_BASE_URL name another server that speaks as they do.
func Endpoints(env func(name string) string) ([]Endpoint, error) {
	all := []Endpoint{
		{ID: "anthropic", Name: "Anthropic", Protocol: Anthropic, URL: "https://api.anthropic.com"},
		{ID: "openai", Name: "OpenAI", Protocol: OpenAI, URL: "https://api.openai.com"},
	}
	var models map[string][]json.RawMessage
	if err := json.Unmarshal(known, &models); err != nil {
		return nil, fmt.Errorf("read models: %w", err)
	}
	for i := range all {
		e := &all[i]
		if other := env(strings.ToUpper(e.ID) + "_BASE_URL"); other != "" {
			e.URL = other
		}
		for _, raw := range models[e.ID] {
			var m Model
			if err := json.Unmarshal(raw, &m); err != nil {
				return nil, fmt.Errorf("read models: %w", err)
			}
			m.Details = raw
			e.Models = append(e.Models, m)
		}
	}
	return all, nil
}

// endpoint is an Endpoint whose address is known to be good.
type endpoint struct {
	Endpoint
	base *url.URL // without /v1
}

var idForm = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,40}$`)

func (e Endpoint) parse() (endpoint, error) {
	if !idForm.MatchString(e.ID) {
		return endpoint{}, fmt.Errorf("provider %q: use lower-case letters, digits and -", e.ID)
	}
	base, err := url.Parse(e.URL)
	if err != nil || base.Host == "" || base.Scheme != "https" && base.Scheme != "http" {
		return endpoint{}, fmt.Errorf("provider %s: its address is not an http or https URL", e.ID)
	}
	if base.User != nil || base.RawQuery != "" || base.Fragment != "" {
		return endpoint{}, fmt.Errorf("provider %s: its address holds a password or a query, which would be sent in the open", e.ID)
	}
	base.Path = strings.TrimSuffix(strings.TrimSuffix(base.Path, "/"), "/v1")
	base.RawPath = ""
	return endpoint{e, base}, nil
}

// paths are what agents may ask of a provider.
var paths = map[Protocol]map[string]string{
	Anthropic: {
		"/v1/messages":              http.MethodPost,
		"/v1/messages/count_tokens": http.MethodPost,
		"/v1/models":                http.MethodGet,
	},
	OpenAI: {
		"/v1/chat/completions": http.MethodPost,
		"/v1/responses":        http.MethodPost,
		"/v1/models":           http.MethodGet,
	},
}

// target returns where a request goes, false where it may not. Of queries only Claude Code's is known.
func (e endpoint) target(method, path, query string) (*url.URL, bool) {
	if want, found := paths[e.Protocol][path]; !found || want != method || query != "" && query != "beta=true" {
		return nil, false
	}
	to := *e.base
	to.Path += path
	to.RawQuery = query
	return &to, true
}

// authorize puts the key where the provider looks for it.
func (e endpoint) authorize(h http.Header, key Key) {
	switch {
	case key.Secret.Empty():
	case e.Protocol == Anthropic:
		h.Set("X-Api-Key", key.Secret.Reveal())
	default:
		h.Set("Authorization", "Bearer "+key.Secret.Reveal())
	}
}
