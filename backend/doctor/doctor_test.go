package doctor

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"background-agents/backend/session"
)

// healthy is a computer on which everything is as it should be.
func healthy(t *testing.T) Config {
	return Config{
		Engine: func(context.Context) (session.EngineState, error) {
			return session.EngineState{OK: true, Name: "Docker 28.5 on linux/amd64", Host: "unix:///docker.sock"}, nil
		},
		ImageCurrent: func(context.Context) (bool, error) { return true, nil },
		Room:         func() (session.Room, error) { return session.Room{Bytes: 100 << 30}, nil },
		Keychain:     func(context.Context) error { return nil },
		Git:          func(context.Context) (string, error) { return "git version 2.39.5 (Apple Git-154)\n", nil },
		Data:         filepath.Join(t.TempDir(), "data"),
		Repos:        t.TempDir(),
		Env:          func(string) string { return "" },
	}
}

func find(t *testing.T, all []session.Check, id string) session.Check {
	t.Helper()
	i := slices.IndexFunc(all, func(c session.Check) bool { return c.ID == id })
	if i < 0 {
		t.Fatalf("there is no check %q in %+v", id, all)
	}
	return all[i]
}

func TestAHealthyComputerHasNothingToMend(t *testing.T) {
	t.Setenv("DISPLAY", ":1")
	all := Check(t.Context(), healthy(t))
	for _, c := range all {
		if c.Status != ok || c.Title == "" || c.Found == "" || c.Hint != "" {
			t.Errorf("%+v", c)
		}
	}
	var ids []string
	for _, c := range all {
		ids = append(ids, c.ID)
	}
	if want := "docker image git disk data repos keychain display environment"; strings.Join(ids, " ") != want {
		t.Errorf("the checks are %v", ids)
	}
}

