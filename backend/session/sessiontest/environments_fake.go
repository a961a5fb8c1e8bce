package sessiontest

import (
	"context"
	"hash/fnv"
	"strconv"
	"strings"

	"background-agents/backend/session"
)

// Environments is a session.Environments: a project needs the packages that its file "needs" lists, and the tool go in
// the version that its file "go" holds. There is no package "unknown".
type Environments struct{}

// Detect implements session.Environments.
func (Environments) Detect(files session.FileTree) session.EnvironmentProposal {
	p := session.EnvironmentProposal{
		Environment: session.Environment{Tools: []session.Toolchain{}, Packages: []string{}},
		Reasons:     []session.NeedReason{}, Parts: []session.ProjectPart{}, Unknown: []session.UnknownDemand{},
	}
	config, err := files.Read(session.ConfigPath)
	if err == nil {
		p.Hash = string(config)
		p.Configuration, p.Config = configuration(string(config))
	}
	if version, err := files.Read("go"); err == nil {
		p.Tools = append(p.Tools, session.Toolchain{Name: "go", Version: string(version)})
		p.Reasons = append(p.Reasons, session.NeedReason{
			Tool: "go", Wanted: string(version), Rule: session.DemandPin, Path: "go", Line: 1,
		})
		p.Parts = append(p.Parts, session.ProjectPart{Kind: "go", Install: "go mod download"})
	}
	text, err := files.Read("needs")
	if err != nil {
		return p
	}
	p.Packages = strings.Fields(string(text))
	sum := fnv.New64()
	_, _ = sum.Write(text)
	p.Hash += strconv.FormatUint(sum.Sum64(), 16)
	for _, name := range p.Packages {
		p.Reasons = append(p.Reasons, session.NeedReason{Tool: name, Rule: session.DemandAny, Path: "needs", Line: 1})
	}
	return p
}

// configuration reads lines such as "setup: make" and "variable: A=b". Any other line is a problem.
func configuration(text string) (c session.Configuration, file *session.ConfigFile) {
	file = &session.ConfigFile{Path: session.ConfigPath, Hash: text, Lines: map[string]int{},
		Problems: []session.ConfigProblem{}}
	for i, line := range strings.Split(text, "\n") {
		key, value, _ := strings.Cut(line, ": ")
		switch key {
		case "setup":
			c.Setup = append(c.Setup, value)
		case "start":
			c.Start = append(c.Start, value)
		case "variable":
			c.Variables = append(c.Variables, value)
		default:
			file.Problems = append(file.Problems, session.ConfigProblem{Line: i + 1, Text: "There is no key \"" + key +
				"\" here."})
			return session.Configuration{}, file
		}
		file.Lines[strings.Replace(key, "variable", "variables", 1)] = i + 1
	}
	return c, file
}

// Render implements session.Environments.
func (Environments) Render(e session.Environment) ([]byte, error) {
	var lines []string
	for _, text := range e.Setup {
		lines = append(lines, "setup: "+text)
	}
	for _, text := range e.Start {
		lines = append(lines, "start: "+text)
	}
	for _, text := range e.Variables {
		lines = append(lines, "variable: "+text)
	}
	return []byte(strings.Join(lines, "\n")), nil
}

// Remedies implements session.Environments.
func (Environments) Remedies() map[string]session.Remedy {
	golang := session.Remedy{Tool: "go", Label: "Go", Versions: []string{"1.26.4", "1.25.4", "1.24.4"}}
	return map[string]session.Remedy{
		"go": golang, "gofmt": golang, "psql": {Packages: []string{"postgresql-client"}},
		"ruby":  {Tool: "ruby", Label: "Ruby", Versions: []string{"3.1"}},
		"php":   {Tool: "php", Label: "PHP", Versions: []string{"8.2"}},
		"cargo": {Tool: "rust", Label: "Rust", Versions: []string{"1.98.0"}},
		"sudo":  {Advice: session.AdviceRoot}, "docker": {Advice: session.AdviceDocker},
		"tsc": {Advice: session.AdviceInstall, Kinds: []string{"go"}},
	}
}

// Fetch implements session.Environments.
func (Environments) Fetch(_ context.Context, t session.Toolchain, arch string, _ func(read, whole int64), f func(session.ToolArchives) error) error {
	return f(session.ToolArchives{Digest: t.String() + " for " + arch})
}

// Plan implements session.Environments.
func (Environments) Plan(e session.Environment) (session.EnvironmentPlan, error) {
	for _, name := range e.Packages {
		if name == "unknown" {
			return session.EnvironmentPlan{}, &session.Error{Code: session.CodeInvalid, Message: "There is no package unknown.", Hint: "Name another."}
		}
	}
	plan := session.EnvironmentPlan{Tools: e.Tools}
	if len(e.Packages) > 0 {
		plan.Packages = [][]string{e.Packages}
	}
	return plan, nil
}
