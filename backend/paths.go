package backend

import (
	"os"
	"path/filepath"
	"runtime"

	"background-agents/backend/private"
	"background-agents/backend/session"
)

// Paths is what an installation is configured with: where it keeps its data, and what the environment says.
type Paths struct {
	// Data is the folder of everything that the application keeps: database, worktrees, quarantines, logs, socket.
	Data string
	// Default says that this is the folder that is used without BGA_HOME.
	Default bool
	// Repos is the folder in which projects are suggested, "" for none.
	Repos string
	// Image is an image of the user's own, "" for the one that the application builds.
	Image string
	// Runtime is the engine's runtime for sandboxes, such as runsc, "" for its default.
	Runtime string
	// Env looks up a variable in the environment and then in Files.
	Env func(name string) string
	// Files are the .env files that were read.
	Files EnvFiles
}

// DefaultPaths reads BGA_HOME, REPOS_DIR, SANDBOX_IMAGE and SANDBOX_RUNTIME from the environment, and what EnvNames lists also from
// .env in the data folder; the environment wins. The working folder decides nothing: it may be a repository, or the work of an
// agent. The error is an *session.Error, also where other users can change the data folder.
func DefaultPaths() (Paths, error) {
	home, err := os.UserHomeDir()
	if err != nil || !filepath.IsAbs(home) {
		home = "" // it may not be needed
	}
	p := Paths{}
	usual := dataFolder(home, os.Getenv)
	switch p.Data = os.Getenv("BGA_HOME"); {
	case p.Data == "" && usual == "":
		return p, &session.Error{
			Code: session.CodeInvalid, Message: "There is no folder for the data: neither HOME nor BGA_HOME is set.",
			Hint: "Set HOME to your home folder, or BGA_HOME to a folder for the data.", Err: err,
		}
	case p.Data == "":
		p.Data = usual
	case !filepath.IsAbs(p.Data):
		return p, &session.Error{
			Code: session.CodeInvalid, Message: "BGA_HOME is \"" + p.Data + "\", which is another folder in each working folder.",
			Hint: "Set BGA_HOME to an absolute path.",
		}
	}
	p.Data = filepath.Clean(p.Data)
	p.Default = usual != "" && p.Data == filepath.Clean(usual)
	if err := private.Folder(p.Data); err != nil {
		return p, err
	}
	if p.Files, err = readEnvFiles(os.Getenv(envFileVariable), filepath.Join(p.Data, ".env")); err != nil {
		return p, err
	}
	p.Env = func(name string) string {
		if v, ok := os.LookupEnv(name); ok {
			return v
		}
		return p.Files.values[name].Reveal()
	}
	p.Image, p.Runtime = p.Env("SANDBOX_IMAGE"), p.Env("SANDBOX_RUNTIME")
	if p.Repos = p.Env("REPOS_DIR"); p.Repos == "" && home != "" {
		p.Repos = filepath.Join(home, "code")
	}
	return p, nil
}

// dataFolder returns the folder that is used without BGA_HOME, "" where it cannot be known.
func dataFolder(home string, env func(string) string) string {
	switch runtime.GOOS {
	case "darwin":
		if home != "" {
			return filepath.Join(home, "Library", "Application Support", "Background Agents")
		}
	case "windows":
		if local := env("LOCALAPPDATA"); filepath.IsAbs(local) {
			return filepath.Join(local, "Background Agents")
		}
		if home != "" {
			return filepath.Join(home, "AppData", "Local", "Background Agents")
		}
	default:
		if data := env("XDG_DATA_HOME"); filepath.IsAbs(data) {
			return filepath.Join(data, "background-agents")
		}
		if home != "" {
			return filepath.Join(home, ".local", "share", "background-agents")
		}
	}
	return ""
}
