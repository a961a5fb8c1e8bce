package sessiontest

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"maps"
	"path/filepath"
	"slices"
	"sync"

	"background-agents/backend/session"
)

// Git is a session.Git without repositories: every path is one, and every result is accepted.
type Git struct {
	sync.Mutex
	Received    []session.Checkpoint
	Unedited    bool // the user changed nothing in the worktree
	Published   []session.Verified
	Refuse      error                     // what Receive answers
	Receiving   func()                    // called by Receive, nil for none
	Publishing  func(ctx context.Context) // called by Publish, nil for none
	Resolving   func()                    // called by Resolve, nil for none
	Bringing    func(ctx context.Context) // called by BundleResult, nil for none
	Conflict    error                     // what Publish answers
	Losses      []string                  // what Unsaved answers
	Forgotten   []session.ID
	Stuck       error    // what Forget and ForgetProject answer
	Branches    []string // what ReceiveBranch made, with their commits
	Pushes      []session.Push
	Outgoing    string                  // what WriteOutgoing writes
	Risky       []string                // what a push must have approved
	Stored      session.StoredFiles     // of a push, by Git LFS
	Raw         []session.RawFile       // of a push
	Unreachable error                   // what Push answers
	Stop        *session.RebaseConflict // where Rebase stops
	Modules     []string                // what Submodules answers, and what Inspect says
	Files       Files                   // what ReadFiles shows
	Saved       Files                   // what SaveFile wrote
	Empty       bool                    // no repository has a commit yet
	Gone        string                  // the path at which there is no repository any more
	Known       string                  // the folder of the repository that Moved knows
	Relocated   []session.ID
	Worktree    session.Repository // what Inspect says of Worktree.Worktree
}

// Inspect implements session.Git.
func (g *Git) Inspect(_ context.Context, path string) (session.Repository, error) {
	g.Lock()
	defer g.Unlock()
	if path == g.Gone {
		return session.Repository{}, &session.Error{Code: session.CodeNotRepository, Message: "There is no folder " + path + ".", Hint: "Choose another."}
	}
	if path != "" && path == g.Worktree.Worktree {
		return g.Worktree, nil
	}
	repo := session.Repository{Path: path, Name: filepath.Base(path), Branch: "main", Head: "base", Submodules: g.Modules}
	if g.Empty {
		repo.Head = ""
		return repo, &session.Error{Code: session.CodeEmpty, Message: "The repository has no commit yet.", Hint: "Make one."}
	}
	return repo, nil
}

// Suggest implements session.Git.
func (g *Git) Suggest(context.Context, string, int) ([]session.Repository, error) { return nil, nil }

// Refs implements session.Git.
func (g *Git) Refs(context.Context, session.Project, string) (session.Refs, error) {
	return session.Refs{Current: "main", Local: []string{"main"}}, nil
}

// Resolve implements session.Git.
func (g *Git) Resolve(_ context.Context, _ session.Project, ref string) (string, error) {
	if g.Resolving != nil {
		g.Resolving()
	}
	if ref == "missing" {
		return "", &session.Error{Code: session.CodeBaseMissing, Message: "There is no branch missing.", Hint: "Choose another."}
	}
	return "base", nil
}

// FreeBranch implements session.Git.
func (g *Git) FreeBranch(_ context.Context, _ session.Project, wish string) (string, error) {
	return wish, nil
}

// BaseNames implements session.Git.
func (g *Git) BaseNames(_ context.Context, _ session.Project, base, _ string) (session.Known, error) {
	return session.Known{Branch: base, Remote: "origin/" + base}, nil
}

// Identity implements session.Git.
func (g *Git) Identity(context.Context, session.Project) (string, string, error) {
	return "A User", "user@example.com", nil
}

// Bundle implements session.Git.
func (g *Git) Bundle(_ context.Context, _ session.Project, commit string, _ []string, w io.Writer) error {
	_, err := io.WriteString(w, commit)
	return err
}

// Submodules implements session.Git.
func (g *Git) Submodules(context.Context, session.Project, string) ([]string, error) {
	return g.Modules, nil
}

// CommitEmpty implements session.Git.
func (g *Git) CommitEmpty(_ context.Context, p session.Project) error {
	if p.ID == "" {
		return errors.New("the project has no id")
	}
	g.Lock()
	defer g.Unlock()
	g.Empty = false
	return nil
}

// Receive implements session.Git.
func (g *Git) Receive(_ context.Context, _ session.Project, _ session.Session, turn int, c session.Checkpoint, bundle io.Reader) (session.Verified, error) {
	if _, err := io.Copy(io.Discard, bundle); err != nil {
		return session.Verified{}, err
	}
	if g.Receiving != nil {
		g.Receiving()
	}
	g.Lock()
	defer g.Unlock()
	if g.Refuse != nil {
		return session.Verified{}, g.Refuse
	}
	g.Received = append(g.Received, c)
	return session.Verified{Turn: turn, Commit: c.Commit, Files: c.Files, Risky: []string{}}, nil
}

// ReceiveBranch implements session.Git.
func (g *Git) ReceiveBranch(_ context.Context, _ session.Project, _ session.Session, commit, wish string, bundle io.Reader) (string, error) {
	if _, err := io.Copy(io.Discard, bundle); err != nil {
		return "", err
	}
	g.Lock()
	defer g.Unlock()
	if g.Refuse != nil {
		return "", g.Refuse
	}
	g.Branches = append(g.Branches, wish+" "+commit)
	return wish, nil
}

