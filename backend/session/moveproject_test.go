package session_test

import (
	"context"
	"strings"
	"testing"

	"background-agents/backend/session"
)

func TestProjectThatMovedKeepsItsSessions(t *testing.T) {
	story(t, hello, func(w *world) {
		id := ended(w)
		old := w.projects()[0]
		w.git.Gone, w.git.Known = old.Path, "moved"
		_, err := w.MoveProject(ctx, old.ID, "/code/other")
		code(t, err, session.CodeInvalid)
		p, err := w.MoveProject(ctx, old.ID, "/code/anywhere")
		w.must(err)
		if p.ID != old.ID || p.Path != "/code/anywhere" || len(w.git.Relocated) != 1 || w.git.Relocated[0] != id {
			t.Errorf("project is %+v, relocated %v", p, w.git.Relocated)
		}
		w.git.Gone = "/code/anywhere"
		p, err = w.AddProject(ctx, "/code/clone") // of the same repository
		w.must(err)
		if p.ID == old.ID {
			t.Error("a clone took the project's place")
		}
		if p, err = w.AddProject(ctx, "/new/moved"); err != nil || p.ID != old.ID || p.Path != "/new/moved" {
			t.Errorf("adding where it is now gives %+v (%v)", p, err)
		}
		w.git.Gone = "/new/moved"
		if p, err = w.MoveProject(ctx, old.ID, "/code/clone"); err != nil || len(w.projects()) != 1 || p.ID != old.ID {
			t.Errorf("a project without sessions is in the way: %+v (%v)", w.projects(), err)
		}
	})
}

func TestBranchThatIsAskedForIsTakenOrRefusedWithTheReason(t *testing.T) {
	story(t, hello, func(w *world) {
		p := w.project()
		for name, want := range map[string]session.Code{"main": session.CodeBranchExists, "bad name": session.CodeInvalid} {
			_, err := w.Create(ctx, session.NewSession{Project: p, Branch: name})
			code(t, err, want)
			if e := session.AsError(err); !strings.Contains(e.Message, name) || e.Hint == "" {
				t.Errorf("%s: %+v", name, e)
			}
		}
		s, err := w.Create(ctx, session.NewSession{Project: p, Branch: "fix(login)#1"})
		if w.must(err); s.Branch != "fix(login)#1" {
			t.Errorf("branch is %q", s.Branch)
		}
		_, err = w.Create(ctx, session.NewSession{Project: p, Branch: "fix(login)#1"})
		code(t, err, session.CodeBranchExists)
	})
}

func TestSessionStartsFromTheBranchOfTheWorktreeThatTheUserIsIn(t *testing.T) {
	story(t, hello, func(w *world) {
		p := w.project()
		path := w.projects()[0].Path
		w.git.Worktree = session.Repository{Path: path, Worktree: "/linked", Branch: "feature", Head: "abc"}
		for name, c := range map[string]struct {
			n    session.NewSession
			want string
		}{
			"in it":          {session.NewSession{Project: p, Folder: "/linked"}, "feature"},
			"base is named":  {session.NewSession{Project: p, Folder: "/linked", Base: "main"}, "main"},
			"elsewhere":      {session.NewSession{Project: p, Folder: "/somewhere"}, "main"},
			"without folder": {session.NewSession{Project: p}, "main"},
		} {
			if s, err := w.Create(ctx, c.n); err != nil || s.BaseRef != c.want {
				t.Errorf("%s: base is %q (%v)", name, s.BaseRef, err)
			}
		}
		w.git.Worktree.Branch = ""
		if s, err := w.Create(ctx, session.NewSession{Project: p, Folder: "/linked"}); err != nil || s.BaseRef != "abc" {
			t.Errorf("on no branch: base is %q (%v)", s.BaseRef, err)
		}
	})
}

func TestRebaseOntoAnotherBaseKeepsIt(t *testing.T) {
	story(t, hello, func(w *world) {
		id := ended(w)
		plan, err := w.PlanRebase(ctx, id, "next")
		w.must(err)
		w.must(w.Rebase(ctx, id, session.Rebase{Commit: plan.Commit, Onto: "next"}))
		if s := w.get(id); s.BaseRef != "next" || s.BaseCommit != "newer" {
			t.Errorf("session is %+v", s)
		}
		w.must(w.Rebase(ctx, id, session.Rebase{Onto: "later"})) // nothing to rebase
		if s := w.get(id); s.BaseRef != "later" || s.BaseCommit != "newer" {
			t.Errorf("session is %+v", s)
		}
		code(t, w.Rebase(ctx, id, session.Rebase{Onto: "missing"}), session.CodeBaseMissing)
	})
}

func TestUncommittedWorkIsNotSaidToBeMergedOrPushed(t *testing.T) {
	line := []session.CommitLine{{ID: "a"}}
	x := session.Session{ID: "x"}
	for name, c := range map[string]struct {
		err   error
		unmet bool
	}{
		"merge of nothing":             {session.MergePlan{Kind: "none"}.Unmet(x), false},
		"merge of uncommitted files":   {session.MergePlan{Kind: "none", Uncommitted: []string{"a"}}.Unmet(x), true},
		"merge of commits beside them": {session.MergePlan{Kind: "merge", Uncommitted: []string{"a"}}.Unmet(x), false},
		"push of uncommitted files":    {session.PushPlan{Uncommitted: []string{"a", "b"}}.Unmet(x), true},
		"push of commits beside them":  {session.PushPlan{Commits: line, Uncommitted: []string{"a"}}.Unmet(x), false},
		"push of nothing":              {session.PushPlan{Done: true}.Unmet(x), false},
	} {
		if (c.err != nil) != c.unmet || c.unmet && !strings.Contains(session.AsError(c.err).Hint, "bga commit x -m") {
			t.Errorf("%s: %v", name, c.err)
		}
	}
	x.WorkedSince = 1 // a commit is refused until the turn has ended
	err := session.AsError(session.PushPlan{Uncommitted: []string{"a"}}.Unmet(x))
	if !strings.HasPrefix(err.Hint, "The agent is working") || strings.Contains(err.Hint, "Commit first") {
		t.Errorf("while the agent works: %q", err.Hint)
	}
}

// project adds a project and returns its id.
func (w *world) project() session.ProjectID {
	w.t.Helper()
	p, err := w.AddProject(ctx, "/code/shop")
	w.must(err)
	return p.ID
}

// projects returns the projects as a new watcher sees them.
func (w *world) projects() []session.Project {
	w.t.Helper()
	var first *session.Event
	watching, stop := context.WithCancel(ctx)
	defer stop()
	_ = w.Watch(watching, func(e session.Event) {
		if first == nil {
			first = &e
			stop()
		}
	})
	return first.Projects
}
