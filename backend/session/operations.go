package session

import (
	"context"
	"io"
)

// Operations is everything that can be asked of the application. The Manager does it, control.Client asks a
// running application for it, and the window and `bga` are written against it.
type Operations interface {
	// Watch calls f with the whole state, and then with every change in order, until ctx ends. It returns an error when
	// a watcher is so slow that it has lost its place; it then watches again.
	Watch(ctx context.Context, f func(Event)) error

	AddProject(ctx context.Context, path string) (Project, error)
	InitProject(ctx context.Context, path string) (Project, error) // after CodeEmpty: makes the first commit
	RemoveProject(ctx context.Context, id ProjectID) error
	MoveProject(ctx context.Context, id ProjectID, path string) (Project, error) // its repository is at path now
	SaveProject(ctx context.Context, p Project) error                            // Name, Defaults, MCP, Mounts and Limits
	SetHost(ctx context.Context, id ProjectID, r HostRule) error
	ForgetHost(ctx context.Context, id ProjectID, host string) error
	Suggestions(ctx context.Context) ([]Repository, error)
	Repository(ctx context.Context, id ProjectID) (Repository, error)
	Refs(ctx context.Context, id ProjectID, search string) (Refs, error)
	ProjectEnvironment(ctx context.Context, id ProjectID) (ProjectEnvironment, error) // as its files are now
	SetEnvironment(ctx context.Context, id ProjectID, yes EnvironmentChoice) (ProjectEnvironment, error)
	SaveConfiguration(ctx context.Context, id ProjectID) (path string, err error) // into the user's checkout
	// AnswerMissing answers an item that says what the sandbox lacks: add it to the project's environment and restart
	// the sandbox when no turn runs, or do not ask again in this project.
	AnswerMissing(ctx context.Context, id ID, item ItemID, add bool) error

	Create(ctx context.Context, n NewSession) (Session, error)
	Retry(ctx context.Context, id ID) error  // start again after a failure or an interruption
	Resume(ctx context.Context, id ID) error // start a stopped session
	Rename(ctx context.Context, id ID, title string) error
	Pin(ctx context.Context, id ID, pinned bool) error
	Seen(ctx context.Context, id ID) error
	SetOption(ctx context.Context, id ID, option, value string) error
	SetPolicy(ctx context.Context, id ID, p Policy) error
	SetNetwork(ctx context.Context, id ID, n Network) error
	Archive(ctx context.Context, id ID, force bool) error // CodeUnsaved where the sandbox alone has something, unless force is set
	Unarchive(ctx context.Context, id ID) error
	Unsaved(ctx context.Context, id ID) ([]string, error)
	Delete(ctx context.Context, id ID, force bool) error // CodeUnsaved unless nothing is lost or force is set

	Prompt(ctx context.Context, id ID, p NewPrompt) (Prompt, error)
	EditPrompt(ctx context.Context, id ID, prompt PromptID, text string) error
	MovePrompt(ctx context.Context, id ID, prompt PromptID, to int) error
	CancelPrompt(ctx context.Context, id ID, prompt PromptID) (Prompt, error)
	Attach(ctx context.Context, name, mime string, r io.Reader) (Attachment, error)
	Stop(ctx context.Context, id ID) error // the running turn, or the start; with neither, the sandbox
	Answer(ctx context.Context, id ID, permission, option string) error

	Items(ctx context.Context, id ID, from uint64, limit int) ([]Item, error)
	Changed(ctx context.Context, id ID, since uint64, limit int) ([]Item, error)
	Output(ctx context.Context, id ID, item ItemID, w io.Writer) error

	Diff(ctx context.Context, id ID, turn int) ([]FileChange, error) // turn 0: everything since the base
	Patch(ctx context.Context, id ID, turn int, path string, o PatchOptions) (Patch, error)
	WritePatch(ctx context.Context, id ID, turn int, w io.Writer) error // all of Diff, as `git apply` reads it
	Checkpoint(ctx context.Context, id ID) error                        // while a turn runs: refresh the diff
	Checkout(ctx context.Context, id ID) (path string, err error)
	// Restore puts the files back as they were before the turn: CodeUnsaved where that drops commits, unless force is
	// set.
	Restore(ctx context.Context, id ID, turn int, force bool) error
	Branches(ctx context.Context, id ID) (OnlyList, error)             // what the sandbox alone has
	TakeBranch(ctx context.Context, id ID, name string) (Taken, error) // brings one of these out, as a branch of the user's
	Edits(ctx context.Context, id ID) ([]FileChange, error)
	SendEdits(ctx context.Context, id ID) error // to the agent; a stopped sandbox starts for it
	UndoEdits(ctx context.Context, id ID) error

	// What goes out: a plan says what would happen, and the user's yes to it makes it happen.
	Commit(ctx context.Context, id ID, message string) error
	PlanPush(ctx context.Context, id ID, t PushTarget) (PushPlan, error)
	Push(ctx context.Context, id ID, yes Push) (Pushed, error)
	PlanMerge(ctx context.Context, id ID, t MergeTarget) (MergePlan, error)
	Merge(ctx context.Context, id ID, yes Merge) (Merged, error)
	PlanRebase(ctx context.Context, id ID, onto string) (RebasePlan, error) // onto a branch, tag or commit; "": the base
	Rebase(ctx context.Context, id ID, yes Rebase) error
	PlanPullRequest(ctx context.Context, id ID, t PullRequestTarget) (PullRequestPlan, error)
	OpenPullRequest(ctx context.Context, id ID, yes NewPullRequest) (PullRequest, error)
	ReadPullRequest(ctx context.Context, id ID) (PullRequest, error)
	DeclineProposal(ctx context.Context, id ID, item ItemID) error
	ForgeLogins(ctx context.Context) ([]ForgeLogin, error)
	SetForgeToken(ctx context.Context, host, token string) error // "" removes it

	Sandbox(ctx context.Context, id ID) (Sandbox, error)
	Connections(ctx context.Context, id ID, limit int) ([]Connection, error)
	Exec(ctx context.Context, id ID, e Exec) (code int, err error)

	Secrets(ctx context.Context, at SecretScope) ([]SecretEntry, error) // of this scope and the wider ones
	SetSecret(ctx context.Context, at SecretScope, name string, d Delivery, value Secret) (SecretEntry, error)
	MarkSecret(ctx context.Context, at SecretScope, name string, m Mark) (SecretEntry, error) // in the scope, or the next wider one
	DeleteSecret(ctx context.Context, at SecretScope, name string) error
	PasteSecrets(ctx context.Context, at SecretScope, d Delivery, text Secret) (Pasted, error) // a .env text
	Keychain(ctx context.Context) error                                                        // nil where secrets can be kept now

	SaveSettings(ctx context.Context, s Settings) error
	SetBudget(ctx context.Context, id ID, b *Budget) error // nil: the settings'
	Today(ctx context.Context) (DayUse, error)

	Agents(ctx context.Context) ([]Agent, error)
	Providers(ctx context.Context) ([]Provider, error)
	Mounts(ctx context.Context) ([]Mount, error)                     // what a project may mount of the user's home
	SaveProvider(ctx context.Context, p ProviderConfig) error        // of the user's own; one of the same id is replaced
	RemoveProvider(ctx context.Context, id string) error             // of the user's own, with its key
	SetProviderKey(ctx context.Context, id string, key string) error // into the keychain; "" removes it there
	// SetKeyAddress lets a provider's key go to an address that only the environment names; "" takes that back.
	SetKeyAddress(ctx context.Context, id, address string) error
	BuildImage(ctx context.Context, agent string) error  // returns at once; progress comes as events
	CancelImage(ctx context.Context, image string) error // the agent, and packages after it with a space before each
	Doctor(ctx context.Context) ([]Check, error)
	Demo(ctx context.Context) (Session, error) // makes the sample project and starts a session on it
}

