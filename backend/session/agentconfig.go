package session

import (
	"fmt"
	"regexp"
	"strings"
)

// AgentConfig is an agent that the user added: any of the protocol's registry, by configuration alone.
type AgentConfig struct {
	ID      string   `json:"id"`
	Name    string   `json:"name"`
	Command []string `json:"command"`
	// Install says how the image gets it: npm (Package is the package's name), apt (names of packages) or shell (a command that root
	// runs while the image is built).
	Install string        `json:"install"`
	Package string        `json:"package"`
	Version string        `json:"version"` // of an npm package; "" for the newest when the image is built
	Env     []string      `json:"env"`
	Models  []ModelAccess `json:"models"`
}

// ownLayer is the stage of sandbox/Dockerfile that installs what it is told.
const ownLayer = "own"

// agent returns what sessions use.
func (c AgentConfig) agent() Agent {
	what := c.Package
	if c.Install == "npm" && c.Version != "" {
		what += "@" + c.Version
	}
	return Agent{
		ID: c.ID, Name: c.Name, Command: c.Command, Layer: ownLayer, Env: c.Env, Models: c.Models, Own: true,
		Args: map[string]string{"AGENT_INSTALL": c.Install, "AGENT_PACKAGE": what},
	}
}

// Bounds of what the user adds.
const (
	maxAgents   = 50
	maxWords    = 100 // of a command, and variables of an environment
	maxWordText = 8 << 10
)

var (
	agentID     = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,31}$`)
	variable    = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]{0,99}$`)
	npmPackage  = regexp.MustCompile(`^(@[a-z0-9~-][a-z0-9._~-]*/)?[a-z0-9~-][a-z0-9._~-]*$`)
	npmVersion  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.+_-]{0,60}$`)
	aptPackages = regexp.MustCompile(`^[a-z0-9][a-z0-9.+:~=-]*( [a-z0-9][a-z0-9.+:~=-]*)*$`)
)

// validAgents checks the user's agents; known are those of the application.
func validAgents(list []AgentConfig, known []Agent) error {
	if len(list) > maxAgents {
		return newError(CodeInvalid, fmt.Sprintf("There are more than %d agents of your own.", maxAgents), "Remove some.", nil)
	}
	taken := map[string]bool{}
	for _, a := range known {
		taken[a.ID] = true
	}
	for _, c := range list {
		if err := c.valid(); err != nil {
			return err
		}
		if taken[c.ID] {
			return newError(CodeInvalid, "There is an agent \""+c.ID+"\" already.", "Choose another id.", nil)
		}
		taken[c.ID] = true
	}
	return nil
}

func (c AgentConfig) valid() error {
	bad := func(message, hint string) error { return newError(CodeInvalid, message, hint, nil) }
	switch {
	case !agentID.MatchString(c.ID):
		return bad("\""+c.ID+"\" is no id for an agent.", "Use up to 32 lower-case letters, digits and -.")
	case strings.TrimSpace(c.Name) == "" || len(c.Name) > 80:
		return bad("The agent "+c.ID+" has no name of 1 to 80 characters.", "Give it one.")
	}
	if err := validCommand(c.Command); err != nil {
		return err
	}
	switch c.Install {
	case "npm":
		if !npmPackage.MatchString(c.Package) || len(c.Package) > 214 {
			return bad("\""+c.Package+"\" is no name of an npm package.", "Such as @qwen-code/qwen-code.")
		}
		if c.Version != "" && !npmVersion.MatchString(c.Version) {
			return bad("\""+c.Version+"\" is no version.", "Such as 1.2.3, or nothing for the newest.")
		}
	case "apt":
		if !aptPackages.MatchString(c.Package) || len(c.Package) > 1000 {
			return bad("\""+c.Package+"\" is no list of Debian packages.", "Write their names with a space between them.")
		}
	case "shell":
		if strings.TrimSpace(c.Package) == "" || len(c.Package) > maxWordText || strings.ContainsAny(c.Package, "\x00\n\r") {
			return bad("The command that installs "+c.Name+" is empty or has more than one line.", "Join commands with &&.")
		}
	default:
		return bad("\""+c.Install+"\" is no way to install an agent.", "Choose npm, apt or shell.")
	}
	if err := validEnv(c.Env); err != nil {
		return err
	}
	return c.validModels()
}

func (c AgentConfig) validModels() error {
	if len(c.Models) == 0 || len(c.Models) > 2 {
		return newError(CodeInvalid, c.Name+" does not say how it finds its models.", "Name the variables of its base URL and key.", nil)
	}
	for _, m := range c.Models {
		if m.Protocol != Anthropic && m.Protocol != OpenAI {
			return newError(CodeInvalid, "\""+string(m.Protocol)+"\" is no protocol of models.", "Choose anthropic or openai.", nil)
		}
		for what, name := range map[string]string{"base URL": m.BaseURL, "key": m.Key} {
			if !variable.MatchString(name) {
				return newError(CodeInvalid, "\""+name+"\" is no variable for the "+what+" of "+c.Name+".", "Such as OPENAI_BASE_URL and OPENAI_API_KEY.", nil)
			}
		}
		if m.Model != "" && !variable.MatchString(m.Model) {
			return newError(CodeInvalid, "\""+m.Model+"\" is no variable for the model of "+c.Name+".", "Such as OPENAI_MODEL, or nothing.", nil)
		}
	}
	return nil
}

func validCommand(words []string) error {
	if len(words) == 0 || len(words) > maxWords || strings.TrimSpace(words[0]) == "" {
		return newError(CodeInvalid, "The command is empty, or has too many words.", "Name a program of the sandbox's image.", nil)
	}
	for _, w := range words {
		if len(w) > maxWordText || strings.ContainsRune(w, 0) {
			return newError(CodeInvalid, "A word of the command is too long.", "Put it into a script of the project.", nil)
		}
	}
	return nil
}

func validEnv(env []string) error {
	if len(env) > maxWords {
		return newError(CodeInvalid, fmt.Sprintf("There are more than %d variables.", maxWords), "Remove some.", nil)
	}
	for _, e := range env {
		name, value, found := strings.Cut(e, "=")
		if !found || !variable.MatchString(name) || len(value) > maxWordText || strings.ContainsRune(value, 0) {
			return newError(CodeInvalid, "\""+firstLine(e, 60)+"\" is no variable.", "Write NAME=value.", nil)
		}
	}
	return nil
}
