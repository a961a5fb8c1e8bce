package session

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// Kinds of a Provider.
const (
	ProviderKnown = "known" // Anthropic, OpenAI
	ProviderMore  = "more"  // known by address; of interest once there is a key
	ProviderLogin = "login" // another program's login, used in place
	ProviderOwn   = "own"   // added by the user
	ProviderLocal = "local" // found on this computer
	ProviderDemo  = "demo"
)

// Provider is a source of models. Source says where its credential was found; it never holds one.
type Provider struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Kind   string `json:"kind"`
	Ready  bool   `json:"ready"`
	Source string `json:"source"`
	Hint   string `json:"hint"`
	URL    string `json:"url"`
	Kept   bool   `json:"kept"` // its key is in the keychain, where it can be removed
	// Elsewhere is the variable of the environment that names URL, "" where that is the provider's own address. A key of the
	// keychain or of a login goes there only where Agreed says that the user wants that.
	Elsewhere string `json:"elsewhere"`
	Agreed    bool   `json:"agreed"`
	// Agents are ids of the agents that may use it; empty for all.
	Agents []string `json:"agents"`
	// Protocols are those that it speaks; an agent that speaks none of them cannot use it.
	Protocols []ModelProtocol `json:"protocols"`
	// Models are those known without asking the agent, best first.
	Models []OptionValue `json:"models"`
}

// ProviderConfig is a source of models that the user added: any server that speaks one of the two protocols.
type ProviderConfig struct {
	ID       string `json:"id"` // in model names: lower-case letters, digits and -
	Name     string `json:"name"`
	Protocol string `json:"protocol"` // openai or anthropic
	URL      string `json:"url"`      // with or without /v1 at its end
	// Models are ids for a server that does not list its own.
	Models []string `json:"models"`
}

// Bounds of what a user may add.
const (
	maxProviders = 50
	maxModels    = 200
	maxKey       = 16 << 10
)

