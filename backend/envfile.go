package backend

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"background-agents/backend/private"
	"background-agents/backend/session"
)

// envFileVariable names one more .env file. `make run` sets it to that of the checkout.
const envFileVariable = "BGA_ENV_FILE"

// EnvNames are the variables that a .env file may set. An address, a token, a folder of ours or what starts a sandbox is not among
// them: who can write such a file must not decide where a key goes or what runs.
var EnvNames = []string{"REPOS_DIR", "SANDBOX_IMAGE", "ANTHROPIC_API_KEY", "OPENAI_API_KEY"}

// maxEnvFile bounds a .env file in bytes.
const maxEnvFile = 1 << 20

// EnvFiles are the .env files that were read.
type EnvFiles struct {
	Paths   []string // that were found
	Ignored []string // names that stand in one of them and may not be set there
	Skipped int      // lines that cannot be read

	values map[string]session.Secret
	from   map[string]string // the file that each value is from
}

// From returns the file that sets a variable, "" where none does or the environment wins.
func (e EnvFiles) From(name string) string {
	if _, set := os.LookupEnv(name); set {
		return ""
	}
	return e.from[name]
}

// readEnvFiles reads the files at paths, "" for none; the first one that sets a variable wins.
func readEnvFiles(paths ...string) (EnvFiles, error) {
	e := EnvFiles{values: map[string]session.Secret{}, from: map[string]string{}}
	for _, path := range paths {
		if path == "" || slices.Contains(e.Paths, path) {
			continue
		}
		if !filepath.IsAbs(path) {
			return e, &session.Error{
				Code: session.CodeInvalid, Message: envFileVariable + " is \"" + path + "\", which is another file in each working folder.",
				Hint: "Set " + envFileVariable + " to an absolute path.",
			}
		}
		raw, err := private.ReadFile(path, maxEnvFile)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		var found []session.Assignment
		var skipped []session.Skipped
		if err == nil {
			found, skipped, err = session.ParseDotenv(raw)
		}
		if err != nil {
			return e, unreadable(path, err)
		}
		e.Paths = append(e.Paths, path)
		e.Skipped += len(skipped)
		for _, a := range found {
			switch {
			case !slices.Contains(EnvNames, a.Name):
				e.Ignored = append(e.Ignored, a.Name)
			case e.from[a.Name] == "":
				e.values[a.Name], e.from[a.Name] = a.Value, path
			}
		}
	}
	slices.Sort(e.Ignored)
	e.Ignored = slices.Compact(e.Ignored)
	return e, nil
}

func unreadable(path string, err error) error {
	var known *session.Error
	if errors.As(err, &known) {
		return &session.Error{Code: known.Code, Message: path + ": " + known.Message, Hint: known.Hint, Err: err}
	}
	return &session.Error{
		Code: session.CodeInvalid, Message: path + " can't be read: " + err.Error() + ".",
		Hint: "Correct the file or its permissions, or remove it.", Err: err,
	}
}
