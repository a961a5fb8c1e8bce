package session

// ID names a session: eight characters of lower-case base32, unique in this
// installation, safe in file names, labels and git refs.
type ID string

// ProjectID names a project in the same form as ID.
type ProjectID string

// Millis is a point in time as Unix milliseconds; 0 means "not yet".
type Millis int64

// Project is a git repository of the user's that sessions work on.
type Project struct {
	ID   ProjectID `json:"id"`
	Name string    `json:"name"`
	// Path is the repository's top folder (or the bare repository itself).
	Path     string      `json:"path"`
	Defaults Defaults    `json:"defaults"`
	Hosts    []HostRule  `json:"hosts"`  // what the user allowed or forbade its sandboxes to reach
	MCP      []MCPServer `json:"mcp"`    // tools that its agents get beside their own
	Mounts   []string    `json:"mounts"` // ids of Mounts that its sandboxes may read: none, unless the user says so
	// Secrets are those that all its sandboxes get beside the user's global ones. Like these and a session's own they
	// are changed by SetSecret and DeleteSecret alone.
	Secrets []SecretEntry `json:"secrets"`
	// Environment is what its sandboxes have beside the base image, changed by SetEnvironment alone; nil: nothing.
	// Proposed is what its files say, NoEnvironment that its user does not want to be asked, FromFile what was accepted
	// last of its configuration file.
	Environment   *Environment         `json:"environment"`
	Proposed      *EnvironmentProposal `json:"proposed"`
	NoEnvironment bool                 `json:"noEnvironment"`
	Limits        Limits               `json:"limits"` // of each of its sandboxes
	FromFile      Configuration        `json:"fromFile"`
	// DeclinedTools are tools and packages that its user does not want to be asked for when a command is missing.
	DeclinedTools []string `json:"declinedTools,omitempty"`
	// Rev counts the changes by SaveProject, which takes only a change of the newest.
	Rev       int    `json:"rev"`
	Missing   bool   `json:"missing"`           // Path holds no repository any more
	Deleted   bool   `json:"deleted,omitempty"` // by its user; what the engine has of it is left to be removed
	CreatedAt Millis `json:"createdAt"`
}

// Defaults are what a project's new sessions begin with. Only its user changes them, in its settings: what is chosen
// for one session counts for that session alone.
type Defaults struct {
	Agent   string  `json:"agent"`
	Model   string  `json:"model"`
	Effort  string  `json:"effort"`
	Mode    string  `json:"mode"`
	Policy  Policy  `json:"policy"`
	Network Network `json:"network"`
}

// MCPServer is a server of the Model Context Protocol: with Command a program that runs in the sandbox, with URL a
// server that is reached by HTTP through the egress policy. In values of Env and Headers and in URL, ${NAME} stands for
// the secret of that name; an argument of Command names none, because every program can read the command lines of
// others.
type MCPServer struct {
	Name    string   `json:"name"`
	Command []string `json:"command"`
	Env     []string `json:"env"` // NAME=value, for Command
	URL     string   `json:"url"`
	Headers []string `json:"headers"` // Name: value, for URL
}

// Status says what a session is doing, as its user sees it. NeedsYou is how watchers see a session while a question of
// it is open: the domain decides by what it does meanwhile.
type Status string

const (
	Starting Status = "starting"
	Idle     Status = "idle"
	Working  Status = "working"
	NeedsYou Status = "needs_you"
	Stopped  Status = "stopped"
	Failed   Status = "failed"
	Archived Status = "archived"
)

// SandboxState says what a session's container is doing.
type SandboxState string

const (
	SandboxNone      SandboxState = "none"
	SandboxPreparing SandboxState = "preparing"
	SandboxRunning   SandboxState = "running"
	SandboxPaused    SandboxState = "paused"
	SandboxStopped   SandboxState = "stopped"
	SandboxMissing   SandboxState = "missing"
	SandboxError     SandboxState = "error"
)

// Policy answers an agent's permission requests.
type Policy string

const (
	Ask        Policy = "ask"         // every request goes to the user
	AllowEdits Policy = "allow_edits" // reads and edits inside the workspace are allowed
	AllowAll   Policy = "allow_all"   // the default: the sandbox is the boundary
)

// Network says what a sandbox may reach.
type Network string

