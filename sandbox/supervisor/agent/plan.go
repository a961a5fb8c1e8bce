package agent

import (
	"encoding/json"
	"strings"

	"background-agents/sandbox/wire"
)

// maxPlan bounds the steps of a plan.
const maxPlan = 500

// planEntry is a step of an agent's plan, or one of OpenCode's todos, which has no kind of update of its own.
type planEntry struct {
	Content  string `json:"content"`
	Status   string `json:"status"`
	Priority string `json:"priority"`
}

// showPlan sends the whole plan; a turn has one item for it.
func (t *transcript) showPlan(entries []planEntry) {
	if t.plan == "" {
		t.plan = t.item()
	}
	p := &wire.Plan{Item: t.plan, Entries: []wire.PlanEntry{}}
	for _, e := range entries[:min(len(entries), maxPlan)] {
		w := wire.PlanEntry{Text: clip(e.Content, 2000), Status: "pending", Priority: clip(e.Priority, 20)}
		switch e.Status {
		case "in_progress", "completed":
			w.Status = e.Status
		case "cancelled":
			w.Status, w.Text = "completed", w.Text+" (dropped)"
		}
		p.Entries = append(p.Entries, w)
	}
	t.put(wire.Entry{Plan: p})
}

// isPlan reports whether a tool call only keeps the list of todos. OpenCode's begins with the tool's name as its title
// and no arguments, then has the todos in its arguments and, when it is done, in metadata.
func (x *tool) isPlan(u *update) bool {
	if !x.plan && x.sent.IsZero() && u.Title != nil {
		switch strings.ToLower(*u.Title) {
		case "todowrite", "todoread":
			x.plan = true
		}
	}
	return x.plan
}

// todosOf finds the list of todos, nil if there is none.
func todosOf(input, output json.RawMessage) []planEntry {
	var out struct {
		Metadata struct {
			Todos []planEntry `json:"todos"`
		} `json:"metadata"`
	}
	if len(output) > 0 && json.Unmarshal(output, &out) == nil && out.Metadata.Todos != nil {
		return out.Metadata.Todos
	}
	var in struct {
		Todos []planEntry `json:"todos"`
	}
	if len(input) > 0 && json.Unmarshal(input, &in) == nil {
		return in.Todos
	}
	return nil
}

// isTask reports, once, that a tool call runs a subagent whose conversation is not announced: OpenCode's.
func (x *tool) isTask(u *update) bool {
	if x.task || len(u.RawInput) == 0 || x.value.Status != "running" {
		return false
	}
	var in struct {
		Type string `json:"subagent_type"`
	}
	return json.Unmarshal(u.RawInput, &in) == nil && in.Type != ""
}
