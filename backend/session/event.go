package session

// Event is one change, or at the start of a Watch the whole state: every field that is set holds full values
// that replace what the watcher had. It is the protocol of the window and of `bga` alike.
type Event struct {
	// State is set on the first event of a Watch: what is not in this event does not exist.
	State       bool         `json:"state,omitempty"`
	Settings    *Settings    `json:"settings,omitempty"`
	Projects    []Project    `json:"projects,omitempty"`
	Sessions    []Session    `json:"sessions,omitempty"`
	Items       []Item       `json:"items,omitempty"`
	Deltas      []Delta      `json:"deltas,omitempty"`
	Connections []Connection `json:"connections,omitempty"`
	Gone        []string     `json:"gone,omitempty"`   // ids of projects and sessions that were deleted
	Images      []ImageState `json:"images,omitempty"` // by agent
	Engine      *EngineState `json:"engine,omitempty"`
}

// Delta appends Text to an item that the watcher has at revision Prev and brings it to Rev. A watcher that has
// another revision asks for the item again.
type Delta struct {
	Session ID     `json:"session"`
	Item    ItemID `json:"item"`
	Prev    uint64 `json:"prev"`
	Rev     uint64 `json:"rev"`
	Text    string `json:"text"`
	Size    int64  `json:"size"`
}

// ImageState is the state of the image that an agent's sandboxes are made from.
type ImageState struct {
	Agent    string   `json:"agent"`
	Packages []string `json:"packages"` // of a project's environment; none for the agent's own image
	Name     string   `json:"name"`
	Status   string   `json:"status"` // unknown, missing, building, current, failed
	Step     string   `json:"step"`   // "3/7 npm install ..."
	Done     int      `json:"done"`
	Total    int      `json:"total"`
	Size     int64    `json:"size"`
	Started  Millis   `json:"started"`
	Millis   int      `json:"millis"`
	Log      string   `json:"log"` // last lines
	Error    *Error   `json:"error,omitempty"`
}

// EngineState says whether containers can be had.
type EngineState struct {
	OK   bool   `json:"ok"`
	Name string `json:"name"` // "Docker 28.5 on linux/amd64"
	Host string `json:"host"` // the socket in use
	// MemoryMB and CPUs are what it has for all sandboxes together; 0: not known.
	MemoryMB int    `json:"memoryMB"`
	CPUs     int    `json:"cpus"`
	Error    *Error `json:"error,omitempty"`
}

// Settings are the user's, for all projects.
type Settings struct {
	Concurrency  int     `json:"concurrency"`  // sessions that may start or work at once; more wait
	IdleMinutes  int     `json:"idleMinutes"`  // an idle sandbox stops after; 0 never
	BranchPrefix string  `json:"branchPrefix"` // "agents/"
	WorktreeDir  string  `json:"worktreeDir"`  // "" for the application's own folder
	Agent        string  `json:"agent"`
	Policy       Policy  `json:"policy"`
	Network      Network `json:"network"`
	MemoryMB     int     `json:"memoryMB"`
	CPUs         float64 `json:"cpus"`
	Pids         int     `json:"pids"`
	Theme        string  `json:"theme"`    // system, light, dark
	Density      string  `json:"density"`  // comfortable, compact
	FontSize     int     `json:"fontSize"` // pixels
	// Rev counts the changes by SaveSettings, which takes only a change of the newest.
	Rev int `json:"rev"`
	// Secrets are the global ones; SaveSettings does not change them.
	Secrets []SecretEntry `json:"secrets"`
	// Providers are the user's own, changed by SaveProvider and RemoveProvider alone.
	Providers []ProviderConfig `json:"providers"`
	// KeyAddresses are addresses that the environment names and the user lets a provider's key go to, by the provider;
	// changed by SetKeyAddress alone.
	KeyAddresses  map[string]string `json:"keyAddresses"`
	SessionBudget Budget            `json:"sessionBudget"` // of each session that has none of its own
	DayBudget     Budget            `json:"dayBudget"`     // of all sessions together
	// Agents are the user's own, beside those of the application.
	Agents []AgentConfig `json:"agents"`
}
