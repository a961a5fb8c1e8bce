package environment

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"path"
	"slices"

	"background-agents/backend/projectconfig"
	"background-agents/backend/session"
)

// readConfig reads the project's own configuration. What it asks for goes before what other files do. It is nil where
// there is none; a link at its path is none.
func (d *detector) readConfig(files session.FileTree) (session.Configuration, *session.ConfigFile) {
	if !slices.Contains(files.Paths(), session.ConfigPath) {
		return session.Configuration{}, nil
	}
	out := &session.ConfigFile{Path: session.ConfigPath, Lines: map[string]int{}, Problems: []session.ConfigProblem{}}
	data, err := files.Read(session.ConfigPath)
	if err != nil {
		out.Problems = append(out.Problems, session.ConfigProblem{Text: "The file can't be read."})
		return session.Configuration{}, out
	}
	sum := sha256.Sum256(data)
	out.Hash = hex.EncodeToString(sum[:])
	parsed := projectconfig.Parse(data)
	if len(parsed.Problems) > 0 {
		out.Problems = parsed.Problems
		return session.Configuration{}, out
	}
	out.Lines = parsed.Lines
	// Its place is before all others, and it is for the top folder.
	f := file{path: session.ConfigPath, base: path.Base(session.ConfigPath), place: -1}
	for _, t := range parsed.Tools {
		d.configuredTool(at{f, t.Line}, t.Name, t.Version)
	}
	d.configured = len(parsed.Packages)
	for _, p := range parsed.Packages {
		d.debian(at{f, p.Line}, p.Name)
	}
	return parsed.Configuration, out
}

// configuredTool takes a version as the application itself shows and writes it, or else as asdf and mise do: 24, lts.
func (d *detector) configuredTool(a at, name, wanted string) {
	tool := cmp.Or(managed[name], name)
	switch {
	case slices.Contains(d.versions(tool), wanted):
		d.pin(a, tool, wanted, rankConfig).fits = func(v version) bool { return v.text == wanted }
	case managed[name] == "" && len(d.versions(tool)) > 0:
		d.pin(a, tool, wanted, rankConfig)
	default:
		d.managed(a, name, wanted, rankConfig)
	}
}

// Render implements session.Environments.
func (*Environments) Render(e session.Environment) ([]byte, error) {
	data, err := projectconfig.Render(e)
	if err != nil {
		return nil, err
	}
	if problems := projectconfig.Parse(data).Problems; len(problems) > 0 {
		return nil, &session.Error{Code: session.CodeInvalid,
			Message: "This environment can't be written to a file: " + problems[0].Text, Hint: "Leave some of it out."}
	}
	return data, nil
}
