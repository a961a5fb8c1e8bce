package session

import (
	"context"
	"io"
	"net"
)

// Store keeps what must survive: projects, sessions with their queues, transcripts, settings. One process
// writes it. sessiontest.TestStore says what every Store must do.
type Store interface {
	// Load returns everything but the items.
	Load(ctx context.Context) (Settings, []Project, []Session, error)
	// Save applies a change in one transaction: all of it is durable when Save returns nil, none of it otherwise.
	Save(ctx context.Context, c Change) error
	// Items returns up to limit items of a session with Seq >= from, in order. The page ends with the item that makes
	// it larger than MaxPageOf, so it may hold fewer; only an empty one says that there are no more.
	Items(ctx context.Context, id ID, from uint64, limit int) ([]Item, error)
	// Changed returns up to limit items with Rev > since, in order of Rev, as bounded as those of Items.
	Changed(ctx context.Context, id ID, since uint64, limit int) ([]Item, error)
	// Item returns one item, an Error with CodeNotFound if there is none.
	Item(ctx context.Context, id ID, item ItemID) (Item, error)
	// Open returns the items of a session that are not done.
	Open(ctx context.Context, id ID) ([]Item, error)
	// Connections returns up to limit rows of a session's ledger, the newest first.
	Connections(ctx context.Context, id ID, limit int) ([]Connection, error)
	// Day returns what was used on a day, nothing where that is not known.
	Day(ctx context.Context, day string) (Use, error)
	Close() error
}

// Change is what Save stores: full values replace, deltas append to an item's text. A session's Cursor, Items
// and Rev are part of its value, so that the journal's entries and the place in the journal are stored together.
type Change struct {
	Settings    *Settings
	Project     *Project
	Session     *Session
	Items       []Item
	Deltas      []Delta
	Connections []Connection // a row of the same id replaces
	Day         *DayUse
	DropProject ProjectID
	DropSession ID // with its items
}

// Engine runs sandboxes. sessiontest.TestEngine says what every Engine must do.
type Engine interface {
	Ping(ctx context.Context) (EngineState, error)
	// ImageCurrent reports whether the image is there and made from what this application embeds.
	ImageCurrent(ctx context.Context, of ImageSpec) (bool, error)
	// EnsureImage builds the image where it is missing or old. Progress is called often, never at once from two
	// goroutines.
	EnsureImage(ctx context.Context, of ImageSpec, progress func(ImageState)) error
	// ToolCurrent reports whether the tool's volume is there and whole.
	ToolCurrent(ctx context.Context, t Toolchain) (bool, error)
	// FillTool makes the tool's volume where it is missing or not whole. fetch is called with the engine's processor, and
	// calls fill with the tool's archives.
	FillTool(ctx context.Context, t Toolchain, fetch func(arch string, fill func(ToolArchives) error) error) error
	// PruneTools removes the volumes of all tools but these, as far as no container uses them.
	PruneTools(ctx context.Context, keep []Toolchain) error
	// MirrorTips returns the commits that the project's mirror volume is known to hold; it asks no container.
	MirrorTips(ctx context.Context, p ProjectID) ([]string, error)
	// FillMirror writes a git bundle into the project's mirror volume, making it first where it is missing.
	FillMirror(ctx context.Context, p ProjectID, tip string, bundle io.Reader) error
	// EnsureSandbox makes the session's volumes and container where they are missing and starts it.
	EnsureSandbox(ctx context.Context, spec SandboxSpec) error
	// Connect opens the channel: the standard streams of `supervisor connect` in the session's container.
	Connect(ctx context.Context, id ID) (io.ReadWriteCloser, error)
	// Exec runs a command in the session's container as the agent's user, in /workspace.
	Exec(ctx context.Context, id ID, e Exec) (code int, err error)
	// Sandboxes lists the containers and volumes of this installation.
	Sandboxes(ctx context.Context) ([]Sandbox, error)
	// Sandbox returns what is known of one session's sandbox without measuring it: MemoryMB and CPU are 0.
	Sandbox(ctx context.Context, id ID) (Sandbox, error)
	// Measure returns what a running container uses: memory in MB, processors in percent of one core. It takes seconds
	// at most, and returns 0 where the engine is slower.
	Measure(ctx context.Context, container string) (memoryMB int, cpu float64, err error)
	// Stop ends the container and keeps its volumes.
	Stop(ctx context.Context, id ID) error
	// Remove deletes container and volumes; it is no error when there are none.
	Remove(ctx context.Context, id ID) error
	RemoveMirror(ctx context.Context, p ProjectID) error
	// Watch calls f for each change of a sandbox of this installation until ctx ends; it reconnects by itself.
	Watch(ctx context.Context, f func(SandboxEvent)) error
}