const (
	Guarded     Network = "guarded"
	Offline     Network = "offline"
	OpenNetwork Network = "open"
)

// HostRule is the user's word on a host, or with "*." before it on all below it.
type HostRule struct {
	Host  string `json:"host"`
	Allow bool   `json:"allow"`
}

// Session is one agent at work on one branch of one project.
type Session struct {
	ID      ID        `json:"id"`
	Project ProjectID `json:"project"`
	Title   string    `json:"title"`
	Agent   string    `json:"agent"`
	// Model, Effort and Mode are values of the agent's own options; empty means the agent's default.
	Model   string  `json:"model"`
	Effort  string  `json:"effort"`
	Mode    string  `json:"mode"`
	Policy  Policy  `json:"policy"`
	Network Network `json:"network"`
	// AgentPolicy is the policy that the agent was started with: one that was told to ask nothing must start again to
	// ask.
	AgentPolicy Policy `json:"agentPolicy"`

	BaseRef    string `json:"baseRef"`    // what the user chose, e.g. "main" or "origin/dev"
	BaseCommit string `json:"baseCommit"` // what it was when the session was created
	Branch     string `json:"branch"`     // the session's branch, e.g. "agents/fix-login"
	Worktree   string `json:"worktree"`   // path on the host; empty until there is a verified result

	Status      Status       `json:"status"`
	Doing       Status       `json:"doing"`     // with NeedsYou: what it does meanwhile
	Questions   int          `json:"questions"` // that wait for the user's answer
	Unread      bool         `json:"unread"`
	Queued      bool         `json:"queued"`      // waits for a free slot
	Interrupted bool         `json:"interrupted"` // its last turn was cut off and did not go on
	Pinned      bool         `json:"pinned"`
	Held        bool         `json:"held"`  // its queue waits for the user, after Stop or a failure
	Named       bool         `json:"named"` // the user chose the title; the agent's does not replace it
	Step        string       `json:"step"`  // the agent's current step, one line
	Error       *Error       `json:"error,omitempty"`
	Sandbox     SandboxState `json:"sandbox"`
	Mounts      []string     `json:"mounts"` // what of the user's home its container has mounted

	Conversation string       `json:"conversation"` // the agent's own id for its conversation
	Options      []Option     `json:"options"`      // what the agent lets the user choose
	Commands     []Command    `json:"commands"`     // slash commands that the agent announced
	Images       bool         `json:"images"`       // the agent accepts images
	Turns        int          `json:"turns"`        // turns begun so far
	Tools        int          `json:"tools"`        // tool calls of the last turn
	Prompts      []Prompt     `json:"prompts"`      // the queue, in order; the running one first
	Usage        Usage        `json:"usage"`
	Diff         DiffStat     `json:"diff"`              // against the base
	Result       Verified     `json:"result"`            // last verified commit and files
	Edits        int          `json:"edits"`             // files that the user changed in the worktree
	Only         *OnlyList    `json:"only,omitempty"`    // what the sandbox alone has, as it said last
	Taken        []Taken      `json:"taken,omitempty"`   // branches of the agent's that were brought out
	Budget       *Budget      `json:"budget,omitempty"`  // in place of the settings' for a session
	Refused      *Error       `json:"refused,omitempty"` // why the running turn may ask its model no more
	Pending      *Pending     `json:"pending,omitempty"`
	Pushed       *Pushed      `json:"pushed,omitempty"`      // what went out last
	Merged       *Merged      `json:"merged,omitempty"`      // what was merged last into a branch of the user's
	PullRequest  *PullRequest `json:"pullRequest,omitempty"` // of this session's branch
	Outgoing     string       `json:"outgoing"`              // what goes out now, one line
	Onto         string       `json:"onto"`                  // the commit that the agent was asked to rebase onto
	Ahead        string       `json:"ahead"`                 // while the sandbox lacks a result that the host made: the base that it knows
	Deleted      bool         `json:"deleted,omitempty"`     // by its user; what the engine has of it is left to be removed
	Halt         bool         `json:"halt,omitempty"`        // its turn was ended here: its container is stopped before it is used again
	Bare         bool         `json:"bare,omitempty"`        // the sandbox was recreated and lacks Result
	Rebased      int          `json:"rebased"`               // the last turn whose result stands on an earlier base
	Items        uint64       `json:"items"`                 // items in the transcript: their Seq runs from 1 to Items
	Stored       int64        `json:"stored,omitempty"`      // bytes of the transcript, nearly; MaxTranscript is the bound
	Rev          uint64       `json:"rev"`                   // changes so far; every changed item carries its own
	Cursor       Cursor       `json:"-"`                     // what has been stored of the supervisor's journal
	// Tails are the ends of open items' texts that are held back.
	Tails   map[ItemID]Tail `json:"tails,omitempty"`
	Secrets []SecretEntry   `json:"secrets"`           // its own
	Missing []string        `json:"missing,omitempty"` // what the user was told that the sandbox lacks
	Renew   bool            `json:"renew,omitempty"`   // its container is started again when no turn runs
	// Outdated says that secrets were changed since the sandbox was started, which still has the old ones.
	Outdated bool `json:"outdated"`
	// Environment names the environment and limits that the sandbox was started with; "": not known. Has is what it got
	// of the environment. OldEnvironment says that its project has others now.
	Environment    string         `json:"environment"`
	Has            Environment    `json:"has"`
	Limits         Limits         `json:"limits"`
	OldEnvironment bool           `json:"oldEnvironment"`
	Timings        map[string]int `json:"timings"` // phase -> milliseconds of the last start
	CreatedAt      Millis         `json:"createdAt"`
	UpdatedAt      Millis         `json:"updatedAt"`
	WorkedSince    Millis         `json:"workedSince"` // start of the running turn
	// TurnedAt is when the last turn began or ended, and before the first turn when the session was created. Unlike
	// UpdatedAt nothing else changes it: it is what "age" means to the user.
	TurnedAt Millis `json:"turnedAt"`
	TurnFrom string `json:"turnFrom"` // the files before the running turn; empty when none runs
}

