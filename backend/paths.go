package backend

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"github.com/joho/godotenv"
)

// Paths is what an installation is configured with: where it keeps what it has, and what the environment says.
type Paths struct {
	// Data is the folder of all that the application keeps: database, worktrees, quarantines, logs, socket.
	Data string
	// Default says that this is where it lies without BGA_HOME.
	Default bool
	// Repos is the folder in which projects are suggested.
	Repos string
	// Image is an image of the user's own, "" for the one that the application builds.
	Image string
	// Runtime is the engine's runtime for sandboxes, such as runsc, "" for its default.
	Runtime string
	// Env looks up a variable in the environment and then in .env.
	Env func(name string) string
	// EnvFile is the .env file that was read, "" where there is none.
	EnvFile string
}

// DefaultPaths reads BGA_HOME, REPOS_DIR, SANDBOX_IMAGE and SANDBOX_RUNTIME from the environment and from .env in the working folder;
// the environment wins.
func DefaultPaths() (Paths, error) {
	p := Paths{}
	file := map[string]string{}
	if wd, err := os.Getwd(); err == nil {
		path := filepath.Join(wd, ".env")
		switch read, err := godotenv.Read(path); {
		case err == nil:
			file, p.EnvFile = read, path
		case !errors.Is(err, fs.ErrNotExist):
			return p, fmt.Errorf("read %s: %w", path, err)
		}
	}
	p.Env = func(name string) string {
		if v, ok := os.LookupEnv(name); ok {
			return v
		}
		return file[name]
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return p, fmt.Errorf("find home folder: %w", err)
	}
	p.Image, p.Runtime = p.Env("SANDBOX_IMAGE"), p.Env("SANDBOX_RUNTIME")
	if p.Repos = p.Env("REPOS_DIR"); p.Repos == "" {
		p.Repos = filepath.Join(home, "code")
	}
	usual := dataFolder(home, p.Env)
	if p.Data = p.Env("BGA_HOME"); p.Data == "" {
		p.Data = usual
	}
	if p.Data, err = filepath.Abs(p.Data); err != nil {
		return p, fmt.Errorf("find data folder: %w", err)
	}
	p.Default = p.Data == filepath.Clean(usual)
	return p, nil
}

func dataFolder(home string, env func(string) string) string {
	switch runtime.GOOS {
	case "darwin":
		return filepath.Join(home, "Library", "Application Support", "Background Agents")
	case "windows":
		if local := env("LOCALAPPDATA"); local != "" {
			return filepath.Join(local, "Background Agents")
		}
		return filepath.Join(home, "AppData", "Local", "Background Agents")
	}
	if data := env("XDG_DATA_HOME"); filepath.IsAbs(data) {
		return filepath.Join(data, "background-agents")
	}
	return filepath.Join(home, ".local", "share", "background-agents")
}