// ImageSpec is what an image is made from: the same packages are the same image, whatever project they are for.
type ImageSpec struct {
	Agent Agent
	// Packages are those of Debian, by groups in their order: images whose first groups are the same share them.
	Packages [][]string
}

// SandboxSpec is what a sandbox is made from.
type SandboxSpec struct {
	Session  ID
	Project  ProjectID
	Image    ImageSpec
	MemoryMB int
	CPUs     float64
	TmpMB    int // of /tmp, which is memory; 0: DefaultTmpMB
	Pids     int
	Binds    []Bind // nothing of the user's is mounted but these

	// Tools are mounted below Toolchain.Folder. Path and Variables are for all programs: folders before the image's own
	// PATH, and NAME=value, in both of which EngineArch stands for the engine's processor.
	Tools     []Toolchain
	Path      []string
	Variables []string
}

// EngineArch stands for the name of the engine's processor, amd64 or arm64.
const EngineArch = "{arch}"

// Bind is a file or folder of this computer that a sandbox may read.
type Bind struct {
	Source string // absolute, on this computer
	Target string // absolute, in the sandbox
}

// Exec is a command to run in a sandbox. With TTY, Stderr is unused.
type Exec struct {
	Command []string
	Stdin   io.Reader
	Stdout  io.Writer
	Stderr  io.Writer
	TTY     bool
}

// Sandbox is what the engine knows of one session's container.
type Sandbox struct {
	Session   ID           `json:"session"`
	Project   ProjectID    `json:"project"`
	State     SandboxState `json:"state"`
	Container string       `json:"container"` // the engine's id, "" if there is none
	Image     string       `json:"image"`
	Volumes   []string     `json:"volumes"`
	ExitCode  int          `json:"exitCode"`
	OOMKilled bool         `json:"oomKilled"`
	CreatedAt Millis       `json:"createdAt"`
	StartedAt Millis       `json:"startedAt"`
	MemoryMB  int          `json:"memoryMB"` // in use
	CPU       float64      `json:"cpu"`      // percent of one core
	LimitMB   int          `json:"limitMB"`
}

// SandboxEvent is something that happened to a sandbox. Kind is start, die, oom, gone (container removed),
// engine_down or engine_up (Session is empty for those two).
type SandboxEvent struct {
	Session  ID
	Kind     string
	ExitCode int
}

// Linker opens links over an engine's channel.
type Linker interface {
	Connect(ctx context.Context, rw io.ReadWriteCloser, h LinkHandler) (Link, error)
}

// LinkHandler is the host's side of a link.
type LinkHandler struct {
	Session ID
	Cursor  Cursor
	// Entries is called with the journal's entries after Cursor, in order, without gaps, from one goroutine. They
	// are acknowledged when it returns nil; the link closes when it returns an error.
	Entries func(ctx context.Context, entries []Entry) error
	// Model serves one connection of the agent to its model; it closes conn. Egress likewise, for everything else.
	Model  func(ctx context.Context, conn net.Conn)
	Egress func(ctx context.Context, conn net.Conn)
}

// Link is one live channel to the supervisor in a sandbox. Its commands are idempotent: one that was cut off is
// sent again after the next Connect.
type Link interface {
	// Start makes workspace and agent ready. What it does comes as entries; it returns when the agent can be
	// prompted, or an *Error.
	Start(ctx context.Context, s StartSpec) error
	// Fresh reports whether the files were those of the base when Start returned: no turn has begun among them, and no
	// result was brought back.
	Fresh() bool
	// Prompt hands over one prompt; it returns when the supervisor has it in its journal.
	Prompt(ctx context.Context, p PromptCommand) error
	// Cancel ends the running turn: asks the agent, and kills its process group when it does not answer in time.
	Cancel(ctx context.Context) error
	Answer(ctx context.Context, permission, option string) error
	// Settle answers a Proposal of the agent's.
	Settle(ctx context.Context, proposal, answer, url string) error
	SetOption(ctx context.Context, option, value string) error
	SetPolicy(ctx context.Context, p Policy) error
	// Checkpoint writes the working tree to the private ref.
	Checkpoint(ctx context.Context) (Checkpoint, error)
	// Only lists what exists in the sandbox alone, as it is now.
	Only(ctx context.Context) (OnlyList, error)
	// Bundle writes a git bundle of the checkpoint to w, without what have reaches.
	Bundle(ctx context.Context, c Checkpoint, have []string, w io.Writer) error
	// Import reads a git bundle into the workspace's repository; it moves no branch and no file.
	Import(ctx context.Context, bundle io.Reader) error
	// Restore makes the working tree and the branch those of an earlier result that the repository holds.
	Restore(ctx context.Context, commit, files string) error
	// Apply merges the difference between two commits that the repository holds into the working tree.
	Apply(ctx context.Context, from, to string) error
	// Upload puts an attachment where the agent can read it and returns its path in the sandbox.
	Upload(ctx context.Context, name string, r io.Reader) (string, error)
	// Output writes an item's whole text to w.
	Output(ctx context.Context, item ItemID, w io.Writer) error
	// Dial opens a connection to a loopback port in the sandbox.
	Dial(ctx context.Context, port int) (net.Conn, error)
	// Epoch returns the epoch of the supervisor's journal, as its hello said. Another than the handler's cursor has
	// means that the sandbox was recreated.
	Epoch() string
	// Done is closed when the link has ended, after the last call of Entries.
	Done() <-chan struct{}
	Close() error
}

