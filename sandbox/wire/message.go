package wire

import "encoding/json"

// Version of the protocol. Host and supervisor come from the same build (the image is checked by content hash), so
// a difference is an error, not a negotiation.
const Version = 1

// Kinds of stream. The first line of each is a Header in JSON.
const (
	StreamControl = "control" // host opens, once: frames, see Frame
	StreamCall    = "call"    // host opens, one for each Call that carries bytes: bundle, import, upload, output
	StreamDial    = "dial"    // host opens: a Reply line, then a connection to a loopback port in the sandbox
	StreamModel   = "model"   // supervisor opens: a connection of the agent to its model
	StreamEgress  = "egress"  // supervisor opens: a connection to anywhere else, by the HTTP proxy protocol
)

// Header begins every stream.
type Header struct {
	Stream string `json:"stream"`
	Call   *Call  `json:"call,omitempty"` // StreamCall
	Port   int    `json:"port,omitempty"` // StreamDial: where to; StreamEgress: of the client, see Caller
}

// Frame is one message on the control stream: a big-endian uint32 length, then that many bytes of JSON, at most
// MaxFrame. Exactly one field is set.
type Frame struct {
	Hello *Hello  `json:"hello,omitempty"` // first frame of each side
	Entry []Entry `json:"entry,omitempty"` // supervisor to host, in order
	Ack   *Cursor `json:"ack,omitempty"`   // host to supervisor: stored up to here
	Call  *Call   `json:"call,omitempty"`  // host to supervisor
	Reply *Reply  `json:"reply,omitempty"` // supervisor to host
}

// MaxFrame bounds a frame, MaxText the text in one entry.
const (
	MaxFrame = 4 << 20
	MaxText  = 256 << 10
)

// Hello of the host says what it has; the supervisor's says what there is.
type Hello struct {
	Version int    `json:"version"`
	Session string `json:"session"`
	Cursor  Cursor `json:"cursor"`
}

// Cursor is a place in the journal.
type Cursor struct {
	Epoch string `json:"epoch"`
	Seq   uint64 `json:"seq"`
}

// Methods of a Call.
const (
	MethodStart      = "start"      // Start -> nothing
	MethodPrompt     = "prompt"     // Prompt -> nothing
	MethodCancel     = "cancel"     // Cancel or nothing -> nothing
	MethodAnswer     = "answer"     // Answer -> nothing
	MethodSettle     = "settle"     // Settle -> nothing
	MethodOption     = "option"     // Option -> nothing
	MethodPolicy     = "policy"     // Policy -> nothing
	MethodCheckpoint = "checkpoint" // nothing -> Checkpoint
	MethodOnly       = "only"       // nothing -> OnlyList
	MethodRestore    = "restore"    // Checkpoint -> nothing
	MethodApply      = "apply"      // Apply -> nothing
	MethodCaller     = "caller"     // Caller -> Caller
	MethodBundle     = "bundle"     // stream; Bundle -> bytes to the host
	MethodImport     = "import"     // stream; bytes to the supervisor
	MethodUpload     = "upload"     // stream; Upload, bytes -> File
	MethodOutput     = "output"     // stream; Output -> bytes to the host
)

// Call asks for something. ID is the caller's; a call that was accepted before (in this journal) is answered, not done
// again: prompt carries its own id for that.
type Call struct {
	ID     uint64          `json:"id"`
	Method string          `json:"method"`
	Params json.RawMessage `json:"params,omitempty"`
}

// Reply answers a Call. On a call stream it is one JSON line, before the bytes to the host, or after those to the
// supervisor. Bytes are a body, see BodyWriter.
type Reply struct {
	ID     uint64          `json:"id"`
	Error  *Error          `json:"error,omitempty"`
	Result json.RawMessage `json:"result,omitempty"`
}

// Error has the shape of the host's: a code, a sentence, a hint.
type Error struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Hint    string `json:"hint,omitempty"`
}

func (e *Error) Error() string { return e.Message }

// Started is the answer to Start. Fresh says that the files are those of the base: no turn has begun among them, and no
// result was brought back.
type Started struct {
	Fresh bool `json:"fresh"`
}

