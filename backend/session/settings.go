package session

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
)

// firstSettings are those of an installation whose user has chosen nothing yet.
func firstSettings() Settings { return Settings{IdleMinutes: 30} }

// withDefaults fills in what was never chosen and bounds what was.
func (s Settings) withDefaults(agents []Agent) Settings {
	s.Concurrency = bound(cmp.Or(s.Concurrency, 2*runtime.NumCPU()), 1, 64)
	s.IdleMinutes = bound(s.IdleMinutes, 0, 7*24*60)
	s.BranchPrefix = cmp.Or(s.BranchPrefix, "agents/")
	s.Policy = cmp.Or(s.Policy, AllowAll)
	s.Network = cmp.Or(s.Network, Guarded)
	s.MemoryMB = bound(cmp.Or(s.MemoryMB, 4096), 512, 1<<20)
	s.CPUs = min(max(cmp.Or(s.CPUs, float64(runtime.NumCPU())), 0.1), float64(runtime.NumCPU()))
	s.Pids = bound(cmp.Or(s.Pids, 1024), 64, 1<<16)
	s.Theme = cmp.Or(s.Theme, "system")
	s.Density = cmp.Or(s.Density, "comfortable")
	s.FontSize = bound(cmp.Or(s.FontSize, 14), 10, 24)
	if s.Agents == nil {
		s.Agents = []AgentConfig{}
	}
	if s.Agent == "" && len(agents) > 0 {
		s.Agent = agents[0].ID
	}
	if s.Providers == nil {
		s.Providers = []ProviderConfig{}
	}
	if s.KeyAddresses == nil {
		s.KeyAddresses = map[string]string{}
	}
	return s
}

// agents returns the application's agents and the user's own.
func (s Settings) agents(known []Agent) []Agent {
	all := slices.Clone(known)
	for _, c := range s.Agents {
		all = append(all, c.agent())
	}
	return all
}

// inUse refuses to drop an agent of the user's that sessions have: they could not be resumed.
func (m *Manager) inUse(left []AgentConfig) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, c := range m.settings.Agents {
		if slices.ContainsFunc(left, func(l AgentConfig) bool { return l.ID == c.ID }) {
			continue
		}
		for _, s := range m.sessions {
			if s.Agent == c.ID {
				return newError(CodeConflict, c.Name+" still has sessions.", "Delete its sessions first.", nil)
			}
		}
	}
	return nil
}

func bound(n, low, high int) int { return min(max(n, low), high) }

// Settings returns the settings in force.
func (m *Manager) Settings() Settings {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.settings
}

// SaveSettings implements Operations.
func (m *Manager) SaveSettings(ctx context.Context, s Settings) error {
	if err := validPrefixName(s.BranchPrefix); err != nil {
		return err
	}
	if err := validAgents(s.Agents, m.Config.Agents); err != nil {
		return err
	}
	if err := m.inUse(s.Agents); err != nil {
		return err
	}
	if s.Agent != "" {
		if _, err := findAgent(s.agents(m.Config.Agents), s.Agent); err != nil {
			return err
		}
	}
	if err := validChoices(s.Policy, s.Network); err != nil {
		return err
	}
	if err := errors.Join(s.SessionBudget.valid(), s.DayBudget.valid()); err != nil {
		return err
	}
	s, err := m.updateSettings(ctx, func(now *Settings) error {
		if s.Rev != now.Rev {
			return errChanged("The settings")
		}
		s.Rev++
		s.Providers, s.Secrets, s.KeyAddresses = now.Providers, now.Secrets, now.KeyAddresses
		*now = s.withDefaults(m.Config.Agents)
		return nil
	})
	if err != nil {
		return err
	}
	m.wg.Go(func() { m.images.lookAll(m.ctx) }) // there may be an agent that was not there before
	m.slots.resize(s.Concurrency)
	m.wakeAll()
	return m.compareEnvironments(ctx, "")
}

func validPrefixName(prefix string) error {
	if strings.ContainsAny(prefix, " ~^:?*[\\\x00\n\t") || strings.Contains(prefix, "..") || strings.HasPrefix(prefix, "/") || strings.HasPrefix(prefix, "-") {
		return newError(CodeInvalid, "A branch cannot begin with \""+prefix+"\".", "Use letters, digits and /, such as agents/.", nil)
	}
	return nil
}

func validChoices(p Policy, n Network) error {
	switch p {
	case "", Ask, AllowEdits, AllowAll:
	default:
		return newError(CodeInvalid, "There is no permission policy \""+string(p)+"\".", "Choose ask, allow_edits or allow_all.", nil)
	}
	switch n {
	case "", Guarded, Offline, OpenNetwork:
		return nil
	}
	return newError(CodeInvalid, "There is no network policy \""+string(n)+"\".", "Choose guarded, offline or open.", nil)
}

func megabytes(n int) string {
	if n >= 1024 && n%1024 == 0 {
		return fmt.Sprintf("%d GB", n/1024)
	}
	return fmt.Sprintf("%d MB", n)
}
