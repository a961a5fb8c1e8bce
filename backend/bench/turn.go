package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"background-agents/backend/broker/scripted"
	"background-agents/backend/session"
)

// firstToken is from the prompt to the first request at the model, beside the same agent run bare on this machine.
func firstToken(ctx context.Context, o options) ([]row, error) {
	in, err := install(ctx, 200)
	if err != nil {
		return nil, err
	}
	defer in.remove(ctx)
	bare, err := newBareModel(ctx, in)
	if err != nil {
		return nil, err
	}
	defer bare.close()
	id, err := in.create(ctx, "demo: text warm")
	if err != nil {
		return nil, err
	}
	if _, err := in.until(ctx, id, time.Minute, func(s session.Session) bool { return s.Turns == 1 && ready(s) }); err != nil {
		return nil, err
	}
	asked := make(chan time.Time, 64)
	in.OnModelRequest(func(session.ID) {
		select {
		case asked <- time.Now():
		default:
		}
	})
	r, err := measure(o, row{Name: "first-token", Unit: "ms", Goal: "floor + 30 ms"}, func(run int) (float64, float64, error) {
		floor, err := bare.prompt(fmt.Sprint("demo: text bare ", run))
		if err != nil {
			return 0, 0, err
		}
		for len(asked) > 0 {
			<-asked
		}
		began := time.Now()
		if _, err := in.Prompt(ctx, id, session.NewPrompt{Text: fmt.Sprint("demo: text run ", run)}); err != nil {
			return 0, 0, err
		}
		var at time.Time
		select {
		case at = <-asked:
		case <-time.After(30 * time.Second):
			return 0, 0, fmt.Errorf("no request came to the model")
		}
		_, err = in.until(ctx, id, time.Minute, func(s session.Session) bool { return s.Turns == run+2 && ready(s) })
		return millis(at.Sub(began)), millis(floor), err
	})
	r.Note = fmt.Sprintf("%.1f ms more than the floor", r.Value-r.Floor)
	return []row{r}, err
}

// bareModel is the agent on the host itself, taken out of the image, with the demo model on loopback.
type bareModel struct {
	agent   *bareAgent
	session string
	server  *http.Server
	asked   chan time.Time
}

func newBareModel(ctx context.Context, in *installation) (*bareModel, error) {
	image, _, env, err := in.parts(ctx)
	if err != nil {
		return nil, err
	}
	binary := filepath.Join(in.data, "opencode")
	copyOut := fmt.Sprintf("id=$(docker create %s) && path=$(docker run --rm --network none --entrypoint sh %s -c 'readlink -f $(command -v opencode)') && docker cp -q $id:$path %s && docker rm $id", image, image, binary)
	if _, err := command(ctx, "", "sh", "-c", copyOut); err != nil {
		return nil, err
	}
	b := &bareModel{asked: make(chan time.Time, 16)}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	model := scripted.Handler()
	b.server = &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case b.asked <- time.Now():
		default:
		}
		model.ServeHTTP(w, r)
	})}
	go func() { _ = b.server.Serve(l) }()
	// The same configuration, but for where the model is and where the agent keeps what it has.
	home := filepath.Join(in.data, "bare-home")
	if err := os.MkdirAll(home, 0o755); err != nil {
		return nil, err
	}
	args := []string{"HOME=" + home, "XDG_DATA_HOME=" + home, "XDG_CONFIG_HOME=" + home, "XDG_CACHE_HOME=" + home}
	for _, e := range env {
		e = strings.ReplaceAll(e, "http://127.0.0.1:7300/demo", "http://"+l.Addr().String())
		args = append(args, strings.ReplaceAll(e, "/home/agent", home))
	}
	if b.agent, err = startAgent(ctx, "env", append(args, binary, "acp")...); err != nil {
		return nil, err
	}
	if b.session, err = b.agent.open(in.project.Path); err != nil {
		return nil, err
	}
	_, err = b.prompt("demo: text warm")
	return b, err
}

// prompt runs one turn and returns how long its first request to the model took.
func (b *bareModel) prompt(text string) (time.Duration, error) {
	for len(b.asked) > 0 {
		<-b.asked
	}
	began := time.Now()
	_, err := b.agent.call("session/prompt", map[string]any{"sessionId": b.session, "prompt": []any{map[string]any{"type": "text", "text": text}}})
	if err != nil {
		return 0, err
	}
	return (<-b.asked).Sub(began), nil
}

func (b *bareModel) close() {
	b.agent.close()
	_ = b.server.Close()
}

// checkpoint is from the end of the agent's work to the diff being there, and to the worktree on the host holding it: 20,000
// files, 100 of them changed, beside git add and git write-tree on the same tree.
func checkpoint(ctx context.Context, o options) ([]row, error) {
	in, err := install(ctx, o.small(20_000, 500))
	if err != nil {
		return nil, err
	}
	defer in.remove(ctx)
	id, err := in.create(ctx, "demo: text hello")
	if err != nil {
		return nil, err
	}
	if _, err := in.until(ctx, id, time.Minute, func(s session.Session) bool { return s.Turns == 1 && ready(s) }); err != nil {
		return nil, err
	}
	sb, err := in.Sandbox(ctx, id)
	if err != nil {
		return nil, err
	}
	change := func(run int) error {
		_, err := command(ctx, "", "docker", "exec", "-w", "/workspace", sb.Container, "sh", "-c",
			fmt.Sprintf("for f in $(git ls-files | head -100); do echo // %d >> $f; done", run))
		return err
	}
	var before session.Session
	if _, err := in.until(ctx, id, time.Minute, func(s session.Session) bool { before = s; return true }); err != nil {
		return nil, err
	}
	whole := row{Name: "checkpoint-worktree", Unit: "ms", Note: "until the worktree on the host has it"}
	r, err := measure(o, row{Name: "checkpoint", Unit: "ms", Goal: "<= 1.5x", Note: "until the diff can be read"}, func(run int) (float64, float64, error) {
		if err := change(2 * run); err != nil {
			return 0, 0, err
		}
		began := time.Now()
		if _, err := command(ctx, "", "docker", "exec", "-w", "/workspace", "-e", "GIT_INDEX_FILE=/tmp/floor.index", sb.Container, "sh", "-c",
			"cp .git/index $GIT_INDEX_FILE && git add -A && git write-tree"); err != nil {
			return 0, 0, err
		}
		floor := time.Since(began)
		if err := change(2*run + 1); err != nil {
			return 0, 0, err
		}
		began = time.Now()
		done := make(chan error, 1)
		go func() {
			err := in.Checkpoint(ctx, id)
			whole.Runs = append(whole.Runs, millis(time.Since(began)))
			done <- err
		}()
		at, err := in.until(ctx, id, time.Minute, func(s session.Session) bool {
			changed := s.Result.Files != before.Result.Files
			before = s
			return changed
		})
		return millis(at.Sub(began)), millis(floor), errors.Join(err, <-done)
	})
	whole.Value, whole.Floor = median(whole.Runs), r.Floor
	whole.Ratio = whole.Value / whole.Floor
	return []row{r, whole}, err
}
