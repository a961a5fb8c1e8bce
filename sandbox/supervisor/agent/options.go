package agent

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/coder/acp-go-sdk"

	"background-agents/sandbox/wire"
)

// Categories of options, as the protocol names them.
const (
	categoryModel  = "model"
	categoryEffort = "thought_level"
	categoryMode   = "mode"
)

const (
	maxChoices = 50   // options of an agent
	maxValues  = 2000 // values of an option: some providers list hundreds of models
)

// option is one of the agent's options, and by which method it is set.
type option struct {
	wire.Choice
	method  string
	boolean bool
}

type options []option

// models and modes are what agents answer that do not have config options yet.
type models struct {
	Available []struct {
		ModelID     string `json:"modelId"`
		Name        string `json:"name"`
		Description string `json:"description"`
	} `json:"availableModels"`
	Current string `json:"currentModelId"`
}

type modes struct {
	Available []struct {
		ID          string `json:"id"`
		Name        string `json:"name"`
		Description string `json:"description"`
	} `json:"availableModes"`
	Current string `json:"currentModeId"`
}

func (o *opened) options() options {
	list := readOptions(o.ConfigOptions)
	if m := o.Models; m != nil && list.index("", categoryModel) < 0 {
		c := wire.Choice{ID: "model", Name: "Model", Category: categoryModel, Value: m.Current}
		for _, v := range m.Available[:min(len(m.Available), maxValues)] {
			c.Choices = append(c.Choices, value(v.ModelID, v.Name, v.Description))
		}
		list = append(list, option{Choice: c, method: acp.AgentMethodSessionSetModel})
	}
	if m := o.Modes; m != nil && list.index("", categoryMode) < 0 {
		c := wire.Choice{ID: "mode", Name: "Mode", Category: categoryMode, Value: m.Current}
		for _, v := range m.Available[:min(len(m.Available), maxValues)] {
			c.Choices = append(c.Choices, value(v.ID, v.Name, v.Description))
		}
		list = append(list, option{Choice: c, method: acp.AgentMethodSessionSetMode})
	}
	return list
}

// configOption is an option as agents send it: a choice of values, in groups or not, or yes and no.
type configOption struct {
	ID           string          `json:"id"`
	Name         string          `json:"name"`
	Category     string          `json:"category"`
	CurrentValue json.RawMessage `json:"currentValue"`
	Options      []struct {
		configValue
		Options []configValue `json:"options"` // of a group
	} `json:"options"`
}

type configValue struct {
	Value       string `json:"value"`
	Name        string `json:"name"`
	Description string `json:"description"`
}

func readOptions(raw json.RawMessage) options {
	var list []json.RawMessage
	_ = json.Unmarshal(raw, &list) // what is no list has no options
	var out options
	for _, r := range list[:min(len(list), maxChoices)] {
		var c configOption
		if json.Unmarshal(r, &c) != nil || c.ID == "" {
			continue // of a later version: what is not understood cannot be set
		}
		o := option{method: acp.AgentMethodSessionSetConfigOption, Choice: wire.Choice{ID: c.ID, Name: clip(c.Name, 200), Category: c.Category, Choices: []wire.ChoiceValue{}}}
		var on bool
		if json.Unmarshal(c.CurrentValue, &o.Value) != nil && json.Unmarshal(c.CurrentValue, &on) == nil {
			o.boolean, o.Value = true, map[bool]string{true: "true", false: "false"}[on]
			o.Choices = []wire.ChoiceValue{{Value: "true", Name: "On"}, {Value: "false", Name: "Off"}}
		}
		for _, v := range c.Options {
			for _, w := range append(v.Options, v.configValue) {
				if w.Value != "" && len(o.Choices) < maxValues {
					o.Choices = append(o.Choices, value(w.Value, w.Name, w.Description))
				}
			}
		}
		out = append(out, o)
	}
	return out
}

func value(id, name, description string) wire.ChoiceValue {
	if name == "" {
		name = id
	}
	return wire.ChoiceValue{Value: id, Name: clip(name, 200), Description: clip(description, 500)}
}

// index finds an option by its id or, where that is "", by its category; -1 if there is none.
func (l options) index(id, category string) int {
	return slices.IndexFunc(l, func(o option) bool { return o.ID == id || (id == "" && o.Category == category) })
}

func (a *Agent) choices() []wire.Choice {
	a.optMu.Lock()
	defer a.optMu.Unlock()
	var out []wire.Choice
	for _, o := range a.options {
		out = append(out, a.way.show(o))
	}
	return out
}

