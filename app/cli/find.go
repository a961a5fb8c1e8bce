package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"background-agents/backend/control"
	"background-agents/backend/session"
)

// stateTries is how often the state is asked for again after the process that had the backend open has ended.
const stateTries = 10

// state returns the state as a new watcher sees it. Where the process that has the backend open ends meanwhile, as another command does that
// had opened it, the next one is asked, or the backend is opened here: reading can be repeated.
func state(ctx context.Context, ops session.Operations) (session.Event, error) {
	for try := 1; ; try++ {
		e, err := firstEvent(ctx, ops)
		at, ours := ops.(*access)
		if !errors.Is(err, control.ErrGone) || !ours || at.again == nil || try == stateTries {
			return e, err
		}
		if err := at.again(ctx); err != nil {
			return e, err
		}
	}
}

func firstEvent(ctx context.Context, ops session.Operations) (session.Event, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var first session.Event
	begun := false
	err := ops.Watch(ctx, func(e session.Event) {
		if !begun {
			first, begun = e, true
			cancel()
		}
	})
	if !begun {
		return first, err
	}
	return first, nil
}

// findSession returns the session whose id begins with id, where there is just one.
func findSession(ctx context.Context, ops session.Operations, id string) (session.Session, error) {
	e, err := state(ctx, ops)
	if err != nil {
		return session.Session{}, err
	}
	var found []session.Session
	for _, s := range e.Sessions {
		if string(s.ID) == id {
			return s, nil
		}
		if id != "" && strings.HasPrefix(string(s.ID), strings.ToLower(id)) {
			found = append(found, s)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return session.Session{}, &session.Error{Code: session.CodeNotFound, Message: "There is no session " + id + ".", Hint: "`bga list --all` shows them all."}
	}
	return session.Session{}, &session.Error{
		Code:    session.CodeInvalid,
		Message: fmt.Sprintf("%d sessions have ids that begin with %s.", len(found), id),
		Hint:    "Write more of the id: " + string(found[0].ID) + " or " + string(found[1].ID) + ".",
	}
}

// findProject returns the project that is named: by id, by name, or by a path in it. "" is the working folder. Where add
// is set, a repository that is no project yet becomes one.
func findProject(ctx context.Context, ops session.Operations, name string, add bool) (session.Project, error) {
	e, err := state(ctx, ops)
	if err != nil {
		return session.Project{}, err
	}
	var named []session.Project
	for _, p := range e.Projects {
		if name != "" && (string(p.ID) == name || p.Name == name) {
			named = append(named, p)
		}
	}
	switch {
	case len(named) == 1:
		return named[0], nil
	case len(named) > 1:
		return session.Project{}, &session.Error{
			Code: session.CodeInvalid, Message: fmt.Sprintf("%d projects are named %s.", len(named), name),
			Hint: "Give the path: " + named[0].Path + " or " + named[1].Path + ".",
		}
	}
	path, err := filepath.Abs(name)
	if err != nil {
		return session.Project{}, err
	}
	if p, ok := projectAt(e.Projects, path); ok {
		return p, nil
	}
	if !add {
		return session.Project{}, noProject(name)
	}
	p, err := ops.AddProject(ctx, path)
	var e2 *session.Error
	if errors.As(err, &e2) && e2.Code == session.CodeNotRepository && name != "" && !strings.ContainsRune(name, filepath.Separator) {
		return p, noProject(name)
	}
	return p, err
}

func noProject(name string) error {
	return &session.Error{Code: session.CodeNotFound, Message: "There is no project " + name + ".", Hint: "`bga project list` shows them all, `bga project add PATH` adds one."}
}

// projectAt returns the project that path lies in, the innermost where several do.
func projectAt(projects []session.Project, path string) (session.Project, bool) {
	if real, err := filepath.EvalSymlinks(path); err == nil {
		path = real
	}
	var best session.Project
	for _, p := range projects {
		rel, err := filepath.Rel(p.Path, path)
		inside := err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator))
		if inside && len(p.Path) > len(best.Path) {
			best = p
		}
	}
	return best, best.ID != ""
}