// NewSession is what the user chooses; empty fields take the project's defaults, then the settings'.
type NewSession struct {
	Project ProjectID `json:"project"`
	Title   string    `json:"title"`
	Agent   string    `json:"agent"`
	Model   string    `json:"model"`
	Effort  string    `json:"effort"`
	Mode    string    `json:"mode"`
	Policy  Policy    `json:"policy"`
	Network Network   `json:"network"`
	Base    string    `json:"base"` // any branch, tag or commit; "" for the current branch
	// Folder is where the user is: in a linked worktree of the project, its branch is the current one.
	Folder string    `json:"folder,omitempty"`
	Branch string    `json:"branch"` // "" for the prefix and a name from the prompt
	Prompt NewPrompt `json:"prompt"` // may be empty: the session then waits, idle
}

// NewPrompt is a prompt to be queued. ID may be empty; one that was accepted before is returned, not queued twice.
type NewPrompt struct {
	ID          PromptID     `json:"id"`
	Text        string       `json:"text"`
	Attachments []Attachment `json:"attachments"`
}

// Check is one finding of the doctor. Status is ok, warn or fail; Needed says that sessions cannot run without it.
type Check struct {
	ID     string `json:"id"`
	Title  string `json:"title"`
	Status string `json:"status"`
	Found  string `json:"found"`
	Hint   string `json:"hint"`
	Needed bool   `json:"needed"`
}
