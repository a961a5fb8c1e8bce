package session

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// ConfigPath is the file by which a repository configures its sandboxes, after its user approved it.
const ConfigPath = ".background-agents/config.yaml"

// Configuration is what a project's sandboxes set and run beside its tools. Each command is a script for sh.
type Configuration struct {
	Variables []string `json:"variables,omitempty"` // NAME=value, in order of name, each name once
	Setup     []string `json:"setup,omitempty"`     // once for each new clone, instead of setup.sh
	Start     []string `json:"start,omitempty"`     // each time a sandbox starts, instead of start.sh
	Run       []string `json:"run,omitempty"`       // Run, Test and Archive are stored and shown; nothing runs them
	Test      []string `json:"test,omitempty"`
	Archive   []string `json:"archive,omitempty"`
}

// Bounds of a configuration.
const (
	MaxVariables     = 100
	MaxVariableValue = 4 << 10 // bytes
	MaxCommands      = 20      // of one key
	MaxCommand       = 8 << 10 // bytes
	MaxEnvTools      = 40
	MaxEnvPackages   = 200
)

// ConfigFile is what is known of a repository's ConfigPath. With Problems, nothing of it is used.
type ConfigFile struct {
	Path     string          `json:"path"`
	Hash     string          `json:"hash"`     // SHA-256 of its bytes
	Lines    map[string]int  `json:"lines"`    // of its keys: setup, start, variables, ...
	Problems []ConfigProblem `json:"problems"` // in order of their lines
}

// ConfigProblem is one error in a configuration file.
type ConfigProblem struct {
	Line int    `json:"line"` // 0 where it is the file as a whole
	Text string `json:"text"` // a sentence
}

// String is "line 3: sentence".
func (p ConfigProblem) String() string {
	if p.Line == 0 {
		return p.Text
	}
	return fmt.Sprintf("line %d: %s", p.Line, p.Text)
}

// Commands are a configuration's commands by their keys, in the order in which they are shown.
func (c Configuration) Commands() []NamedCommands {
	return []NamedCommands{{"setup", c.Setup}, {"start", c.Start}, {"run", c.Run}, {"test", c.Test},
		{"archive", c.Archive}}
}

// NamedCommands are the commands of one key.
type NamedCommands struct {
	Key   string
	Lines []string
}

// Empty reports whether nothing is configured.
func (c Configuration) Empty() bool {
	return len(c.Variables) == 0 &&
		!slices.ContainsFunc(c.Commands(), func(n NamedCommands) bool { return len(n.Lines) > 0 })
}

// sameConfiguration reports whether both set and run the same.
func sameConfiguration(a, b Configuration) bool {
	return slices.Equal(a.Variables, b.Variables) &&
		slices.EqualFunc(a.Commands(), b.Commands(), func(a, b NamedCommands) bool { return slices.Equal(a.Lines, b.Lines) })
}

// carry returns c with what mine has and c has not, except what came from fromFile: accepting a file's configuration
// keeps what the user set by hand, and drops what an earlier version of the file said.
func (c Configuration) carry(mine, fromFile Configuration) Configuration {
	keep := func(new, mine, fromFile []string) []string {
		if len(new) == 0 && !slices.Equal(mine, fromFile) {
			return mine
		}
		return new
	}
	out := Configuration{
		Setup: keep(c.Setup, mine.Setup, fromFile.Setup), Start: keep(c.Start, mine.Start, fromFile.Start),
		Run: keep(c.Run, mine.Run, fromFile.Run), Test: keep(c.Test, mine.Test, fromFile.Test),
		Archive: keep(c.Archive, mine.Archive, fromFile.Archive), Variables: slices.Clone(c.Variables),
	}
	set := map[string]bool{}
	for _, v := range c.Variables {
		set[variableName(v)] = true
	}
	for _, v := range mine.Variables {
		if !set[variableName(v)] && !slices.Contains(fromFile.Variables, v) {
			out.Variables = append(out.Variables, v)
		}
	}
	slices.SortFunc(out.Variables, CompareVariables)
	return out
}

func variableName(pair string) string {
	name, _, _ := strings.Cut(pair, "=")
	return name
}

// CompareVariables orders variables by name.
func CompareVariables(a, b string) int { return strings.Compare(variableName(a), variableName(b)) }