// Dropped implements session.Git.
func (g *Git) Dropped(_ context.Context, _ session.Project, _ session.Session, from, to string) ([]session.CommitLine, error) {
	if from == to {
		return nil, nil
	}
	return []session.CommitLine{{ID: from, Subject: "what the agent did"}}, nil
}

// Publish implements session.Git.
func (g *Git) Publish(ctx context.Context, _ session.Project, s session.Session, v session.Verified) (string, error) {
	if g.Publishing != nil {
		g.Publishing(ctx)
	}
	if err := ctx.Err(); err != nil {
		return "", err
	}
	g.Lock()
	defer g.Unlock()
	if g.Conflict != nil {
		return "", g.Conflict
	}
	g.Published = append(g.Published, v)
	return "/worktrees/" + string(s.ID), nil
}

// Edits implements session.Git.
func (g *Git) Edits(context.Context, session.Project, session.Session) ([]session.FileChange, error) {
	g.Lock()
	defer g.Unlock()
	if g.Unedited {
		return []session.FileChange{}, nil
	}
	return []session.FileChange{{Path: "edited.txt", Status: "modified"}}, nil
}

// UndoEdits implements session.Git: the worktree follows again.
func (g *Git) UndoEdits(context.Context, session.Project, session.Session) error {
	g.Lock()
	defer g.Unlock()
	g.Unedited, g.Conflict = true, nil
	return nil
}

// BundleEdits implements session.Git.
func (g *Git) BundleEdits(_ context.Context, _ session.Project, _ session.Session, w io.Writer) (string, error) {
	_, err := io.WriteString(w, "edits")
	return "edits", err
}

// BundleResult implements session.Git.
func (g *Git) BundleResult(ctx context.Context, _ session.Project, _ session.Session, v session.Verified, _ []string, w io.Writer) error {
	if g.Bringing != nil {
		g.Bringing(ctx)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	_, err := io.WriteString(w, v.Files)
	return err
}

// Diff implements session.Git.
func (g *Git) Diff(_ context.Context, _ session.Project, _ session.Session, r session.Range) ([]session.FileChange, error) {
	return []session.FileChange{{Path: r.From + ".." + r.To, Status: "added", Added: 3, Removed: 1}}, nil
}

// Patch implements session.Git.
func (g *Git) Patch(_ context.Context, _ session.Project, _ session.Session, _ session.Range, path string, _ session.PatchOptions) (session.Patch, error) {
	return session.Patch{Path: path}, nil
}

// WritePatch implements session.Git.
func (g *Git) WritePatch(_ context.Context, _ session.Project, _ session.Session, r session.Range, w io.Writer) error {
	_, err := io.WriteString(w, "diff --git a/"+r.From+" b/"+r.To+"\n")
	return err
}

// CheckBranch implements session.Git.
func (g *Git) CheckBranch(_ context.Context, _ session.Project, name string) error {
	switch name {
	case "main":
		return &session.Error{Code: session.CodeBranchExists, Message: "The branch main exists already."}
	case "bad name":
		return &session.Error{Code: session.CodeInvalid, Message: "\"bad name\" is not a valid branch name."}
	}
	return nil
}

// Moved implements session.Git: a repository is known by its folder's name.
func (g *Git) Moved(_ context.Context, p session.Project, _ []session.Session) bool {
	return filepath.Base(p.Path) == g.Known
}

// Relocate implements session.Git.
func (g *Git) Relocate(_ context.Context, p session.Project, sessions []session.Session) error {
	g.Lock()
	defer g.Unlock()
	if filepath.Base(p.Path) == "other" {
		return &session.Error{Code: session.CodeInvalid, Message: "That is another repository.", Hint: "Choose the moved one."}
	}
	for _, s := range sessions {
		g.Relocated = append(g.Relocated, s.ID)
	}
	return nil
}

// Unsaved implements session.Git.
func (g *Git) Unsaved(context.Context, session.Project, session.Session) ([]string, error) {
	g.Lock()
	defer g.Unlock()
	return slices.Clone(g.Losses), nil
}

// Forget implements session.Git.
func (g *Git) Forget(_ context.Context, _ session.Project, s session.Session, _ bool) error {
	g.Lock()
	defer g.Unlock()
	if g.Stuck != nil {
		return g.Stuck
	}
	g.Forgotten = append(g.Forgotten, s.ID)
	return nil
}

// ForgetWorktree implements session.Git.
func (g *Git) ForgetWorktree(context.Context, session.Project, session.Session) error { return nil }

// ForgetProject implements session.Git.
func (g *Git) ForgetProject(context.Context, session.Project) error {
	g.Lock()
	defer g.Unlock()
	return g.Stuck
}

// ReadFiles implements session.Git.
func (g *Git) ReadFiles(_ context.Context, _ session.Project, _ string, f func(session.FileTree) error) error {
	g.Lock()
	files := maps.Clone(g.Files)
	g.Unlock()
	return f(files)
}

// SaveFile implements session.Git.
func (g *Git) SaveFile(_ context.Context, p session.Project, name string, data []byte) (string, error) {
	g.Lock()
	defer g.Unlock()
	g.Saved = Files{name: string(data)}
	return filepath.Join(p.Path, name), nil
}

// Files is a session.FileTree of paths and texts.
type Files map[string]string

// Paths implements session.FileTree.
func (f Files) Paths() []string { return slices.Sorted(maps.Keys(f)) }

// Read implements session.FileTree.
func (f Files) Read(path string) ([]byte, error) {
	text, ok := f[path]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return []byte(text[:min(len(text), session.MaxTreeFile)]), nil
}
