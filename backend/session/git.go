package session

import (
	"context"
	"io"
)

// Known is what a new clone has beside its own branch, as the user's repository has it.
type Known struct {
	Branch string // the base's own name, such as main; "" if it is not a branch
	Remote string // where it is at a remote, such as origin/main
	Tags   []Tag  // those that the base reaches
}

// Tag is a tag of the user's. Object is the tag object itself where it is an annotated one.
type Tag struct {
	Name, ID string
	Object   []byte
}

// Bounds of Known.Tags: how many, and bytes of their objects in all.
const (
	MaxTags     = 2000
	MaxTagBytes = 1 << 20
)

// Git reads the user's repositories, and writes nothing in them but branches and worktrees of sessions. It never
// scans a tree, nor opens a git directory, that an agent can write.
type Git interface {
	// Inspect finds the repository that path lies in.
	Inspect(ctx context.Context, path string) (Repository, error)
	// Suggest lists repositories below dir, newest first, at most limit.
	Suggest(ctx context.Context, dir string, limit int) ([]Repository, error)
	// Refs lists what a session can start from: the newest, or with search those whose names hold each of its words.
	Refs(ctx context.Context, p Project, search string) (Refs, error)
	// Resolve returns the full commit id that ref names, CodeBaseMissing where it names none.
	Resolve(ctx context.Context, p Project, ref string) (string, error)
	// FreeBranch returns a branch name from the wish that is not taken, by a number at its end if need be.
	FreeBranch(ctx context.Context, p Project, wish string) (string, error)
	// CheckBranch refuses a name that a new branch can't have, and says why: CodeInvalid where git does not allow it,
	// CodeBranchExists where it is taken, or lies below or above another branch.
	CheckBranch(ctx context.Context, p Project, name string) error
	// BaseNames returns the names of a base that a new clone has beside its own branch. base is what the user chose,
	// commit what it was.
	BaseNames(ctx context.Context, p Project, base, commit string) (Known, error)
	// Identity returns the author that the user's own commits in the repository would have.
	Identity(ctx context.Context, p Project) (name, email string, err error)
	// Bundle writes the history of commit as a git bundle with the one ref refs/heads/base, without what the commits in
	// have reach.
	Bundle(ctx context.Context, p Project, commit string, have []string, w io.Writer) error
	// Submodules lists the paths at which a commit has a submodule: Bundle does not bring their files.
	Submodules(ctx context.Context, p Project, commit string) ([]string, error)
	// ReadFiles calls f with the files of a commit, as the objects have them: nothing is checked out, no link followed.
	ReadFiles(ctx context.Context, p Project, commit string, f func(FileTree) error) error
	// SaveFile writes a file of the user's checkout, and commits nothing. It returns its path, CodeConflict where the
	// file has changes that are not committed, or where a link or something else lies at its path.
	SaveFile(ctx context.Context, p Project, name string, data []byte) (string, error)
	// CommitEmpty makes a first commit in an empty repository, of nothing: what the user agreed to.
	CommitEmpty(ctx context.Context, p Project) error

	// Receive fetches a bundle into the project's quarantine, checks it, and keeps it as the session's turn.
	Receive(ctx context.Context, p Project, s Session, turn int, c Checkpoint, bundle io.Reader) (Verified, error)
	// ReceiveBranch fetches a bundle of a commit that is not the session's result, checks it as Receive does, and makes
	// a branch of it in the user's repository: wish, or wish with a number where there is one of that name. It moves no
	// branch.
	ReceiveBranch(ctx context.Context, p Project, s Session, commit, wish string, bundle io.Reader) (branch string, err error)
	// Dropped lists the commits that from has and to has not, the newest first, at most MaxPlanned. What to has under
	// another id is not dropped.
	Dropped(ctx context.Context, p Project, s Session, from, to string) ([]CommitLine, error)
	// Publish brings branch and worktree to the session's verified result. Where the user changed files in the
	// worktree, or moved the branch, it leaves them and says so with CodeConflict. It returns the worktree's path.
	Publish(ctx context.Context, p Project, s Session, v Verified) (worktree string, err error)
	// Edits lists what the user changed in the worktree since Publish.
	Edits(ctx context.Context, p Project, s Session) ([]FileChange, error)
	// BundleEdits keeps the user's changes as a commit above the session's result and writes a bundle of it to w.
	BundleEdits(ctx context.Context, p Project, s Session, w io.Writer) (commit string, err error)
	// UndoEdits puts the worktree's files and index back to what was published last. What the user had changed is kept
	// as a commit in the quarantine until the session is deleted; ignored files stay.
	UndoEdits(ctx context.Context, p Project, s Session) error
	// BundleResult writes a bundle of a verified result, for a sandbox that has lost it. have as in Bundle.
	BundleResult(ctx context.Context, p Project, s Session, v Verified, have []string, w io.Writer) error
	// Diff lists the changed files between two commits of the quarantine, "" for the base.
	Diff(ctx context.Context, p Project, s Session, r Range) ([]FileChange, error)
	// Patch returns one file's difference.
	Patch(ctx context.Context, p Project, s Session, r Range, path string, o PatchOptions) (Patch, error)
	// WritePatch writes all differences as git prints them, with modes, links, renames and binary files.
	WritePatch(ctx context.Context, p Project, s Session, r Range, w io.Writer) error
	// Remotes lists the repository's remotes, URLs without name and password.
	Remotes(ctx context.Context, p Project) ([]Remote, error)
	// PlanPush says what a push of the session's verified commit would do. It asks no remote.
	PlanPush(ctx context.Context, p Project, s Session, t PushTarget) (PushPlan, error)
	// Push pushes one verified commit to one branch, which must be where the lease says. It runs no hook and asks
	// nobody for a password: CodeLogin where the remote wants one that is not known, CodeConflict where somebody else
	// pushed.
	Push(ctx context.Context, p Project, s Session, yes Push, progress func(string)) error
	// WriteOutgoing writes to w what the commits of such a push add: the commits, names of new files, and lines that
	// are new.
	WriteOutgoing(ctx context.Context, p Project, s Session, lease string, w io.Writer) error
	// PlanMerge says what a merge of the session's verified commit into a branch of the user's would do.
	PlanMerge(ctx context.Context, p Project, s Session, t MergeTarget) (MergePlan, error)
	// Merge does it and returns where the branch is then. A checkout of the branch follows; one with changes is
	// refused.
	Merge(ctx context.Context, p Project, s Session, yes Merge) (tip string, err error)
	// PlanRebase fetches the session's BaseRef from its remote, and says what a rebase onto it would do.
	PlanRebase(ctx context.Context, p Project, s Session, progress func(string)) (RebasePlan, error)
	// Rebase makes the session's commits and files again above onto, and keeps them as its verified result, or says
	// where that stops: then onto is kept as what a result of the session may hold.
	Rebase(ctx context.Context, p Project, s Session, onto string) (Verified, *RebaseConflict, error)
	// Commit makes of the verified files a commit above the verified commit, by the user.
	Commit(ctx context.Context, p Project, s Session, message string) (Verified, error)
	// Unsaved lists what would be lost if the session were deleted: commits on no other branch or remote, uncommitted
	// files.
	Unsaved(ctx context.Context, p Project, s Session) ([]string, error)
	// Forget removes the session's worktree, branch (where it is merged or force is set) and quarantine refs.
	Forget(ctx context.Context, p Project, s Session, force bool) error
	// ForgetWorktree removes the worktree alone, where it holds nothing that is not in the quarantine.
	ForgetWorktree(ctx context.Context, p Project, s Session) error
	// Moved reports whether the repository at p.Path is the one in which one of the sessions was published.
	Moved(ctx context.Context, p Project, sessions []Session) bool
	// Relocate makes the sessions' worktrees worktrees of the repository at p.Path, which has moved there. It refuses a
	// repository without the commits that the sessions started from.
	Relocate(ctx context.Context, p Project, sessions []Session) error
	// ForgetProject removes the quarantine.
	ForgetProject(ctx context.Context, p Project) error
}

