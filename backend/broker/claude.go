package broker

import (
	"context"

	"background-agents/backend/session"
)

// claudeEnv is Claude Code's. The supervisor repeats it in the settings that it gives the agent, which come before those of a project:
// a repository's .claude/settings.json names no other server. https://code.claude.com/docs/en/settings
func (b *Broker) claudeEnv(ctx context.Context, s session.Session, agent session.Agent) ([]string, error) {
	c, err := b.choose(ctx, s.Model, agent, "anthropic")
	if err != nil {
		return nil, err
	}
	env := append(c.env("anthropic"),
		"ANTHROPIC_BASE_URL="+c.url(),
		"ANTHROPIC_API_KEY="+placeholder,
		// Neither statistics, reports of errors, looks for updates nor other requests that are not for a model.
		"CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1",
		"DISABLE_AUTOUPDATER=1",
		"DISABLE_TELEMETRY=1",
		"DISABLE_ERROR_REPORTING=1",
		"CLAUDE_CODE_ENABLE_PROMPT_SUGGESTION=false", // a request after each turn
	)
	if c.Model != "" {
		env = append(env, "ANTHROPIC_MODEL="+c.Model)
	}
	if c.ID != "anthropic" { // which has not the models that Claude Code takes by itself for small things and subagents
		env = append(env, "ANTHROPIC_SMALL_FAST_MODEL="+c.Model, "CLAUDE_CODE_SUBAGENT_MODEL="+c.Model,
			"ENABLE_TOOL_SEARCH=false") // which servers that speak as Anthropic do seldom have
	}
	return env, nil
}
