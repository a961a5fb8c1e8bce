package broker

import (
	"slices"

	"background-agents/backend/session"
)

// anthropic are the providers whose models Claude Code knows by itself.
var anthropic = []string{"anthropic", "claude"}

// claudeEnv brings Claude Code to its models. The supervisor repeats it in the settings that it gives the agent, which come before
// those of a project: a repository's .claude/settings.json names no other server. https://code.claude.com/docs/en/settings
func claudeEnv(s session.Session, c choice) ([]string, error) {
	p := c.one()
	env := append(p.env(anthropic...),
		"ANTHROPIC_BASE_URL="+p.url(session.Anthropic),
		"ANTHROPIC_API_KEY="+placeholder,
		// Neither statistics, reports of errors, looks for updates nor other requests that are not for a model.
		"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1",
		"DISABLE_AUTOUPDATER=1",
		"DISABLE_TELEMETRY=1",
		"DISABLE_ERROR_REPORTING=1",
		"CLAUDE_CODE_ENABLE_PROMPT_SUGGESTION=false", // a request after each turn
	)
	switch {
	case !slices.Contains(anthropic, p.ID):
		env = append(env,
			"ANTHROPIC_MODEL="+p.Model,
			// It has not the models that Claude Code takes by itself for small things and subagents, and seldom a search for tools.
			"ANTHROPIC_SMALL_FAST_MODEL="+p.Model, "CLAUDE_CODE_SUBAGENT_MODEL="+p.Model, "ENABLE_TOOL_SEARCH=false")
	case s.Model != "": // without a choice Claude Code's own default
		env = append(env, "ANTHROPIC_MODEL="+p.Model)
	}
	return env, nil
}