// StartSpec is what a supervisor needs to make a session ready. Secrets, and those in MCP, go over the channel only and
// are kept in memory only.
type StartSpec struct {
	Session      ID
	Base         string // commit that the mirror holds
	Branch       string
	AuthorName   string
	AuthorEmail  string
	Command      []string
	Env          []string // NAME=value, for the agent and what it starts; holds no secret
	Secrets      []SecretValue
	Conversation string // resume this one; "" begins a new one
	Model        string
	Effort       string
	Mode         string
	Policy       Policy
	SetupSeconds int // limit of the setup hook
	MCP          []FilledMCPServer
	Known        *Known // for a new clone; nil where the clone is there
	Instructions string // what the agent is told of its sandbox
	// What the user accepted of the project's configuration: NAME=value, and commands that are run instead of the
	// project's scripts, where there are any.
	Variables, SetupCommands, StartCommands []string
	// Missing are the commands to be reported when they are missing, each with its Remedy's part.
	Missing map[string]string
}

// PromptCommand is a prompt as the supervisor gets it. Files are paths in the sandbox (from Upload).
type PromptCommand struct {
	ID    PromptID
	Text  string
	Files []PromptFile
}

// PromptFile is an attachment that lies in the sandbox.
type PromptFile struct {
	Path string
	Name string
	Mime string
}

// Checkpoint is a state of the workspace: the branch's commit, and a commit of all files whose parent that is.
type Checkpoint struct {
	Commit string
	Files  string
}

// Broker serves agents' connections to their models, with credentials that never enter a sandbox.
type Broker interface {
	// Env returns the environment by which an agent finds its models: base URLs on the sandbox's loopback, and
	// placeholders for keys.
	Env(ctx context.Context, s Session, agent Agent) ([]string, error)
	// Usable returns an *Error unless a model is set up that the agent can use. The demo model is not one: it runs when
	// it is chosen.
	Usable(ctx context.Context, agent Agent) error
	// Serve speaks HTTP on one connection from the session's sandbox until it ends.
	Serve(ctx context.Context, s ID, conn net.Conn)
	// Providers lists the providers that can be used now.
	Providers(ctx context.Context) ([]Provider, error)
	// Refresh says that keys or endpoints have changed: what is kept in memory of them is looked up again.
	Refresh()
}

// Egress carries a sandbox's connections to anywhere but the model, as far as the session's policy allows.
type Egress interface {
	// Serve speaks the HTTP proxy protocol on one connection from the session's sandbox until it ends.
	Serve(ctx context.Context, s ID, conn net.Conn)
	// Changed says that the session's policy is another now: open connections that it forbids are cut.
	Changed(s ID)
	// Looked says that the user has looked at the session: its sandbox may ask about hosts again.
	Looked(s ID)
	// Rule returns a user's rule about a host in the form in which it is compared, or an *Error that says what to
	// write.
	Rule(text string) (string, error)
}

// Vault keeps secrets in the keychain of the operating system. Each call returns within five seconds, with an Error
// that says in what state the keychain is. Names are of letters, digits and ._/-: provider/..., secret/..., forge/...
type Vault interface {
	// Check returns nil where secrets can be kept now.
	Check(ctx context.Context) error
	// Get returns the secret of that name, an Error with CodeNotFound if there is none.
	Get(ctx context.Context, name string) (Secret, error)
	Set(ctx context.Context, name string, value Secret) error
	// Delete is no error if there is none.
	Delete(ctx context.Context, name string) error
}
