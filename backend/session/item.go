package session

import "encoding/json"

// ItemID names an item within its session. Items that come from the sandbox carry the supervisor's id.
type ItemID string

// Kind says what an item is.
type Kind string

const (
	KindPrompt     Kind = "prompt"
	KindMessage    Kind = "message"
	KindThought    Kind = "thought"
	KindTool       Kind = "tool"
	KindPlan       Kind = "plan"
	KindPermission Kind = "permission"
	KindProposal   Kind = "proposal" // a pull request that the agent asks for
	KindMissing    Kind = "missing"  // a tool that the sandbox lacks, with the question to add it
	KindNotice     Kind = "notice"
	KindPhase      Kind = "phase"
	KindTurn       Kind = "turn" // end of a turn: how it ended, and what it changed
)

// MaxItemText bounds the text kept in an item, in bytes. What is longer stays in the sandbox; the item says
// so (Size > len(Text)) and Manager.Output fetches it.
const MaxItemText = 256 << 10

// Item is one entry of a transcript.
type Item struct {
	Session ID     `json:"session"`
	ID      ItemID `json:"id"`
	Seq     uint64 `json:"seq"` // position, from 1, without gaps
	Rev     uint64 `json:"rev"` // the session's Rev at the last change of this item
	Kind    Kind   `json:"kind"`
	Turn    int    `json:"turn"`
	Parent  ItemID `json:"parent,omitempty"` // the tool call of the subagent that this belongs to
	At      Millis `json:"at"`
	DoneAt  Millis `json:"doneAt"` // 0 while it may still change
	// Text is markdown for messages and thoughts, output for tools and phases, plain for the rest.
	Text string `json:"text"`
	Size int64  `json:"size"` // bytes of the whole text

	Prompt     *PromptInfo  `json:"prompt,omitempty"`
	Tool       *Tool        `json:"tool,omitempty"`
	Plan       []PlanEntry  `json:"plan,omitempty"`
	Permission *Permission  `json:"permission,omitempty"`
	Proposal   *Proposal    `json:"proposal,omitempty"`
	Missing    *MissingTool `json:"missing,omitempty"`
	Phase      *Phase       `json:"phase,omitempty"`
	Result     *TurnResult  `json:"result,omitempty"`
	Error      *Error       `json:"error,omitempty"`
}

// PromptInfo is what a prompt item has beside its text.
type PromptInfo struct {
	ID          PromptID     `json:"id"`
	Attachments []Attachment `json:"attachments"`
}

// ToolStatus is how far a tool call has come.
type ToolStatus string

const (
	ToolPending   ToolStatus = "pending"
	ToolRunning   ToolStatus = "running"
	ToolCompleted ToolStatus = "completed"
	ToolFailed    ToolStatus = "failed"
)

// Tool is one call of a tool by the agent. Its output is the item's Text.
type Tool struct {
	Title  string          `json:"title"`
	Kind   string          `json:"kind"` // read, edit, delete, move, search, execute, think, fetch, other
	Status ToolStatus      `json:"status"`
	Paths  []string        `json:"paths"` // relative to the workspace where they lie in it
	Input  json.RawMessage `json:"input,omitempty" ts_type:"any"`
	Edits  []FileEdit      `json:"edits"`
}

// FileEdit counts what one tool call changed in one file.
type FileEdit struct {
	Path    string `json:"path"`
	Added   int    `json:"added"`
	Removed int    `json:"removed"`
}

// PlanEntry is one step of the agent's plan. Status is pending, in_progress or completed.
type PlanEntry struct {
	Text     string `json:"text"`
	Status   string `json:"status"`
	Priority string `json:"priority"`
}

// Permission is a request of the agent's that someone must answer. The first answer wins.
type Permission struct {
	ID      string             `json:"id"`
	Title   string             `json:"title"`
	Tool    ItemID             `json:"tool,omitempty"`
	Detail  string             `json:"detail"` // the command or the paths it is about
	Options []PermissionOption `json:"options"`
	Answer  string             `json:"answer"` // id of the chosen option; "cancelled" where the turn ended first
	By      string             `json:"by"`     // user or policy
}

// PermissionOption is one answer. Kind is allow_once, allow_always, reject_once or reject_always.
type PermissionOption struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Kind string `json:"kind"`
}

// Phase is one step of a session's start. Its output is the item's Text.
type Phase struct {
	Name   string `json:"name"`   // image, mirror, container, clone, setup, agent
	Status string `json:"status"` // running, done, failed, skipped, stopped
	Millis int    `json:"millis"`
}

// TurnResult says how a turn ended.
type TurnResult struct {
	Stop   string   `json:"stop"` // end_turn, cancelled, max_tokens, refusal, error, interrupted
	Millis int      `json:"millis"`
	Commit string   `json:"commit"` // verified branch commit after the turn
	Files  string   `json:"files"`  // verified tree of all files after the turn
	From   string   `json:"from"`   // the files before it, where they are not those of the turn before
	Diff   DiffStat `json:"diff"`   // of this turn alone
	Tools  int      `json:"tools"`
	Tokens int64    `json:"tokens"`
}
