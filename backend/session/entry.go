package session

// Entry is one entry of a supervisor's journal. Exactly one of the pointers is set, by Kind.
type Entry struct {
	Epoch string
	Seq   uint64
	At    Millis

	Delta      *EntryDelta
	Tool       *EntryTool
	Plan       *EntryPlan
	Permission *EntryPermission
	Proposal   *EntryProposal
	Missing    *EntryMissing
	Phase      *EntryPhase
	Notice     *EntryNotice
	Agent      *EntryAgent
	Usage      *Usage
	TurnBegin  *EntryTurnBegin
	TurnEnd    *EntryTurnEnd

	// Refused says, in words for the user, why the entry holds nothing: what the sandbox sent cannot be meant.
	Refused string
}

// EntryDelta appends to a message or a thought, making it where it is new.
type EntryDelta struct {
	Item   ItemID
	Kind   Kind
	Parent ItemID
	Text   string
}

// EntryTool is the full value of a tool call. Output is at most MaxItemText long; Size is the whole.
type EntryTool struct {
	Item   ItemID
	Parent ItemID
	Tool   Tool
	Output string
	Size   int64
}

// EntryPlan is the full plan.
type EntryPlan struct {
	Item    ItemID
	Entries []PlanEntry
}

// EntryPermission is a request, or with Answer set its end.
type EntryPermission struct {
	Item       ItemID
	Permission Permission
}

// EntryPhase begins, extends (Output appends) or ends a phase.
type EntryPhase struct {
	Item   ItemID
	Phase  Phase
	Output string
}

// EntryNotice is a line for the user.
type EntryNotice struct {
	Item ItemID
	Text string
}

// EntryAgent is what the agent says of itself; nil and empty fields say nothing.
type EntryAgent struct {
	Conversation string
	Options      []Option
	Commands     []Command
	Title        string
	Images       bool
}

// EntryTurnBegin says that the agent has been given a prompt.
type EntryTurnBegin struct {
	Prompt PromptID
}

// EntryTurnEnd says how the turn ended, with the checkpoint made at its end.
type EntryTurnEnd struct {
	Prompt     PromptID
	Stop       string // as TurnResult.Stop
	Error      *Error
	Checkpoint Checkpoint
	Input      int64
	Output     int64
	Only       *OnlyList // what the sandbox alone has; nil where that is not known
}