// choose sets what a Start names. What the agent does not have is a notice: a model that was taken from a provider
// since must not keep a session from starting.
func (a *Agent) choose(s wire.Start) {
	for _, w := range []struct{ what, category, value string }{
		{"model", categoryModel, s.Model}, {"effort", categoryEffort, s.Effort}, {"mode", categoryMode, s.Mode}, // in this order: the efforts are the model's
	} {
		if w.value == "" || w.category == categoryModel && a.way.provider != "" && !a.offers(w.category, w.value) {
			continue // a model that the agent does not list is named by its environment
		}
		if err := a.set(context.Background(), "", w.category, w.value); err != nil {
			a.said.notice("The " + w.what + " “" + clip(w.value, 100) + "” is not available (" + messageOf(err) + "): the agent goes on with its default.")
		}
	}
}

// SetOption sets one of the agent's options, and emits what all of them are then.
func (a *Agent) SetOption(ctx context.Context, id, value string) error {
	if err := a.set(ctx, id, "", value); err != nil {
		return err
	}
	a.said.agent(wire.Agent{Options: a.choices()})
	return nil
}

func (a *Agent) set(ctx context.Context, id, category, value string) error {
	a.optMu.Lock()
	i := a.options.index(id, category)
	if i < 0 {
		a.optMu.Unlock()
		return &wire.Error{Code: "invalid", Message: "The agent has no such option."}
	}
	o := a.options[i]
	a.optMu.Unlock()
	value, err := a.way.value(o, value, a.asks.policyNow())
	if err != nil || o.Value == value {
		return err
	}
	if !slices.ContainsFunc(o.Choices, func(v wire.ChoiceValue) bool { return v.Value == value }) {
		return &wire.Error{Code: "invalid", Message: "The agent does not offer it."}
	}
	list, err := a.sendOption(ctx, o, value)
	if err != nil {
		return a.failure("set "+o.Name, err)
	}
	a.optMu.Lock()
	defer a.optMu.Unlock()
	if list = a.way.take(list); list != nil {
		a.replaceOptions(list)
	} else if i := a.options.index(o.ID, ""); i >= 0 {
		a.options[i].Value = value
	}
	return nil
}

// offers reports whether the user may choose a value.
func (a *Agent) offers(category, value string) bool {
	return slices.ContainsFunc(a.choices(), func(c wire.Choice) bool {
		return c.Category == category && slices.ContainsFunc(c.Choices, func(v wire.ChoiceValue) bool { return v.Value == value })
	})
}

// settleMode brings the agent into the mode that asks as the policy says, unless it plans.
func (a *Agent) settleMode() {
	if a.way.mode == "" {
		return
	}
	a.optMu.Lock()
	i := a.options.index(a.way.mode, "")
	plans := i < 0 || a.options[i].Value == modePlan
	a.optMu.Unlock()
	if plans {
		return
	}
	if err := a.set(context.Background(), a.way.mode, "", modeBuild); err != nil {
		a.logf("the mode was not set: %s", messageOf(err))
	}
}

// sendOption asks the agent, and returns its options where it answers with them.
func (a *Agent) sendOption(ctx context.Context, o option, value string) (options, error) {
	ctx, cancel := context.WithTimeout(ctx, openLimit)
	defer cancel()
	sid := acp.SessionId(a.session)
	switch o.method {
	case acp.AgentMethodSessionSetModel:
		return nil, a.conn.SendRequestNoResult(ctx, o.method, acp.UnstableSetSessionModelRequest{SessionId: sid, ModelId: acp.UnstableModelId(value)})
	case acp.AgentMethodSessionSetMode:
		return nil, a.conn.SendRequestNoResult(ctx, o.method, acp.SetSessionModeRequest{SessionId: sid, ModeId: acp.SessionModeId(value)})
	}
	params := map[string]any{"sessionId": a.session, "configId": o.ID, "value": value}
	if o.boolean {
		params["type"], params["value"] = "boolean", value == "true"
	}
	answer, err := acp.SendRequest[opened](a.conn, ctx, o.method, params)
	if err != nil {
		return nil, err
	}
	return readOptions(answer.ConfigOptions), nil
}

// replaceOptions takes new config options; options of the older kinds stay. The lock is held.
func (a *Agent) replaceOptions(list options) {
	for _, o := range a.options {
		if o.method != acp.AgentMethodSessionSetConfigOption {
			list = append(list, o)
		}
	}
	a.options = list
}

// optionsChanged takes what the agent changed by itself.
func (a *Agent) optionsChanged(u *update) {
	a.optMu.Lock()
	if u.CurrentModeID != "" {
		if i := a.options.index("", categoryMode); i >= 0 {
			a.options[i].Value = u.CurrentModeID
		}
	} else if list := a.way.take(readOptions(u.ConfigOptions)); list != nil {
		a.replaceOptions(list)
	}
	a.optMu.Unlock()
	if a.opened.Load() {
		a.said.agent(wire.Agent{Options: a.choices()})
	}
}