// Start is all that the supervisor needs to make the session ready.
type Start struct {
	Base         string      `json:"base"`
	Branch       string      `json:"branch"`
	AuthorName   string      `json:"authorName"`
	AuthorEmail  string      `json:"authorEmail"`
	Command      []string    `json:"command"`
	Env          []string    `json:"env"`
	Secrets      []Secret    `json:"secrets,omitempty"` // to be put into files; NAME_FILE names each in the environment
	Conversation string      `json:"conversation,omitempty"`
	Model        string      `json:"model,omitempty"`
	Effort       string      `json:"effort,omitempty"`
	Mode         string      `json:"mode,omitempty"`
	Policy       string      `json:"policy"` // ask, allow_edits, allow_all
	SetupSeconds int         `json:"setupSeconds"`
	MCP          []MCPServer `json:"mcp,omitempty"`
	Known        *Known      `json:"known,omitempty"` // for a new clone
	// Instructions say what there is in the sandbox. The agent hears them at its start, beside what its user writes.
	Instructions string   `json:"instructions,omitempty"`
	Variables    []string `json:"variables,omitempty"` // NAME=value of the project's; Env and Secrets go before them
	// Commands of the project's, each a script for sh, that are run instead of setup.sh and start.sh.
	SetupCommands []string `json:"setupCommands,omitempty"`
	StartCommands []string `json:"startCommands,omitempty"`
	// Missing are the commands that the host wants to hear of when a program calls them in vain, each with the name of
	// what it is part of.
	Missing map[string]string `json:"missing,omitempty"`
}

// Known is what a new clone has beside its own branch, as the user's repository has it.
type Known struct {
	Branch string `json:"branch,omitempty"` // the base's own name, such as main
	Remote string `json:"remote,omitempty"` // where it is at a remote, such as origin/main
	Tags   []Tag  `json:"tags,omitempty"`   // those that the base reaches
}

// Tag is a tag of the user's. Object is the tag object itself, where it is an annotated one.
type Tag struct {
	Name   string `json:"name"`
	ID     string `json:"id"`
	Object []byte `json:"object,omitempty"`
}

// Secret is a value of the user's for a file in memory.
type Secret struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// MCPServer is a server of the Model Context Protocol that the agent gets: a program in the sandbox, or with URL one
// reached by HTTP.
type MCPServer struct {
	Name    string   `json:"name"`
	Command []string `json:"command,omitempty"`
	Env     []string `json:"env,omitempty"` // NAME=value
	URL     string   `json:"url,omitempty"`
	Headers []string `json:"headers,omitempty"` // Name: value
}

// Prompt is one prompt. Files lie in the sandbox.
type Prompt struct {
	ID    string `json:"id"`
	Text  string `json:"text"`
	Files []File `json:"files,omitempty"`
}

// File is an attachment in the sandbox.
type File struct {
	Path string `json:"path"`
	Name string `json:"name"`
	Mime string `json:"mime"`
}

// Cancel says what to end; without parameters it is whatever runs. Start ends a start that is under way and no turn.
type Cancel struct {
	Start bool `json:"start"`
}

// Answer answers a permission request.
type Answer struct {
	Permission string `json:"permission"`
	Option     string `json:"option"`
}

// Settle answers a Proposal: opened, with the pull request's URL, or declined.
type Settle struct {
	Proposal string `json:"proposal"`
	Answer   string `json:"answer"`
	URL      string `json:"url,omitempty"`
}

// Option sets one of the agent's options.
type Option struct {
	Option string `json:"option"`
	Value  string `json:"value"`
}

// Policy sets how permission requests are answered.
type Policy struct {
	Policy string `json:"policy"`
}

// Checkpoint is a state of the workspace.
type Checkpoint struct {
	Commit string `json:"commit"`
	Files  string `json:"files"`
}

// Caller is who holds a connection to the proxy: Port asks, Commands answers. These are the command lines of the
// process and of those that started it, the innermost first, none where it is not found. Programs may name themselves
// anything.
type Caller struct {
	Port     int      `json:"port,omitempty"`
	Commands []string `json:"commands,omitempty"`
}

// Bounds of Caller.Commands.
const (
	MaxCallers = 5
	MaxCommand = 500 // bytes
)

// Apply names two commits whose difference is merged into the working tree.
type Apply struct {
	From string `json:"from"`
	To   string `json:"to"`
}

// Bundle asks for Checkpoint without what Have reaches. The bundle's refs are refs/result/commit and refs/result/files.
type Bundle struct {
	Checkpoint Checkpoint `json:"checkpoint"`
	Have       []string   `json:"have"`
}

// Upload names an attachment.
type Upload struct {
	Name string `json:"name"`
	Size int64  `json:"size"`
}

// Output names an item whose whole text is asked for.
type Output struct {
	Item string `json:"item"`
}
