package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"background-agents/backend"
	"background-agents/backend/session"
)

// installation is a whole backend on a folder of its own, with one project.
type installation struct {
	*backend.Backend
	data    string
	project session.Project
}

// install opens a backend with a repository of so many files, and runs one session on it so that image and mirror
// are there.
func install(ctx context.Context, files int) (*installation, error) {
	data, err := os.MkdirTemp("", "bga-bench")
	if err != nil {
		return nil, err
	}
	repo := filepath.Join(data, "repo")
	if err := generate(repo, files); err != nil {
		return nil, err
	}
	b, err := backend.Open(ctx, backend.Paths{Data: filepath.Join(data, "home"), Repos: data, Image: os.Getenv("SANDBOX_IMAGE"), Env: os.Getenv})
	if err != nil {
		return nil, err
	}
	in := &installation{Backend: b, data: data}
	if in.project, err = b.AddProject(ctx, repo); err != nil {
		return nil, errors.Join(err, in.remove(ctx))
	}
	id, err := in.create(ctx, "")
	if err == nil {
		_, err = in.until(ctx, id, 15*time.Minute, ready)
	}
	if err == nil {
		err = in.Delete(ctx, id, true)
	}
	if err != nil {
		return nil, errors.Join(err, in.remove(ctx))
	}
	return in, nil
}

func (in *installation) remove(ctx context.Context) error {
	state := in.state(ctx)
	var errs []error
	for _, s := range state.Sessions {
		errs = append(errs, in.Delete(ctx, s.ID, true))
	}
	for _, p := range state.Projects {
		errs = append(errs, in.RemoveProject(ctx, p.ID))
	}
	return errors.Join(append(errs, in.Close(), os.RemoveAll(in.data))...)
}

// state returns all that there is.
func (in *installation) state(ctx context.Context) (state session.Event) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	_ = in.Watch(ctx, func(e session.Event) {
		if e.State {
			state = e
			cancel()
		}
	})
	return state
}

func (in *installation) create(ctx context.Context, prompt string) (session.ID, error) {
	s, err := in.Create(ctx, session.NewSession{Project: in.project.ID, Model: "demo/scripted", Prompt: session.NewPrompt{Text: prompt}})
	return s.ID, err
}

// until follows the session until done says so, and returns when that was.
func (in *installation) until(ctx context.Context, id session.ID, limit time.Duration, done func(session.Session) bool) (time.Time, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var at time.Time
	var last session.Session
	_ = in.Watch(ctx, func(e session.Event) {
		for _, s := range e.Sessions {
			if s.ID != id || !at.IsZero() {
				continue
			}
			if last = s; done(s) || s.Status == session.Failed {
				at = time.Now()
				cancel()
			}
		}
	})
	if last.Status == session.Failed {
		return at, last.Error
	}
	if at.IsZero() {
		return at, fmt.Errorf("session stays %s (%s)", last.Status, last.Step)
	}
	return at, nil
}

func ready(s session.Session) bool {
	return s.Status == session.Idle && s.Sandbox == session.SandboxRunning
}

// generate makes a repository of small files in folders of a hundred, with one commit.
func generate(dir string, files int) error {
	for i := range files {
		path := filepath.Join(dir, fmt.Sprintf("pkg%03d", i/100), fmt.Sprintf("file%02d.go", i%100))
		if i%100 == 0 {
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				return err
			}
		}
		body := fmt.Sprintf("package pkg%03d\n\n// F%d is one of many.\nfunc F%d() int { return %d }\n%s", i/100, i, i, i, strings.Repeat("// padding line\n", 40))
		if err := os.WriteFile(path, []byte(body), 0o644); err != nil {
			return err
		}
	}
	for _, args := range [][]string{{"init", "-q", "-b", "main"}, {"add", "-A"}, {"-c", "user.name=Bench", "-c", "user.email=bench@localhost", "commit", "-qm", "files"}} {
		if _, err := command(context.Background(), dir, "git", args...); err != nil {
			return err
		}
	}
	return nil
}

// command runs a program and returns its standard output.
func command(ctx context.Context, dir, name string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = dir
	var out, fail bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &fail
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("%s %s: %w: %s", name, strings.Join(args, " "), err, fail.String())
	}
	return out.String(), nil
}
