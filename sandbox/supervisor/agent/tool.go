package agent

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"background-agents/sandbox/wire"
)

const (
	toolPace = 100 * time.Millisecond // between two entries of one tool call, but for a change of its status
	maxTools = 64                     // of one turn that are kept to be updated (each under 1 MB); older finished ones are final
	maxPaths = 100
	maxTitle = 1000
	maxInput = 64 << 10
)

// toolUpdate is what tool_call, tool_call_update and a permission request say of a tool call; what is nil did not change.
type toolUpdate struct {
	ToolCallID string          `json:"toolCallId"`
	Title      *string         `json:"title"` // also of session_info_update
	ToolKind   *string         `json:"kind"`
	Status     *string         `json:"status"`
	Locations  []location      `json:"locations"`
	RawInput   json.RawMessage `json:"rawInput"`
	RawOutput  json.RawMessage `json:"rawOutput"`
}

type location struct {
	Path string `json:"path"`
}

// tool is a tool call with what is known of it.
type tool struct {
	value   wire.Tool
	out     output
	asked   []wire.Edit     // what a permission request showed of the edit: exact, where the result may say nothing
	plan    bool            // a list of todos: shown as the plan, not as a tool call
	task    bool            // runs a subagent
	content json.RawMessage // the last content, not read yet
	changed bool            // value is newer than what was sent
	sent    time.Time
	status  string // that was sent
}

var toolKinds = []string{"read", "edit", "delete", "move", "search", "execute", "think", "fetch"}

// tool takes an update of a tool call; the first one ends the text before it.
func (t *transcript) tool(parent string, u *update) {
	x := t.toolByID(parent, u.ToolCallID)
	x.merge(t, &u.toolUpdate)
	x.output(t, u)
	x.changed = true
	if x.isPlan(u) {
		if todos := todosOf(u.RawInput, u.RawOutput); todos != nil && x.value.Parent == "" {
			t.showPlan(todos)
		}
		if x.value.Status != "failed" {
			return
		}
		x.plan = false // a failure is shown as what it is
	}
	if x.isTask(u) && t.onTask != nil {
		x.task = true
		go t.onTask(x.value.Item, x.value.Title)
	}
	if x.value.Status != x.status || time.Since(x.sent) >= toolPace {
		t.sendTool(x)
	} else if t.timer == nil {
		t.timer = time.AfterFunc(toolPace, t.sendHeldBack)
	}
}

func (t *transcript) toolByID(parent, id string) *tool {
	x := t.tools[id]
	if x == nil {
		t.endText(parent)
		x = &tool{value: wire.Tool{Item: t.item(), Parent: parent, Kind: "other", Status: "pending"}}
		t.tools[id] = x
		t.order = append(t.order, id)
		t.forgetTools(maxTools)
	}
	return x
}

// forgetTools drops the oldest finished tool calls until at most keep calls are left, if that many are finished.
func (t *transcript) forgetTools(keep int) {
	t.order = slices.DeleteFunc(t.order, func(id string) bool {
		x := t.tools[id]
		if len(t.tools) <= keep || (x.value.Status != "completed" && x.value.Status != "failed") {
			return false
		}
		t.sendTool(x)
		delete(t.tools, id)
		return true
	})
}

// sendHeldBack sends the tool calls that changed within their pace.
func (t *transcript) sendHeldBack() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.timer = nil
	for _, id := range t.order {
		t.sendTool(t.tools[id])
	}
}

func (t *transcript) sendTool(x *tool) {
	if !x.changed || x.plan {
		return
	}
	x.settle(t)
	v := x.value
	v.Output, v.Size = x.out.shown(), x.out.size()
	if len(v.Edits) == 0 && v.Status == "completed" {
		v.Edits = x.asked
	}
	t.put(wire.Entry{Tool: &v})
	x.changed, x.sent, x.status = false, time.Now(), v.Status
}

// merge takes over what an update says, but for content.
func (x *tool) merge(t *transcript, u *toolUpdate) {
	v := &x.value
	if u.Title != nil && *u.Title != "" {
		v.Title = clip(*u.Title, maxTitle)
	}
	if u.ToolKind != nil {
		v.Kind = "other"
		if slices.Contains(toolKinds, *u.ToolKind) {
			v.Kind = *u.ToolKind
		}
	}
	if u.Status != nil {
		switch *u.Status {
		case "in_progress":
			v.Status = "running"
		case "pending", "completed", "failed":
			v.Status = *u.Status
		}
	}
	if u.Locations != nil {
		v.Paths = nil
		for _, l := range u.Locations[:min(len(u.Locations), maxPaths)] {
			if p := t.relative(l.Path); p != "." && !slices.Contains(v.Paths, p) {
				v.Paths = append(v.Paths, p)
			}
		}
	}
	if len(u.RawInput) > 0 && string(u.RawInput) != "null" && string(u.RawInput) != "{}" {
		v.Input = boundedInput(u.RawInput)
	}
}

// relative returns a path as seen from the workspace; one outside stays as it is.
func (t *transcript) relative(path string) string {
	path = clip(path, 4096)
	if !filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	rel, err := filepath.Rel(t.conf.Dir, path)
	if err != nil || rel == ".." || strings.HasPrefix(rel, "../") {
		return path
	}
	return rel
}

// boundedInput returns the arguments of a tool call in at most maxInput bytes: with its long texts shortened or, where that
// is not enough, only its size.
func boundedInput(raw json.RawMessage) json.RawMessage {
	if len(raw) <= maxInput {
		return slices.Clone(raw)
	}
	var v any
	if json.Unmarshal(raw, &v) == nil {
		for _, keep := range []int{8 << 10, 1 << 10, 100} {
			if b, err := json.Marshal(shortened(v, keep)); err == nil && len(b) <= maxInput {
				return b
			}
		}
	}
	b, _ := json.Marshal(map[string]int{"bytesLeftOut": len(raw)})
	return b
}

func shortened(v any, keep int) any {
	switch v := v.(type) {
	case string:
		return clip(v, keep)
	case []any:
		out := make([]any, 0, len(v))
		for _, e := range v[:min(len(v), 1000)] {
			out = append(out, shortened(e, keep))
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for k, e := range v {
			out[clip(k, 200)] = shortened(e, keep)
		}
		return out
	}
	return v
}
