package backend

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"background-agents/backend/private"
	"background-agents/backend/session"
)

// fixedNames are what the application opens in the data folder without being told a path.
var fixedNames = []string{
	"attachments", "control", "docker", "lock", "locks", "logs", "projects", "sample", "worktrees",
}

const databaseName = "background-agents.db"

// lock makes this process the only one that uses the data folder, until the returned file is closed. Nobody else may be able to
// change the folder, and nothing in it may lead elsewhere: it could have been prepared.
func lock(data string) (*os.File, error) {
	if err := private.Make(data); err != nil {
		return nil, err
	}
	names := slices.Clone(fixedNames)
	entries, err := os.ReadDir(data)
	if err != nil {
		return nil, fmt.Errorf("read the data folder: %w", err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), databaseName) { // its journals and backups, too
			names = append(names, e.Name())
		}
	}
	if err := private.NoLinks(data, names...); err != nil {
		return nil, err
	}
	path := filepath.Join(data, "lock")
	f, err := private.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if known := (*session.Error)(nil); errors.As(err, &known) {
		return nil, err
	}
	if err != nil {
		return nil, &session.Error{
			Code: session.CodeInvalid, Message: "The data folder " + data + " can't be written to: " + err.Error() + ".",
			Hint: "Check its permissions and that its disk is not read-only, or set BGA_HOME to another folder.", Err: err,
		}
	}
	if err := lockFile(f); err != nil {
		_ = f.Close()
		return nil, &session.Error{
			Code: session.CodeRunning, Message: "Background Agents is running already on " + data + ".",
			Hint: "Use that window, or `bga`, which talks to it; or set BGA_HOME to another folder.", Err: err,
		}
	}
	return f, nil
}