// Pending is a checkpoint that the host is not done with yet: it is fetched, checked and published after the turn,
// or after the next start where that was cut off. Status is what the session will be then. Accepted says that it is the
// session's result already, and that only the worktree is to be brought to it.
type Pending struct {
	Turn       int        `json:"turn"`
	Checkpoint Checkpoint `json:"checkpoint"`
	Status     Status     `json:"status"`
	Accepted   bool       `json:"accepted"`
}

// Cursor is a place in a supervisor's journal. A new journal has a new Epoch; Seq has no gaps in it.
type Cursor struct {
	Epoch string
	Seq   uint64
}

// Option is one choice that the agent offers, such as its model.
type Option struct {
	ID       string        `json:"id"`
	Name     string        `json:"name"`
	Category string        `json:"category"` // model, thought_level, mode, or the agent's own word
	Value    string        `json:"value"`
	Choices  []OptionValue `json:"choices"`
}

// OptionValue is one value of an Option.
type OptionValue struct {
	Value       string `json:"value"`
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
}

// Command is a slash command that the agent understands.
type Command struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	Hint        string `json:"hint,omitempty"`
}

// Usage is what a session has used. The context is as the agent says; requests, tokens and cost are as the broker
// counts them.
type Usage struct {
	ContextUsed int64   `json:"contextUsed"`
	ContextSize int64   `json:"contextSize"`
	Input       int64   `json:"input"`
	Output      int64   `json:"output"`
	Cost        float64 `json:"cost"`
	Currency    string  `json:"currency"`
	Requests    int64   `json:"requests"`
	Estimated   int64   `json:"estimated"` // how many of input and output are estimated
}

// DiffStat counts a diff.
type DiffStat struct {
	Files   int `json:"files"`
	Added   int `json:"added"`
	Removed int `json:"removed"`
}

// Verified is a result that passed the quarantine: the branch's Commit and, above it, a commit whose tree
// is every file as the agent left it (the same as Commit where nothing is uncommitted).
type Verified struct {
	Turn   int    `json:"turn"`
	Commit string `json:"commit"`
	Files  string `json:"files"`
	// Risky are changed paths that would run code elsewhere (CI, hooks, editor settings, ...).
	Risky []string `json:"risky"`
	// Base is set where the result stands on Session.Onto: the session's base from then on.
	Base string `json:"base,omitempty"`
}
