package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"background-agents/backend/session"
)

// spawnCold is from Create to an agent that can be prompted, image and mirror present, beside a script that does the
// same: docker run, git clone --shared, the agent's initialize and session/new.
func spawnCold(ctx context.Context, o options) ([]row, error) {
	in, err := install(ctx, o.small(20_000, 500))
	if err != nil {
		return nil, err
	}
	defer in.remove(ctx)
	image, mirror, env, err := in.parts(ctx)
	if err != nil {
		return nil, err
	}
	r, err := measure(o, row{Name: "spawn-cold", Unit: "ms", Goal: "<= 1.15x"}, func(run int) (float64, float64, error) {
		floor, err := spawnFloor(ctx, fmt.Sprint("bga-bench-floor-", run), image, mirror, in.head(ctx), env)
		if err != nil {
			return 0, 0, err
		}
		began := time.Now()
		id, err := in.create(ctx, "")
		if err != nil {
			return 0, 0, err
		}
		at, err := in.until(ctx, id, 5*time.Minute, ready)
		if err != nil {
			return 0, 0, err
		}
		return millis(at.Sub(began)), millis(floor), in.Delete(ctx, id, true)
	})
	return []row{r}, err
}

func (in *installation) head(ctx context.Context) string {
	out, _ := command(ctx, in.project.Path, "git", "rev-parse", "HEAD")
	return strings.TrimSpace(out)
}

// parts returns what a session of ours runs with: image, mirror volume and the agent's environment.
func (in *installation) parts(ctx context.Context) (image, mirror string, env []string, err error) {
	id, err := in.create(ctx, "")
	if err != nil {
		return "", "", nil, err
	}
	if _, err = in.until(ctx, id, 5*time.Minute, ready); err != nil {
		return "", "", nil, err
	}
	defer func() { err = errors.Join(err, in.Delete(ctx, id, true)) }()
	sb, err := in.Sandbox(ctx, id)
	if err != nil {
		return "", "", nil, err
	}
	image, err = command(ctx, "", "docker", "inspect", "-f", "{{.Config.Image}}", sb.Container)
	if err != nil {
		return "", "", nil, err
	}
	mirror, err = command(ctx, "", "docker", "inspect", "-f", `{{range .Mounts}}{{if eq .Destination "/mirror"}}{{.Name}}{{end}}{{end}}`, sb.Container)
	if err != nil {
		return "", "", nil, err
	}
	env, err = in.AgentEnv(ctx, session.Session{Model: "demo/scripted"})
	return strings.TrimSpace(image), strings.TrimSpace(mirror), env, err
}

// spawnFloor is the script.
func spawnFloor(ctx context.Context, name, image, mirror, commit string, env []string) (time.Duration, error) {
	defer command(context.WithoutCancel(ctx), "", "docker", "rm", "-fv", name)
	began := time.Now()
	if err := spawn(ctx, name, image, mirror, commit); err != nil {
		return 0, err
	}
	a, err := startAgent(ctx, "docker", execArgs(name, env)...)
	if err != nil {
		return 0, err
	}
	defer a.close()
	_, err = a.open("/workspace")
	return time.Since(began), err
}

// spawn makes a container and the clone in it by hand.
func spawn(ctx context.Context, name, image, mirror, commit string) error {
	if _, err := command(ctx, "", "docker", "run", "-d", "--name", name, "--network", "none", "--init", "--cap-drop", "ALL",
		"-v", mirror+":/mirror:ro", "-v", "/workspace", "-v", "/home", "--entrypoint", "sleep", image, "infinity"); err != nil {
		return err
	}
	_, err := command(ctx, "", "docker", "exec", name, "sh", "-c",
		"git clone -q --shared --no-checkout /mirror /workspace && git -C /workspace checkout -q -b work "+commit)
	return err
}

// execArgs are the arguments of a `docker exec` that runs the agent.
func execArgs(name string, env []string) []string {
	args := []string{"exec", "-i", "-w", "/workspace"}
	for _, e := range env {
		args = append(args, "-e", e)
	}
	return append(args, name, "opencode", "acp")
}

// resume is from the prompt to a stopped session to its agent being ready, beside docker start and the agent's start.
func resume(ctx context.Context, o options) ([]row, error) {
	in, err := install(ctx, o.small(20_000, 500))
	if err != nil {
		return nil, err
	}
	defer in.remove(ctx)
	image, mirror, env, err := in.parts(ctx)
	if err != nil {
		return nil, err
	}
	const name = "bga-bench-resume"
	defer command(context.WithoutCancel(ctx), "", "docker", "rm", "-fv", name)
	if err := spawn(ctx, name, image, mirror, in.head(ctx)); err != nil {
		return nil, err
	}
	id, err := in.create(ctx, "demo: text hello")
	if err != nil {
		return nil, err
	}
	if _, err := in.until(ctx, id, time.Minute, func(s session.Session) bool { return s.Turns == 1 && ready(s) }); err != nil {
		return nil, err
	}
	r, err := measure(o, row{Name: "resume", Unit: "ms", Goal: "<= 1.15x"}, func(int) (float64, float64, error) {
		floor, err := resumeFloor(ctx, name, env)
		if err != nil {
			return 0, 0, err
		}
		if err := in.Stop(ctx, id); err != nil {
			return 0, 0, err
		}
		if _, err := in.until(ctx, id, time.Minute, func(s session.Session) bool { return s.Status == session.Stopped }); err != nil {
			return 0, 0, err
		}
		began := time.Now()
		if err := in.Resume(ctx, id); err != nil {
			return 0, 0, err
		}
		at, err := in.until(ctx, id, time.Minute, ready)
		return millis(at.Sub(began)), millis(floor), err
	})
	return []row{r}, err
}

func resumeFloor(ctx context.Context, name string, env []string) (time.Duration, error) {
	if _, err := command(ctx, "", "docker", "stop", "-t", "1", name); err != nil {
		return 0, err
	}
	began := time.Now()
	if _, err := command(ctx, "", "docker", "start", name); err != nil {
		return 0, err
	}
	a, err := startAgent(ctx, "docker", execArgs(name, env)...)
	if err != nil {
		return 0, err
	}
	defer a.close()
	_, err = a.open("/workspace")
	return time.Since(began), err
}