func TestWhatIsWrongIsSaidWithAHint(t *testing.T) {
	down := &session.Error{Code: session.CodeDockerDown, Message: "Docker is not running.", Hint: "Start it."}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name, id, status, found string
		change                  func(*Config)
	}{
		{"no engine", "docker", fail, "Docker is not running.", func(c *Config) {
			c.Engine = func(context.Context) (session.EngineState, error) { return session.EngineState{Error: down}, down }
		}},
		{"no engine, so nothing of the image", "image", warn, "not known", func(c *Config) {
			c.ImageCurrent = func(context.Context) (bool, error) { return false, down }
		}},
		{"an application without supervisor", "image", fail, "without the supervisor", func(c *Config) {
			c.ImageCurrent = func(context.Context) (bool, error) {
				return false, &session.Error{Code: session.CodeImage, Message: "built without the supervisor", Hint: "make"}
			}
		}},
		{"no image yet", "image", warn, "not built yet", func(c *Config) { c.ImageCurrent = func(context.Context) (bool, error) { return false, nil } }},
		{"an own image that is not prepared", "image", warn, "mine:1 (SANDBOX_IMAGE)", func(c *Config) {
			c.Image, c.ImageCurrent = "mine:1", func(context.Context) (bool, error) { return false, nil }
		}},
		{"old git", "git", fail, "2.17.1 is older", func(c *Config) { c.Git = func(context.Context) (string, error) { return "git version 2.17.1", nil } }},
		{"no git", "git", fail, "does not run", func(c *Config) { c.Git = func(context.Context) (string, error) { return "", errors.New("not found") } }},
		{"git that is something else", "git", fail, "no version", func(c *Config) { c.Git = func(context.Context) (string, error) { return "hello", nil } }},
		{"a full disk", "disk", fail, "500 MB", func(c *Config) { c.Room = func() (session.Room, error) { return session.Room{Bytes: 500 << 20}, nil } }},
		{"a disk of few files", "disk", fail, "room for 5 more", func(c *Config) {
			c.Room = func() (session.Room, error) { return session.Room{Bytes: 100 << 30, Files: 5, AllFiles: 1000}, nil }
		}},
		{"little disk", "disk", warn, "5.0 GB", func(c *Config) { c.Room = func() (session.Room, error) { return session.Room{Bytes: 5 << 30}, nil } }},
		{"a disk that cannot be asked", "disk", warn, "cannot be asked", func(c *Config) { c.Room = func() (session.Room, error) { return session.Room{}, errors.New("no") } }},
		{"a data folder in a file", "data", fail, "cannot be made", func(c *Config) { c.Data = filepath.Join(file, "data") }},
		{"no folder of projects", "repos", warn, "is not there", func(c *Config) { c.Repos = "/nowhere/at/all" }},
		{"a file of projects", "repos", warn, "is no folder", func(c *Config) { c.Repos = file }},
		{"no keychain", "keychain", warn, "no keychain", func(c *Config) {
			c.Keychain = func(context.Context) error {
				return &session.Error{Code: "x", Message: "There is no keychain.", Hint: "Install one."}
			}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			cfg := healthy(t)
			c.change(&cfg)
			got := find(t, Check(t.Context(), cfg), c.id)
			if got.Status != c.status || !strings.Contains(got.Found, c.found) || got.Hint == "" {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestWithoutADisplayTheWindowIsWhatIsMissing(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("macOS and Windows always have a display")
	}
	t.Setenv("DISPLAY", "")
	t.Setenv("WAYLAND_DISPLAY", "")
	if got := find(t, Check(t.Context(), healthy(t)), "display"); got.Status != warn || got.Needed {
		t.Errorf("%+v", got)
	}
}

func TestKeysInTheEnvironmentAreNotShown(t *testing.T) {
	cfg := healthy(t)
	cfg.EnvFiles = []string{"/here/.env"}
	cfg.Env = func(name string) string {
		return map[string]string{"ANTHROPIC_API_KEY": "sk-secret", "REPOS_DIR": "/code"}[name]
	}
	got := find(t, Check(t.Context(), cfg), "environment")
	if strings.Contains(got.Found, "sk-") || !strings.Contains(got.Found, "ANTHROPIC_API_KEY is set") ||
		!strings.Contains(got.Found, "REPOS_DIR=/code") || !strings.Contains(got.Found, "/here/.env") {
		t.Errorf("%+v", got)
	}
}

func TestVariablesThatAnEnvFileMayNotSetAreNamed(t *testing.T) {
	cfg := healthy(t)
	cfg.Env = func(string) string { return "" }
	cfg.EnvFiles, cfg.EnvNames, cfg.EnvIgnored = []string{"/here/.env"}, []string{"REPOS_DIR"}, []string{"OPENAI_BASE_URL"}
	got := find(t, Check(t.Context(), cfg), "environment")
	if got.Status != warn || !strings.Contains(got.Found, "OPENAI_BASE_URL") || !strings.Contains(got.Hint, "REPOS_DIR") {
		t.Errorf("%+v", got)
	}
}

func TestACheckThatHangsDelaysTheOthersBySecondsAndHidesNone(t *testing.T) {
	cfg := healthy(t)
	synctest.Test(t, func(t *testing.T) {
		end := make(chan struct{})
		cfg.Room = func() (session.Room, error) { <-end; return session.Room{}, nil }        // deaf to its context
		cfg.Keychain = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }    // not deaf
		cfg.Git = func(context.Context) (string, error) { return "git version 2.50.0", nil } // after both
		began := time.Now()
		all := Check(t.Context(), cfg)
		if took := time.Since(began); took > 2*limit {
			t.Errorf("it took %s", took)
		}
		if got := find(t, all, "disk"); got.Status != fail || !strings.Contains(got.Found, "no answer") {
			t.Errorf("%+v", got)
		}
		if got := find(t, all, "keychain"); got.Status != warn {
			t.Errorf("%+v", got)
		}
		if got := find(t, all, "environment"); got.Status != ok {
			t.Errorf("%+v", got)
		}
		close(end)
	})
}

func TestWhatIsNotGivenIsNotChecked(t *testing.T) {
	all := Check(t.Context(), Config{})
	if len(all) != 1 || all[0].ID != "display" {
		t.Errorf("%+v", all)
	}
}
