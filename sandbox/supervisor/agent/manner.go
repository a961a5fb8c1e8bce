package agent

import (
	"path/filepath"
	"slices"
	"strings"

	"background-agents/sandbox/wire"
)

// Variables by which the host tells of an agent that has one provider of models at a time: which, and which of its models the
// agent may offer; without the second, all that it knows. The values of the option are then PROVIDER/MODEL, as with an agent that
// has many.
const (
	providerVariable = "BACKGROUND_AGENTS_PROVIDER"
	modelsVariable   = "BACKGROUND_AGENTS_MODELS"
	demoProvider     = "demo" // what it costs is nothing, whatever an agent reckons
)

// Values of the mode, the same for every agent that has a plan mode.
const (
	modeBuild = "build"
	modePlan  = "plan"
)

// manner is what one agent does otherwise than others.
type manner struct {
	provider string
	models   []string

	opening map[string]any // _meta with which a conversation is opened
	client  map[string]any // _meta of what the client can do

	// mode is the id of the option with plan mode among its values; build returns the value for work under a policy. Other
	// values are not the user's to choose: the policy says how much is asked.
	mode   string
	build  func(policy string) string
	hidden []string // options that are not the user's to choose at all

	names bool // servers of tools are given to it with their values in variables
	warns bool // warnings come as messages
	gate  *gate
}

// mannerOf finds out which agent it is, and adds to c what that needs.
func mannerOf(c *Config) (*manner, error) {
	m := &manner{}
	for _, e := range c.Start.Env {
		if id, found := strings.CutPrefix(e, providerVariable+"="); found {
			m.provider = id
		}
		if list, found := strings.CutPrefix(e, modelsVariable+"="); found {
			m.models = strings.Split(list, ",")
		}
	}
	if len(c.Start.Command) == 0 {
		return m, nil
	}
	switch filepath.Base(c.Start.Command[0]) {
	case "claude-agent-acp":
		m.claude(c)
	case "codex-acp":
		return m, m.codex(c)
	}
	return m, nil
}

func (m *manner) close() {
	if m.gate != nil {
		m.gate.close()
	}
}

// take returns the options that are kept, each in the category that it belongs to.
func (m *manner) take(list options) options {
	out := list[:0:0]
	for _, o := range list {
		if slices.Contains(m.hidden, o.ID) {
			continue
		}
		if m.mode != "" && o.ID == m.mode {
			o.Category = categoryMode
		}
		out = append(out, o)
	}
	return out
}

// show returns an option as the user has it.
func (m *manner) show(o option) wire.Choice {
	c := o.Choice
	switch {
	case m.mode != "" && o.ID == m.mode:
		c.Name, c.Value = "Mode", modeBuild
		c.Choices = []wire.ChoiceValue{{Value: modeBuild, Name: "Build", Description: "Works on the files"}}
		for _, v := range o.Choices {
			if v.Value == modePlan {
				c.Choices = append(c.Choices, wire.ChoiceValue{Value: modePlan, Name: "Plan", Description: v.Description})
			}
		}
		if o.Value == modePlan {
			c.Value = modePlan
		}
	case m.provider != "" && o.Category == categoryModel:
		c.Value = m.provider + "/" + o.Value
		c.Choices = []wire.ChoiceValue{}
		for _, v := range o.Choices {
			if m.models == nil || v.Value == o.Value || slices.Contains(m.models, v.Value) {
				v.Value = m.provider + "/" + v.Value
				c.Choices = append(c.Choices, v)
			}
		}
	}
	return c
}

// value returns what the agent calls a value that the user chose.
func (m *manner) value(o option, value, policy string) (string, error) {
	switch {
	case m.mode != "" && o.ID == m.mode:
		if value == modePlan {
			return modePlan, nil
		}
		return m.build(policy), nil
	case m.provider != "" && o.Category == categoryModel:
		model, found := strings.CutPrefix(value, m.provider+"/")
		if !found {
			return "", &wire.Error{Code: "invalid", Message: "This agent is started for the models of one provider, which has no “" + clip(value, 100) + "”.",
				Hint: "Begin a new session for another provider."}
		}
		return model, nil
	}
	return value, nil
}