// Repository is what Inspect found.
type Repository struct {
	Path     string `json:"path"`
	Name     string `json:"name"`
	Worktree string `json:"worktree"` // the linked worktree that was asked about: Branch, Head and Dirty are its own; else ""
	Branch   string `json:"branch"`   // "" where HEAD is detached
	Head     string `json:"head"`     // "" where there is no commit yet
	Bare     bool   `json:"bare"`
	Remote   string `json:"remote"` // origin's URL without credentials, "" if there is none
	LFS      bool   `json:"lfs"`
	Dirty    bool   `json:"dirty"` // uncommitted changes: they are not part of a new session
	// Submodules are the paths of HEAD's submodules, at most 100: their folders are empty in a sandbox.
	Submodules []string `json:"submodules"`
}

// Remote is one of a repository's remotes.
type Remote struct {
	Name string `json:"name"`
	URL  string `json:"url"`  // to fetch from
	Push string `json:"push"` // to push to
}

// Refs are what a session can start from; Current is the default.
type Refs struct {
	Current string   `json:"current"`
	Local   []string `json:"local"`
	Remote  []string `json:"remote"`
	Tags    []string `json:"tags"`
	More    bool     `json:"more"` // there are others: a search finds them
}

// Range is what to compare: a turn (from the result before it to its own), or with Turn 0 the base to the last result.
type Range struct {
	Turn int    `json:"turn"`
	From string `json:"from"` // commits, filled in by the Manager
	To   string `json:"to"`
}

// FileChange is one changed file. Status is added, modified, deleted, renamed, copied or type_changed.
type FileChange struct {
	Path    string `json:"path"`
	Old     string `json:"old"` // before a rename
	Status  string `json:"status"`
	Added   int    `json:"added"`
	Removed int    `json:"removed"`
	Binary  bool   `json:"binary"`
	Risk    string `json:"risk"` // "" or why to look first: ci, hook, editor, link, migration, lock, deletion, agent, build
}

// PatchOptions say how a file's difference is made. Context is in lines.
type PatchOptions struct {
	Context          int  `json:"context"`
	IgnoreWhitespace bool `json:"ignoreWhitespace"`
}

// Patch is one file's difference as hunks of lines, bounded: Truncated says that there is more.
type Patch struct {
	Path      string `json:"path"`
	Hunks     []Hunk `json:"hunks"`
	Binary    bool   `json:"binary"`
	Truncated bool   `json:"truncated"`
}

// Hunk is a run of lines. Each line begins with ' ', '+', '-' or '\'.
type Hunk struct {
	OldStart int      `json:"oldStart"`
	OldLines int      `json:"oldLines"`
	NewStart int      `json:"newStart"`
	NewLines int      `json:"newLines"`
	Heading  string   `json:"heading"`
	Lines    []string `json:"lines"`
}