// validConfiguration returns a user's configuration in order, without blank commands.
func validConfiguration(c Configuration) (Configuration, error) {
	var out Configuration
	if len(c.Variables) > MaxVariables {
		return out, newError(CodeInvalid, fmt.Sprintf("A project has at most %d variables.", MaxVariables), "Remove some.",
			nil)
	}
	out.Variables = slices.SortedFunc(slices.Values(c.Variables), CompareVariables)
	for i, pair := range out.Variables {
		name, value, ok := strings.Cut(pair, "=")
		if !ok {
			return out, newError(CodeInvalid, strconv.Quote(pair)+" is not a variable.", "Write it as NAME=value.", nil)
		}
		if err := CheckVariable(name, value); err != nil {
			return out, err
		}
		if i > 0 && variableName(out.Variables[i-1]) == name {
			return out, newError(CodeInvalid, "The variable "+name+" is set twice.", "Remove one of them.", nil)
		}
	}
	for _, k := range []struct {
		from []string
		into *[]string
	}{{c.Setup, &out.Setup}, {c.Start, &out.Start}, {c.Run, &out.Run}, {c.Test, &out.Test}, {c.Archive, &out.Archive}} {
		for _, text := range k.from {
			if text = strings.TrimSpace(text); text == "" {
				continue
			}
			if err := CheckCommand(text); err != nil {
				return out, err
			}
			*k.into = append(*k.into, text)
		}
		if len(*k.into) > MaxCommands {
			return out, newError(CodeInvalid, fmt.Sprintf("There are more than %d commands in one list.", MaxCommands),
				"Put them into a script and run that.", nil)
		}
	}
	return out, nil
}

// CheckCommand refuses a command that is not what it looks like, or is too long.
func CheckCommand(text string) error {
	if len(text) > MaxCommand {
		return newError(CodeInvalid, "A command is longer than 8 KB.", "Put it into a script and run that.", nil)
	}
	return checkVisible("A command", text, "\n\t")
}

// checkVisible refuses text of which a part can't be seen, or is seen elsewhere than it is.
func checkVisible(what, text, allowed string) error {
	if !utf8.ValidString(text) {
		return newError(CodeInvalid, what+" is not valid UTF-8.", "Save it as UTF-8.", nil)
	}
	for _, r := range text {
		if unicode.IsPrint(r) || strings.ContainsRune(allowed, r) {
			continue
		}
		return newError(CodeInvalid, fmt.Sprintf("%s has the invisible character U+%04X.", what, r), "Remove it.", nil)
	}
	return nil
}

// The patterns of names that a configuration file may have.
const (
	VariablePattern = `^[A-Za-z_][A-Za-z0-9_]{0,63}$`
	PackagePattern  = `^[a-z0-9][a-z0-9+.-]{1,127}$`
)

var (
	variablePattern = regexp.MustCompile(VariablePattern)
	packageName     = regexp.MustCompile(PackagePattern)
)

// CheckVariable refuses a variable that would change how the sandbox, git or the agent work, or that no environment can
// hold.
func CheckVariable(name, value string) error {
	switch why := reservedVariable(name); {
	case !variablePattern.MatchString(name):
		return newError(CodeInvalid, "That is not the name of a variable.",
			"Use up to 64 letters, digits and _, and no digit first.", nil)
	case why != "":
		return newError(CodeInvalid, "The variable "+name+" can't be set: "+why+".", "Choose another name.", nil)
	case len(value) > MaxVariableValue:
		return newError(CodeInvalid, "The variable "+name+" is longer than 4 KB.", "Keep larger data in a file.", nil)
	}
	return checkVisible("The variable "+name, value, "\t")
}

// CheckPackage refuses what is not the name of a Debian package.
func CheckPackage(name string) error {
	if packageName.MatchString(name) {
		return nil
	}
	return newError(CodeInvalid, fmt.Sprintf("%.64q is not the name of a Debian package.", name),
		"Names are like libpq-dev: small letters, digits, + . and -.", nil)
}

// certificateNames decide whom programs trust; the sandbox's own certificates are the image's.
var certificateNames = []string{"SSL_CERT_FILE", "SSL_CERT_DIR", "NODE_EXTRA_CA_CERTS", "NODE_TLS_REJECT_UNAUTHORIZED",
	"REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "AWS_CA_BUNDLE", "PIP_CERT", "DENO_CERT", "CARGO_HTTP_CAINFO",
	"NPM_CONFIG_CA", "NPM_CONFIG_CAFILE", "NPM_CONFIG_STRICT_SSL", "UV_NATIVE_TLS", "YARN_CA_FILE_PATH"}

// reservedVariable says why a project may not set a variable, "" where it may.
func reservedVariable(name string) string {
	upper := strings.ToUpper(name)
	switch {
	case strings.HasSuffix(upper, "_PROXY") || strings.HasSuffix(upper, "_NOPROXY"):
		return whyProxy
	case slices.Contains(certificateNames, upper):
		return "it decides which servers programs trust"
	case strings.HasPrefix(upper, "ANTHROPIC_") || strings.HasPrefix(upper, "CLAUDE_"): // also settings of Claude Code
		return whyModel
	}
	return reserved(name)
}
