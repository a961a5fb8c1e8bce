package login

import (
	"context"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"background-agents/backend/session"
)

// Found is what was found of one program.
type Found struct {
	Program string
	Used    []string // what of it is used
	Unused  []string // what is not, each with why
}

// Found looks at all programs, for the doctor: it renews nothing, and asks no keychain.
func (l *Logins) Found(context.Context) []Found {
	all := []Found{l.foundOpenCode(), l.foundClaude(), l.foundCodex()}
	return slices.DeleteFunc(all, func(f Found) bool { return len(f.Used)+len(f.Unused) == 0 })
}

func (l *Logins) foundClaude() Found {
	return l.foundTokens(l.claude, "the subscription, for the agent Claude Code")
}

func (l *Logins) foundCodex() Found {
	f := l.foundTokens(l.codex, "the ChatGPT login, for the agent Codex")
	if !l.codexKey().Secret.Empty() {
		f.Used = append(f.Used, "the API key, for OpenAI")
	}
	if len(f.Used)+len(f.Unused) > 0 {
		return f
	}
	switch l.codexStore() {
	case "keyring":
		f.Unused = append(f.Unused, "its settings keep the login in the keychain, "+codexElse)
	case "auto":
		f.Unused = append(f.Unused, "its settings keep the login in the keychain where there is one, "+codexElse)
	}
	return f
}

const codexElse = "where only Codex reads it: set cli_auth_credentials_store = \"file\" in its config.toml and run `codex login`"

// codexStore is where Codex's settings say that it keeps its login: file, keyring, auto, or "" where they do not say. Of the file that
// much is read: a key of the top table, with a string for its value.
func (l *Logins) codexStore() string {
	raw, err := read(filepath.Join(l.folder("CODEX_HOME", ".codex"), "config.toml"))
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			return ""
		}
		if m := codexStoreLine.FindStringSubmatch(line); m != nil {
			return m[1] + m[2]
		}
	}
	return ""
}

var codexStoreLine = regexp.MustCompile(`^(?:cli_auth_credentials_store|"cli_auth_credentials_store")\s*=\s*(?:"([a-z]+)"|'([a-z]+)')\s*(?:#.*)?$`)

func (l *Logins) foundTokens(r *renewed, what string) Found {
	f := Found{Program: r.program}
	t, err := r.load()
	switch {
	case err != nil:
		f.Unused = append(f.Unused, "its file cannot be read: "+err.Error())
	case t.good(l.Now(), 0) || t.refresh != "":
		f.Used = append(f.Used, what)
	case t.access != "":
		f.Unused = append(f.Unused, "it has run out: "+r.hint)
	}
	return f
}

// foreign are OpenCode's logins that are no key for OpenAI's protocol at a known address, and why they are not used.
var foreign = map[string]string{
	"anthropic":      "the login to Anthropic, which Anthropic refuses to programs other than its own",
	"github-copilot": "GitHub Copilot, which has a protocol of its own",
}

func (l *Logins) foundOpenCode() Found {
	f := Found{Program: "OpenCode"}
	raw, err := read(l.openCodeFile())
	if err != nil || raw == nil {
		return f
	}
	all, err := entries(raw)
	if err != nil {
		f.Unused = append(f.Unused, "its file is not in the form that is known")
		return f
	}
	for _, id := range slices.Sorted(maps.Keys(all)) {
		e := all[id]
		switch {
		case e.Type == "api" && slices.Contains(l.Providers, id):
			f.Used = append(f.Used, "the key for "+id)
		case e.Type == "oauth" && id == "openai":
			f.Used = append(f.Used, "the ChatGPT login, for the agent Codex")
		case foreign[id] != "":
			f.Unused = append(f.Unused, foreign[id])
		default:
			f.Unused = append(f.Unused, printable(id)+", which cannot be reached with one key at a known address: add it under Models")
		}
	}
	return f
}

func printable(id string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return -1
		}
		return r
	}, id[:min(len(id), 60)])
}

// Check is the doctor's line of what was found.
func (l *Logins) Check(ctx context.Context) session.Check {
	var used, unused []string
	for _, f := range l.Found(ctx) {
		if len(f.Used) > 0 {
			used = append(used, f.Program+" ("+strings.Join(f.Used, "; ")+")")
		}
		for _, what := range f.Unused {
			unused = append(unused, f.Program+": "+what)
		}
	}
	c := session.Check{Status: "ok", Found: "none of OpenCode, Claude Code or Codex"}
	if len(used) > 0 {
		c.Found = "used in place: " + strings.Join(used, ", ")
	}
	switch {
	case len(unused) > 0 && len(used) == 0:
		c.Found = "not used: " + strings.Join(unused, "; ")
	case len(unused) > 0:
		c.Found += "; not used: " + strings.Join(unused, "; ")
	}
	return c
}
