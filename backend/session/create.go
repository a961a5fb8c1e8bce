package session

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"unicode"
)

// Create implements Operations. It records the session as starting and returns; the rest comes as events.
func (m *Manager) Create(ctx context.Context, n NewSession) (Session, error) {
	p, err := m.project(n.Project)
	if err != nil {
		return Session{}, err
	}
	settings := m.Settings()
	d := p.Defaults
	if _, err := m.agent(d.Agent); err != nil && d.Agent != "" {
		d.Agent, d.Model, d.Effort, d.Mode = "", "", "", "" // it was one of the user's, and is gone
	}
	agent, err := m.agent(cmp.Or(n.Agent, d.Agent, settings.Agent))
	if err != nil {
		return Session{}, err
	}
	if err := validChoices(n.Policy, n.Network); err != nil {
		return Session{}, err
	}
	base := n.Base
	if base == "" {
		base = m.currentBranch(ctx, p, n.Folder)
	}
	commit, err := m.Git.Resolve(ctx, p, base)
	if err != nil {
		return Session{}, err
	}
	named := n.Title != ""
	title := cmp.Or(firstLine(n.Title, 80), firstLine(n.Prompt.Text, 80), "New session")
	branch, err := m.branchFor(ctx, p, n.Branch, settings.BranchPrefix+slug(title))
	if err != nil {
		return Session{}, err
	}
	s := Session{
		ID: ID(newID()), Project: p.ID, Title: title, Named: named, Agent: agent.ID,
		Policy: cmp.Or(n.Policy, d.Policy, settings.Policy), Network: cmp.Or(n.Network, d.Network, settings.Network),
		BaseRef: base, BaseCommit: commit, Branch: branch, Status: Starting, Sandbox: SandboxNone,
		Options: []Option{}, Commands: []Command{}, Prompts: []Prompt{}, Timings: map[string]int{}, Secrets: []SecretEntry{}, Mounts: []string{},
		Result:    Verified{Risky: []string{}},
		CreatedAt: m.now(), UpdatedAt: m.now(), TurnedAt: m.now(),
	}
	s.Model, s.Effort, s.Mode = n.Model, n.Effort, n.Mode
	if cmp.Or(d.Agent, settings.Agent) == agent.ID { // what was remembered belongs to that agent
		s.Model, s.Effort, s.Mode = cmp.Or(s.Model, d.Model), cmp.Or(s.Effort, d.Effort), cmp.Or(s.Mode, d.Mode)
	}
	if n.Model == "" && strings.HasPrefix(s.Model, ProviderDemo+"/") {
		s.Model = "" // it was chosen for another session, and does no real work
	}
	if s.Model == "" {
		if err := m.Broker.Usable(ctx, agent); err != nil {
			return Session{}, err
		}
	}
	if n.Prompt.Text != "" || len(n.Prompt.Attachments) > 0 {
		prompt, err := m.checkPrompt(n.Prompt)
		if err != nil {
			return Session{}, err
		}
		s.Prompts = []Prompt{prompt}
	}
	s, err = m.begin(ctx, s)
	if err == nil {
		m.lookAtEnvironment(p, commit)
	}
	return s, err
}

// branchFor returns a new session's branch: the name that the user asked for, or a free one like wish.
func (m *Manager) branchFor(ctx context.Context, p Project, asked, wish string) (string, error) {
	if asked == "" {
		return m.Git.FreeBranch(ctx, p, wish)
	}
	err := m.Git.CheckBranch(ctx, p, asked)
	m.mu.Lock()
	for _, other := range m.sessions {
		if err == nil && other.Project == p.ID && other.Branch == asked { // maybe not published yet
			err = newError(CodeBranchExists, "The branch "+asked+" belongs to another session.", "", nil)
		}
	}
	m.mu.Unlock()
	if code := CodeOf(err); code != CodeInvalid && code != CodeBranchExists {
		return asked, err
	}
	e := *AsError(err)
	e.Hint = "Choose another name."
	if free, err := m.Git.FreeBranch(ctx, p, asked); err == nil && free != asked {
		e.Hint = "Choose another name, such as " + free + "."
	}
	return "", &e
}

// currentBranch is what a session starts from where its user names nothing: a branch by its name, so that the base
// stays the same when the user goes to another. In a linked worktree it is the one that is checked out there.
func (m *Manager) currentBranch(ctx context.Context, p Project, folder string) string {
	if folder != "" {
		if repo, err := m.Git.Inspect(ctx, folder); err == nil && repo.Path == p.Path && repo.Worktree != "" {
			return cmp.Or(repo.Branch, repo.Head)
		}
	}
	refs, err := m.Git.Refs(ctx, p, "")
	if err != nil || !slices.Contains(refs.Local, refs.Current) {
		return "HEAD"
	}
	return refs.Current
}

// begin stores a new session, starts it and returns it as it is stored: branches of sessions that are not published yet
// count as taken. What its user chose for it is no default of the project's.
func (m *Manager) begin(ctx context.Context, s Session) (Session, error) {
	m.writing.Lock()
	defer m.writing.Unlock()
	if _, err := m.project(s.Project); err != nil {
		return Session{}, err // it was removed meanwhile
	}
	m.mu.Lock()
	for _, other := range m.sessions {
		if other.Project == s.Project && other.Branch == s.Branch {
			s.Branch += "-" + string(s.ID)
		}
	}
	m.mu.Unlock()
	r := newRunner(m, s.ID)
	if err := m.record(ctx, Change{Session: &s}); err != nil {
		return Session{}, err
	}
	m.mu.Lock()
	m.runners[s.ID] = r
	m.mu.Unlock()
	m.launch(r)
	return s, nil
}

// slug makes a short name for a branch of a title: at most six words of letters and digits.
func slug(title string) string {
	words := strings.FieldsFunc(strings.ToLower(title), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	out := ""
	for i, w := range words {
		if i == 6 || len(out)+len(w) > 48 {
			break
		}
		if out != "" {
			out += "-"
		}
		out += w
	}
	return cmp.Or(validPrefix(out, 48), "session")
}
