package session

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
)

// Environments knows what projects need, and what gives it.
type Environments interface {
	// Detect reads what a project needs from its files, as data: nothing of them runs.
	Detect(files FileTree) EnvironmentProposal
	// Remedies are what provides the commands that sandboxes may lack, by command. Nobody changes them.
	Remedies() map[string]Remedy
	// Plan says what an environment is made of, or returns an *Error that names what there is not.
	Plan(e Environment) (EnvironmentPlan, error)
	// Fetch downloads and verifies the archives of a tool for a processor, and calls f with them; they are gone when it
	// returns. tell is called with the bytes that were read, and how many there are as far as that is known.
	Fetch(ctx context.Context, t Toolchain, arch string, tell func(read, whole int64), f func(ToolArchives) error) error
	// Render writes an environment as the text of a configuration file, from which Detect reads the same.
	Render(e Environment) ([]byte, error)
}

// EnvironmentPlan is what sandboxes are made with for an environment.
type EnvironmentPlan struct {
	Packages  [][]string  // of Debian, as in ImageSpec: those of tools, and the environment's own
	Tools     []Toolchain // those that are volumes
	Path      []string    // folders before the image's own PATH
	Variables []string    // NAME=value
	Untried   []Toolchain // those of Tools that were tested against a stand-in for their maker alone
}

// ProjectEnvironment is what is known of a project's environment. Accepted is nil where sandboxes have the base image
// alone.
type ProjectEnvironment struct {
	EnvironmentProposal
	Accepted *Environment `json:"accepted"`
	Limits   Limits       `json:"limits"` // what each of its sandboxes gets
	Never    bool         `json:"never"`  // the user does not want to be asked
	Open     bool         `json:"open"`   // the proposal is another than what was accepted, and waits for an answer
	// Untried are tools of the proposal that were never fetched from their makers when this version was tested.
	Untried []Toolchain `json:"untried"`
}

// EnvironmentChoice is what the user says to a proposal: one of its fields.
type EnvironmentChoice struct {
	Accept string       `json:"accept,omitempty"` // the hash of the proposal that was shown
	Set    *Environment `json:"set,omitempty"`    // the user's own; an empty one takes back what was accepted
	Add    *Environment `json:"add,omitempty"`    // beside what was accepted
	Never  bool         `json:"never,omitempty"`  // keeps the base image and asks no more
}

// Empty reports whether the environment has nothing beside the base image.
func (e Environment) Empty() bool { return e.bare() && e.Configuration.Empty() }

// bare reports whether the environment has no tool and no package.
func (e Environment) bare() bool { return len(e.Tools) == 0 && len(e.Packages) == 0 }

// plus returns the environment with another; nil has nothing.
func (e *Environment) plus(more Environment) Environment {
	if e == nil {
		return more
	}
	whole := *e
	whole.Tools, whole.Packages = slices.Concat(e.Tools, more.Tools), slices.Concat(e.Packages, more.Packages)
	return whole
}

// String lists tools and packages: "go 1.25.4, gcc, libpq-dev".
func (e Environment) String() string {
	var names []string
	for _, t := range e.Tools {
		names = append(names, t.Name+" "+t.Version)
	}
	return strings.Join(append(names, e.Packages...), ", ")
}

// ProjectEnvironment implements Operations. It reads the files of the branch that new sessions start from.
func (m *Manager) ProjectEnvironment(ctx context.Context, id ProjectID) (ProjectEnvironment, error) {
	p, err := m.project(id)
	if err != nil {
		return ProjectEnvironment{}, err
	}
	proposed, err := m.propose(ctx, p)
	if err != nil {
		return ProjectEnvironment{}, err
	}
	p, err = m.project(id)
	if err != nil {
		return ProjectEnvironment{}, err
	}
	plan, err := m.Environments.Plan(proposed.Environment)
	return ProjectEnvironment{
		EnvironmentProposal: proposed, Accepted: p.Environment, Never: p.NoEnvironment, Open: p.open(proposed),
		Limits:  m.Settings().LimitsOf(p),
		Untried: append([]Toolchain{}, plan.Untried...),
	}, err
}

// propose reads what the project needs now, and keeps it for those who watch.
func (m *Manager) propose(ctx context.Context, p Project) (EnvironmentProposal, error) {
	commit, err := m.Git.Resolve(ctx, p, m.currentBranch(ctx, p, ""))
	if err != nil {
		return EnvironmentProposal{}, err
	}
	var found EnvironmentProposal
	err = m.Git.ReadFiles(ctx, p, commit, func(files FileTree) error {
		found = m.Environments.Detect(files)
		return nil
	})
	if err != nil {
		return EnvironmentProposal{}, err
	}
	found.Commit = commit
	if p.Proposed != nil && p.Proposed.Hash == found.Hash && p.Proposed.Commit == commit {
		return found, nil
	}
	_, err = m.updateProject(ctx, p.ID, func(p *Project) error { p.Proposed = &found; return nil })
	return found, err
}

