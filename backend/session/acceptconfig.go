package session

import (
	"context"
	"strings"
)

// broken reports whether a file has errors, so that nothing of it is used.
func (f *ConfigFile) broken() bool { return f != nil && len(f.Problems) > 0 }

func brokenConfig(f *ConfigFile) *Error {
	return newError(CodeInvalid, "The proposal can't be accepted: "+f.Path+" has an error in "+f.Problems[0].String(),
		"Fix the file and commit it, or set the environment by hand.", nil)
}

// open reports whether a proposal waits for the user's answer.
func (p Project) open(proposed EnvironmentProposal) bool {
	if p.NoEnvironment || proposed.Config.broken() {
		return false
	}
	accepted := ""
	if p.Environment != nil {
		accepted = p.Environment.String()
	}
	return !sameConfiguration(proposed.Configuration, p.FromFile) ||
		!proposed.bare() && proposed.Environment.String() != accepted
}

// accept makes a proposal the project's environment. What its user set by hand beside the file stays.
func (p *Project) accept(e Environment) {
	var mine Configuration
	if p.Environment != nil {
		mine = p.Environment.Configuration
	}
	fromFile := e.Configuration
	e.Configuration = fromFile.carry(mine, p.FromFile)
	p.Environment, p.FromFile, p.NoEnvironment = &e, fromFile, false
	if e.Empty() {
		p.Environment = nil
	}
}

// SaveConfiguration implements Operations. It writes what the project's sandboxes have as ConfigPath into the user's
// checkout.
func (m *Manager) SaveConfiguration(ctx context.Context, id ProjectID) (string, error) {
	p, err := m.project(id)
	if err != nil {
		return "", err
	}
	if p.Environment == nil {
		return "", newError(CodeInvalid, "There is nothing to save: the project's sandboxes have the base image alone.",
			"Accept the proposal, or set tools or commands first.", nil)
	}
	text, err := m.Environments.Render(*p.Environment)
	if err != nil {
		return "", err
	}
	return m.Git.SaveFile(ctx, p, ConfigPath, text)
}

// sayEnvironment tells in the transcript of a new clone what the project's files ask for and the sandbox does not have,
// unless its user does not want to be asked.
func (r *runner) sayEnvironment(ctx context.Context, link Link, s Session, p Project) error {
	if link.Epoch() == s.Cursor.Epoch && !s.Bare || p.NoEnvironment || p.Proposed == nil {
		return nil
	}
	texts := p.notices(*p.Proposed)
	if len(texts) == 0 {
		return nil
	}
	_, err := r.m.update(ctx, r.id, func(_ *Session, b *batch) error {
		for _, text := range texts {
			notice(b, text)
		}
		return nil
	})
	return err
}

// notices say what a new session does not have of a proposal.
func (p Project) notices(proposed EnvironmentProposal) (texts []string) {
	until := " until you accept the proposal in the project's settings, or with `bga env " + p.Name + "`."
	if p.Environment == nil && !proposed.bare() {
		texts = append(texts, "This project seems to need what the sandbox does not have: "+proposed.Environment.String()+
			". The agent works without it"+until)
	}
	switch {
	case proposed.Config.broken():
		texts = append(texts,
			proposed.Config.Path+" has an error, so nothing of it is used: "+proposed.Config.Problems[0].String()+
				" Sandboxes keep what was accepted before.")
	case !sameConfiguration(proposed.Configuration, p.FromFile):
		texts = append(texts, ConfigPath+" changed ("+strings.Join(changedKeys(proposed.Configuration, p.FromFile), ", ")+
			"). Sandboxes keep what was accepted before"+until)
	}
	return texts
}

// changedKeys are the keys in which two configurations differ.
func changedKeys(a, b Configuration) (keys []string) {
	if !sameConfiguration(Configuration{Variables: a.Variables}, Configuration{Variables: b.Variables}) {
		keys = append(keys, "variables")
	}
	others := b.Commands()
	for i, c := range a.Commands() {
		if strings.Join(c.Lines, "\x00") != strings.Join(others[i].Lines, "\x00") {
			keys = append(keys, c.Key)
		}
	}
	return keys
}
