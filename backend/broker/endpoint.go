package broker

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"background-agents/backend/session"
)

// Endpoint is a provider's address: one that everyone knows, or any that speaks as they do.
type Endpoint struct {
	ID       string // in URLs and model ids: lower-case letters, digits and -
	Name     string
	Kind     string // as session.Provider's
	Protocol Protocol
	URL      string // with or without /v1 at its end
	Keyless  bool   // may be used without a key, as most local servers
	Models   []Model
	Lists    bool     // is asked for its models, where none are named
	Identity Identity // how a local server says that it is the one that is meant; without it no request goes there
	Agents   []string // ids of the agents that may use it; empty for all
	Flat     bool     // a request costs nothing by itself
	SignIn   string   // how to have a login, in words for the user
	Note     string   // what is to be known of it
	NamedBy  string   // the variable of the environment that names URL, "" where that is the provider's own or the user's choice
}

// Model is what OpenCode is told of a model; the rest is in Details, as OpenCode's configuration has it.
type Model struct {
	ID      string
	Name    string
	Cost    Cost
	Details json.RawMessage
}

// catalogued are the models of the two providers, best first, from the catalogue that OpenCode 1.18.33 has in it
// (models.dev).
//
//go:embed models.json
var catalogued []byte

// Endpoints returns the providers that everyone knows, and the logins of other programs. ANTHROPIC_BASE_URL and
// OPENAI_BASE_URL name other servers that speak as the two do; env must not look for them in a file.
func Endpoints(env func(name string) string) ([]Endpoint, error) {
	models, err := catalogue()
	if err != nil {
		return nil, err
	}
	all := []Endpoint{
		{ID: "anthropic", Name: "Anthropic", Kind: session.ProviderKnown, Protocol: Anthropic, URL: "https://api.anthropic.com", Models: models["anthropic"]},
		{ID: "openai", Name: "OpenAI", Kind: session.ProviderKnown, Protocol: OpenAI, URL: "https://api.openai.com", Models: models["openai"]},
		{
			ID: "claude", Name: "Claude subscription", Kind: session.ProviderLogin, Protocol: Anthropic, URL: "https://api.anthropic.com",
			Models: models["anthropic"], Agents: []string{"claude"}, Flat: true,
			SignIn: "Run `claude` and sign in.",
			Note:   "For the agent Claude Code alone: Anthropic lets subscriptions be used in its own programs only.",
		},
		{
			ID: "chatgpt", Name: "ChatGPT subscription", Kind: session.ProviderLogin, Protocol: ChatGPT, URL: "https://chatgpt.com/backend-api/codex",
			Models: models["openai"], Agents: []string{"codex"}, Flat: true,
			SignIn: "Run `codex login`.",
			Note:   "For the agent Codex alone: this service answers requests of its form only.",
		},
	}
	for i := range all[:2] {
		name := strings.ToUpper(all[i].ID) + "_BASE_URL"
		if other := env(name); other != "" && !sameServer(other, all[i].URL) {
			all[i].URL, all[i].Lists, all[i].NamedBy = other, true, name
		}
	}
	return append(all, more...), nil
}

// sameServer reports whether an address is the provider's own, spelled in another way.
func sameServer(address, own string) bool {
	a, errA := (Endpoint{ID: "x", URL: address}).parse()
	b, errB := (Endpoint{ID: "x", URL: own}).parse()
	return errA == nil && errB == nil && a.base.String() == b.base.String()
}

// more are providers that speak OpenAI's protocol, by the ids that models.dev and OpenCode's logins have for them.
var more = []Endpoint{
	another("openrouter", "OpenRouter", "https://openrouter.ai/api/v1"),
	another("groq", "Groq", "https://api.groq.com/openai/v1"),
	another("mistral", "Mistral", "https://api.mistral.ai/v1"),
	another("deepseek", "DeepSeek", "https://api.deepseek.com/v1"),
	another("xai", "xAI", "https://api.x.ai/v1"),
	another("cerebras", "Cerebras", "https://api.cerebras.ai/v1"),
	another("togetherai", "Together AI", "https://api.together.xyz/v1"),
	another("fireworks-ai", "Fireworks AI", "https://api.fireworks.ai/inference/v1"),
	another("moonshotai", "Moonshot AI", "https://api.moonshot.ai/v1"),
}

// Keyed returns the ids of the providers that take a key.
func Keyed() []string {
	ids := []string{"anthropic", "openai"}
	for _, e := range more {
		ids = append(ids, e.ID)
	}
	return ids
}

func another(id, name, address string) Endpoint {
	return Endpoint{ID: id, Name: name, Kind: session.ProviderMore, Protocol: OpenAI, URL: address, Lists: true}
}

func catalogue() (map[string][]Model, error) {
	var raw map[string][]json.RawMessage
	if err := json.Unmarshal(catalogued, &raw); err != nil {
		return nil, fmt.Errorf("read models: %w", err)
	}
	all := map[string][]Model{}
	for id, models := range raw {
		for _, details := range models {
			var m Model
			if err := json.Unmarshal(details, &m); err != nil {
				return nil, fmt.Errorf("read models: %w", err)
			}
			m.Details = details
			all[id] = append(all[id], m)
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