// lookAtEnvironment reads what the project needs in the background, for those who watch, where its files have changed
// since it was read last: at is the commit that they would be read from, "" where that is not known.
func (m *Manager) lookAtEnvironment(p Project, at string) {
	if p.Proposed != nil && p.Proposed.Commit == at {
		return
	}
	m.wg.Go(func() {
		if _, err := m.propose(m.ctx, p); err != nil && m.ctx.Err() == nil {
			m.Log.Warn("read what the project needs", "project", p.ID, "err", err)
		}
	})
}

// SetEnvironment implements Operations. A yes is for one project and exactly the proposal that was shown.
func (m *Manager) SetEnvironment(ctx context.Context, id ProjectID, yes EnvironmentChoice) (ProjectEnvironment, error) {
	now, err := m.ProjectEnvironment(ctx, id)
	if err != nil {
		return now, err
	}
	var chosen *Environment
	switch {
	case yes.Accept != "":
		if yes.Accept != now.Hash {
			return now, newError(CodeConflict, "The proposal is not the one that was shown: the project's files have changed since. Nothing was saved.",
				"Look at it again, and accept what it is now.", nil)
		}
		if now.Config.broken() {
			return now, brokenConfig(now.Config)
		}
		if _, err := validConfiguration(now.Configuration); err != nil { // whatever read the file
			return now, err
		}
		chosen = &now.Environment
	case yes.Add != nil:
		if chosen, err = validEnvironment(now.Accepted.plus(*yes.Add)); err != nil {
			return now, err
		}
	case yes.Set != nil && !yes.Set.Empty():
		if chosen, err = validEnvironment(*yes.Set); err != nil {
			return now, err
		}
	}
	var plan EnvironmentPlan
	if chosen != nil {
		if plan, err = m.Environments.Plan(*chosen); err != nil {
			return now, err
		}
	}
	p, err := m.updateProject(ctx, id, func(p *Project) error {
		switch {
		case yes.Never:
			p.NoEnvironment = true // what was accepted stays
		case yes.Accept != "":
			p.accept(now.Environment)
		case chosen == nil: // also what came from the file, which is proposed again
			p.Environment, p.FromFile = nil, Configuration{}
		case yes.Add != nil:
			whole, err := validEnvironment(p.Environment.plus(*yes.Add)) // as it is now
			if err != nil {
				return err
			}
			p.Environment = whole
		default:
			p.Environment = chosen
		}
		return nil
	})
	if err == nil && len(plan.Packages) > 0 {
		if agent, known := m.agent(cmp.Or(p.Defaults.Agent, m.Settings().Agent)); known == nil {
			m.images.begin(ImageSpec{Agent: agent, Packages: plan.Packages}) // for the session that is started next
		}
	}
	if err == nil {
		err = m.compareEnvironments(ctx, id)
	}
	m.wg.Go(func() { m.pruneTools(m.ctx) })
	now.Accepted, now.Never, now.Open = p.Environment, p.NoEnvironment, p.open(now.EnvironmentProposal)
	return now, err
}

// pruneTools removes the tools that no project has any more.
func (m *Manager) pruneTools(ctx context.Context) {
	m.mu.Lock()
	projects := slices.Collect(maps.Values(m.projects))
	m.mu.Unlock()
	var keep []Toolchain
	for _, p := range projects {
		plan, err := m.plan(p)
		if err != nil {
			return // what it has is not known: better too many than too few
		}
		keep = append(keep, plan.Tools...)
	}
	if err := m.Engine.PruneTools(ctx, keep); err != nil && ctx.Err() == nil {
		m.Log.Warn("remove tools that no project has", "err", err)
	}
}

// validEnvironment brings a user's environment into order, each entry once.
func validEnvironment(e Environment) (*Environment, error) {
	if len(e.Tools) > MaxEnvTools || len(e.Packages) > MaxEnvPackages {
		return nil, newError(CodeInvalid, "An environment has at most 40 tools and 200 packages.", "Leave some out.", nil)
	}
	for _, name := range e.Packages {
		if err := CheckPackage(name); err != nil {
			return nil, err
		}
	}
	config, err := validConfiguration(e.Configuration)
	if err != nil {
		return nil, err
	}
	out := Environment{Tools: append([]Toolchain{}, e.Tools...), Packages: append([]string{}, e.Packages...),
		Configuration: config}
	slices.SortFunc(out.Tools, func(a, b Toolchain) int {
		return strings.Compare(a.Name+" "+a.Version, b.Name+" "+b.Version)
	})
	slices.Sort(out.Packages)
	out.Tools, out.Packages = slices.Compact(out.Tools), slices.Compact(out.Packages)
	return &out, nil
}

// plan returns what the project's sandboxes are made with.
func (m *Manager) plan(p Project) (EnvironmentPlan, error) {
	if p.Environment == nil {
		return EnvironmentPlan{}, nil
	}
	return m.Environments.Plan(*p.Environment)
}