var providerForm = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,40}$`)

func (p ProviderConfig) valid() error {
	switch {
	case !providerForm.MatchString(p.ID):
		return newError(CodeInvalid, "A provider cannot have the id \""+p.ID+"\".", "Use lower-case letters, digits and -, at most 41.", nil)
	case p.Protocol != "openai" && p.Protocol != "anthropic":
		return newError(CodeInvalid, "There is no protocol \""+p.Protocol+"\".", "Choose openai or anthropic: what the server is compatible with.", nil)
	case len(p.Models) > maxModels:
		return newError(CodeInvalid, fmt.Sprintf("A provider takes at most %d models.", maxModels), "Name those that you use.", nil)
	}
	u, err := url.Parse(p.URL)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return newError(CodeInvalid, "The address is not an http or https URL.", "Give it as https://host/path.", err)
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return newError(CodeInvalid, "The address holds a password or a query, which would be sent in the open.", "Give the key on its own: it goes into the keychain.", nil)
	}
	return nil
}

// SaveProvider implements Operations: it adds an endpoint of the user's, in place of one of the same id.
func (m *Manager) SaveProvider(ctx context.Context, p ProviderConfig) error {
	p.Name, p.URL = strings.TrimSpace(p.Name), strings.TrimSpace(p.URL)
	if p.Name == "" {
		p.Name = p.ID
	}
	if p.Models == nil {
		p.Models = []string{}
	}
	if err := p.valid(); err != nil {
		return err
	}
	all, err := m.Broker.Providers(ctx)
	if err != nil {
		return err
	}
	if i := slices.IndexFunc(all, func(q Provider) bool { return q.ID == p.ID }); i >= 0 && all[i].Kind != ProviderOwn {
		return newError(CodeConflict, "There is a provider \""+p.ID+"\" already: "+all[i].Name+".", "Choose another id.", nil)
	}
	return m.changeProviders(ctx, func(own []ProviderConfig) ([]ProviderConfig, error) {
		if i := slices.IndexFunc(own, func(q ProviderConfig) bool { return q.ID == p.ID }); i >= 0 {
			own[i] = p
			return own, nil
		}
		if len(own) >= maxProviders {
			return nil, newError(CodeInvalid, fmt.Sprintf("There are %d providers already.", maxProviders), "Remove one first.", nil)
		}
		return append(own, p), nil
	})
}

// RemoveProvider implements Operations: an endpoint of the user's goes, and its key.
func (m *Manager) RemoveProvider(ctx context.Context, id string) error {
	err := m.changeProviders(ctx, func(own []ProviderConfig) ([]ProviderConfig, error) {
		rest := slices.DeleteFunc(own, func(q ProviderConfig) bool { return q.ID == id })
		if len(rest) == len(own) {
			return nil, newError(CodeNotFound, "You have added no provider \""+id+"\".", "`bga provider list` shows them all.", nil)
		}
		return rest, nil
	})
	if err != nil {
		return err
	}
	err = m.Vault.Delete(ctx, providerKey(id))
	m.Broker.Refresh()
	return err
}

func (m *Manager) changeProviders(ctx context.Context, f func([]ProviderConfig) ([]ProviderConfig, error)) error {
	m.writing.Lock()
	settings := m.Settings()
	own, err := f(slices.Clone(settings.Providers))
	if err == nil {
		settings.Providers = own
		err = m.record(ctx, Change{Settings: &settings})
	}
	m.writing.Unlock()
	m.Broker.Refresh()
	return err
}

func providerKey(id string) string { return "provider/" + id }

// SetProviderKey implements Operations: the key goes into the keychain and is never read back; "" removes it there.
func (m *Manager) SetProviderKey(ctx context.Context, id, key string) error {
	all, err := m.Broker.Providers(ctx)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(p Provider) bool { return p.ID == id })
	switch {
	case i < 0:
		return newError(CodeNotFound, "There is no provider \""+id+"\".", "`bga provider list` shows them all; add your own with `bga provider add`.", nil)
	case all[i].Kind == ProviderLogin || all[i].Kind == ProviderDemo:
		return newError(CodeInvalid, all[i].Name+" takes no key.", all[i].Hint, nil)
	}
	key = strings.TrimSpace(key)
	if len(key) > maxKey || strings.ContainsFunc(key, func(r rune) bool { return r < ' ' || r > '~' }) {
		return newError(CodeInvalid, "This is not a key: it is too long, or has characters that keys do not have.", "Copy the key alone, without quotes and on one line.", nil)
	}
	if key == "" {
		err = m.Vault.Delete(ctx, providerKey(id))
	} else {
		err = m.Vault.Set(ctx, providerKey(id), NewSecret(key))
	}
	m.Broker.Refresh()
	return err
}

// SetKeyAddress implements Operations. The address is the one that the user has seen: another one needs another yes.
func (m *Manager) SetKeyAddress(ctx context.Context, id, address string) error {
	if address != "" {
		all, err := m.Broker.Providers(ctx)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(p Provider) bool { return p.ID == id })
		switch {
		case i < 0:
			return newError(CodeNotFound, "There is no provider \""+id+"\".", "`bga provider list` shows them all.", nil)
		case all[i].Elsewhere == "":
			return newError(CodeInvalid, "The key for "+all[i].Name+" goes to the provider's own address.", "There is nothing to agree to.", nil)
		case all[i].URL != address:
			return newError(CodeConflict, all[i].Elsewhere+" names "+all[i].URL+", not "+address+".", "Look at the address again.", nil)
		}
	}
	m.writing.Lock()
	settings := m.Settings()
	settings.KeyAddresses = maps.Clone(settings.KeyAddresses)
	if delete(settings.KeyAddresses, id); address != "" {
		settings.KeyAddresses[id] = address
	}
	err := m.record(ctx, Change{Settings: &settings})
	m.writing.Unlock()
	m.Broker.Refresh()
	return err
}
