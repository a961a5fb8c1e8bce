package wire

// Kinds of what exists only in a sandbox.
const (
	OnlyBranch     = "branch"
	OnlyTag        = "tag"
	OnlyStash      = "stash"
	OnlyRef        = "ref"        // notes, and whatever else points to commits
	OnlyWorktree   = "worktree"   // a linked one, with changes that are not committed or on no branch
	OnlyFile       = "file"       // left out of every checkpoint
	OnlyFolder     = "folder"     // cannot be read
	OnlyRepository = "repository" // a nested one, with work that no remote has
)

// Only is one thing that exists in the sandbox alone: no checkpoint holds it, and it is lost with the sandbox.
type Only struct {
	Kind   string `json:"kind"`
	Name   string `json:"name"`             // of the ref, or a path, at most MaxOnlyText bytes
	Detail string `json:"detail,omitempty"` // in a few words, at most MaxOnlyText bytes
	Commit string `json:"commit,omitempty"` // can be asked for with Bundle
	Count  int    `json:"count,omitempty"`  // commits that are nowhere else
}

// OnlyList is a bounded list of what exists in the sandbox alone. More counts what has no place in it.
type OnlyList struct {
	List []Only `json:"list,omitempty"`
	More int    `json:"more,omitempty"`
}

// Bounds of an OnlyList.
const (
	MaxOnly     = 100
	MaxOnlyText = 300 // bytes
)
