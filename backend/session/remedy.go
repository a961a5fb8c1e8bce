package session

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

// Remedy is what provides a command that sandboxes lack: a tool in one of its versions, Debian packages, or with
// neither only Advice.
type Remedy struct {
	Tool     string
	Label    string   // of the tool, as users read it
	Versions []string // of the tool, newest first
	Packages []string
	Advice   Advice
	Kinds    []string // for AdviceInstall: kinds of ProjectPart whose dependencies have the command
}

// Part names what commands of one remedy have in common: a session is told of each part once.
func (r Remedy) Part() string { return cmp.Or(r.Tool, strings.Join(r.Packages, " "), string(r.Advice)) }

// Advice is what a user is told of a command that no environment provides.
type Advice string

// What is advised.
const (
	AdviceRoot    Advice = "*root"    // of root: packages are part of the project's environment
	AdviceDocker  Advice = "*docker"  // sandboxes run no containers
	AdviceInstall Advice = "*install" // a dependency of the project, which is not installed
)

// withRemedies returns entries with what the application makes of missing commands. It asks Environments, and so is not
// called under the write lock.
func (m *Manager) withRemedies(id ID, entries []Entry) []Entry {
	if !slices.ContainsFunc(entries, func(e Entry) bool { return e.Missing != nil }) {
		return entries
	}
	_, p, err := m.sessionProject(id)
	if err != nil {
		return entries
	}
	remedies := m.Environments.Remedies()
	return each(entries, func(e Entry) Entry {
		if e.Missing != nil {
			missing := *e.Missing
			missing.remedy = remedyFor(p, missing, remedies)
			e.Missing = &missing
		}
		return e
	})
}

// wantedCommands are those that a supervisor is to report when they are missing, with their parts.
func (m *Manager) wantedCommands(s Session, p Project) map[string]string {
	if p.NoEnvironment {
		return nil
	}
	wanted := map[string]string{}
	for command, r := range m.Environments.Remedies() {
		if part := r.Part(); !slices.Contains(s.Missing, part) && !slices.Contains(p.DeclinedTools, part) {
			wanted[command] = part
		}
	}
	return wanted
}

// remedyFor decides what the user is shown. Nothing where the user does not want to be asked, or the project's
// environment has it: a sandbox that was started before says so already.
func remedyFor(p Project, e EntryMissing, remedies map[string]Remedy) missingRemedy {
	r, known := remedies[e.Command]
	part := r.Part()
	if !known || p.NoEnvironment || slices.Contains(p.DeclinedTools, part) {
		return missingRemedy{}
	}
	if r.Advice != "" {
		return missingRemedy{part: part, notice: advice(p, e, r)}
	}
	var have Environment
	if p.Environment != nil {
		have = *p.Environment
	}
	card := &MissingTool{Command: e.Command, Wanted: e.Version, Packages: []string{}}
	if r.Tool == "" {
		if !slices.ContainsFunc(r.Packages, func(name string) bool { return !slices.Contains(have.Packages, name) }) {
			return missingRemedy{}
		}
		card.Packages, card.Label, card.From = r.Packages, strings.Join(r.Packages, ", "), askedBy(p, r.Packages[0])
		return missingRemedy{part: part, card: card}
	}
	enough := func(t Toolchain) bool { return t.Name == r.Tool && (e.Version == "" || atLeast(t.Version, e.Version)) }
	if slices.ContainsFunc(have.Tools, enough) {
		return missingRemedy{}
	}
	var proposed []Toolchain
	if p.Proposed != nil {
		proposed = p.Proposed.Tools
	}
	if i := slices.IndexFunc(proposed, enough); i >= 0 {
		card.Tool, card.From = proposed[i], askedBy(p, r.Tool)
	} else if i := slices.IndexFunc(r.Versions, func(v string) bool { return enough(Toolchain{r.Tool, v}) }); i >= 0 {
		card.Tool = Toolchain{r.Tool, r.Versions[i]}
	} else {
		return missingRemedy{} // no version that there is would do
	}
	card.Label = r.Label + " " + card.Tool.Version
	return missingRemedy{part: part, card: card}
}

// askedBy names the first file and line of the project that asks for a tool or package; a line that asks for a version
// goes before others.
func askedBy(p Project, name string) string {
	if p.Proposed == nil {
		return ""
	}
	found := ""
	for _, reason := range p.Proposed.Reasons {
		if reason.Tool != name || found != "" && reason.Wanted == "" {
			continue
		}
		found = reason.Path
		if reason.Line > 0 {
			found += ":" + strconv.Itoa(reason.Line)
		}
		if reason.Wanted != "" {
			break
		}
	}
	return found
}

// atLeast compares versions by their numbers; a part that is not a number counts as 0.
func atLeast(version, least string) bool {
	have, want := strings.Split(version, "."), strings.Split(least, ".")
	for i, text := range want {
		h := 0
		if i < len(have) {
			h, _ = strconv.Atoi(have[i])
		}
		if w, _ := strconv.Atoi(text); h != w {
			return h > w
		}
	}
	return true
}

// advice says what the user can do about a command that no environment provides.
func advice(p Project, e EntryMissing, r Remedy) string {
	env := "in its settings or with `bga env " + p.Name
	switch r.Advice {
	case AdviceRoot:
		for _, name := range e.Packages {
			if packageName.MatchString(name) {
				env += " --package " + name
			}
		}
		return "There is no root in this sandbox, so `" + e.Command + "` does not work. " +
			"Add packages to the project's environment, " + env + "`."
	case AdviceDocker:
		return "This sandbox runs no containers, so there is no `" + e.Command + "`. " +
			"Add the tools that the project needs to its environment, " + env + "`."
	}
	text := "`" + e.Command + "` is one of the project's own dependencies, which are not installed in this sandbox."
	if p.Proposed == nil {
		return text
	}
	for _, part := range p.Proposed.Parts {
		if part.Install != "" && slices.Contains(r.Kinds, part.Kind) {
			return text + " This installs them: `" + part.Install + "`."
		}
	}
	return text
}
