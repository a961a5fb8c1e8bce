package wire

import "encoding/json"

// Entry is one entry of the journal. Exactly one of the pointers is set. Seq runs from 1 without gaps within Epoch.
// Item ids begin with the epoch, so that no two journals of a session share one, and are never used twice.
type Entry struct {
	Epoch string `json:"epoch"`
	Seq   uint64 `json:"seq"`
	At    int64  `json:"at"` // Unix milliseconds

	Delta      *Delta      `json:"delta,omitempty"`
	Tool       *Tool       `json:"tool,omitempty"`
	Plan       *Plan       `json:"plan,omitempty"`
	Permission *Permission `json:"permission,omitempty"`
	Proposal   *Proposal   `json:"proposal,omitempty"`
	Missing    *Missing    `json:"missing,omitempty"`
	Phase      *Phase      `json:"phase,omitempty"`
	Notice     *Notice     `json:"notice,omitempty"`
	Agent      *Agent      `json:"agent,omitempty"`
	Usage      *Usage      `json:"usage,omitempty"`
	TurnBegin  *TurnBegin  `json:"turnBegin,omitempty"`
	TurnEnd    *TurnEnd    `json:"turnEnd,omitempty"`
}

// Delta appends to a message or thought.
type Delta struct {
	Item   string `json:"item"`
	Kind   string `json:"kind"` // message or thought
	Parent string `json:"parent,omitempty"`
	Text   string `json:"text"`
}

// Tool is the full value of a tool call; Output is the first part and the last of what is longer than MaxText, Size the whole.
type Tool struct {
	Item   string          `json:"item"`
	Parent string          `json:"parent,omitempty"`
	Title  string          `json:"title"`
	Kind   string          `json:"kind"`   // read, edit, delete, move, search, execute, think, fetch, other
	Status string          `json:"status"` // pending, running, completed, failed
	Paths  []string        `json:"paths,omitempty"`
	Input  json.RawMessage `json:"input,omitempty"`
	Edits  []Edit          `json:"edits,omitempty"`
	Output string          `json:"output,omitempty"`
	Size   int64           `json:"size,omitempty"`
}

// Edit counts what a tool call changed in one file.
type Edit struct {
	Path    string `json:"path"`
	Added   int    `json:"added"`
	Removed int    `json:"removed"`
}

// Plan is the agent's full plan; one item for each turn.
type Plan struct {
	Item    string      `json:"item"`
	Entries []PlanEntry `json:"entries"`
}

// PlanEntry is one step of it.
type PlanEntry struct {
	Text     string `json:"text"`
	Status   string `json:"status"` // pending, in_progress, completed
	Priority string `json:"priority,omitempty"`
}

// Permission is a request; a second entry with Answer set says how it ended ("cancelled" where the turn ended first).
type Permission struct {
	Item    string             `json:"item"`
	ID      string             `json:"id"`
	Title   string             `json:"title"`
	Tool    string             `json:"tool,omitempty"`
	Detail  string             `json:"detail,omitempty"`
	Options []PermissionOption `json:"options"`
	Answer  string             `json:"answer,omitempty"`
	By      string             `json:"by,omitempty"` // user or policy
}

// PermissionOption is one answer. Kind is allow_once, allow_always, reject_once, reject_always.
type PermissionOption struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Kind string `json:"kind"`
}

// Proposal is a pull request that the agent asks for. The host answers with Settle; the user may do that after the agent has ceased to
// wait.
type Proposal struct {
	Item  string `json:"item"`
	ID    string `json:"id"`
	Title string `json:"title"`
	Body  string `json:"body,omitempty"`
	Base  string `json:"base,omitempty"`
	Draft bool   `json:"draft"`
}

// Phase is a step of the start: clone, setup, start hook, agent. Output appends.
type Phase struct {
	Item   string `json:"item"`
	Name   string `json:"name"`
	Status string `json:"status"` // running, done, failed, skipped
	Millis int    `json:"millis"`
	Output string `json:"output,omitempty"`
}

// Notice is a line for the user.
type Notice struct {
	Item string `json:"item"`
	Text string `json:"text"`
}

// Agent is what the agent says of itself; empty fields say nothing new.
type Agent struct {
	Conversation string    `json:"conversation,omitempty"`
	Options      []Choice  `json:"options,omitempty"`
	Commands     []Command `json:"commands,omitempty"`
	Title        string    `json:"title,omitempty"`
	Images       bool      `json:"images,omitempty"`
}

// Choice is one of the agent's options with its values.
type Choice struct {
	ID       string        `json:"id"`
	Name     string        `json:"name"`
	Category string        `json:"category"`
	Value    string        `json:"value"`
	Choices  []ChoiceValue `json:"choices"`
}

// ChoiceValue is one value of a Choice.
type ChoiceValue struct {
	Value       string `json:"value"`
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
}

// Command is a slash command.
type Command struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	Hint        string `json:"hint,omitempty"`
}

// Usage is the agent's account of itself so far.
type Usage struct {
	ContextUsed int64   `json:"contextUsed"`
	ContextSize int64   `json:"contextSize"`
	Cost        float64 `json:"cost"`
	Currency    string  `json:"currency,omitempty"`
}

// TurnBegin says that the agent has been given a prompt.
type TurnBegin struct {
	Prompt string `json:"prompt"`
}

// TurnEnd says how the turn ended. Stop is end_turn, cancelled, max_tokens, refusal, error or interrupted.
type TurnEnd struct {
	Prompt     string     `json:"prompt"`
	Stop       string     `json:"stop"`
	Error      *Error     `json:"error,omitempty"`
	Checkpoint Checkpoint `json:"checkpoint"`
	Input      int64      `json:"input,omitempty"`
	Output     int64      `json:"output,omitempty"`
	Only       *OnlyList  `json:"only,omitempty"` // nil: not known
}
