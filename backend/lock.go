package backend

import (
	"fmt"
	"os"
	"path/filepath"

	"background-agents/backend/session"
)

// lock makes this process the only one that uses the data folder, until the returned file is closed.
func lock(data string) (*os.File, error) {
	if err := os.MkdirAll(data, 0o700); err != nil {
		return nil, &session.Error{
			Code: session.CodeInvalid, Message: "The data folder " + data + " cannot be made: " + err.Error() + ".",
			Hint: "Set BGA_HOME to a folder that you may write.", Err: err,
		}
	}
	f, err := os.OpenFile(filepath.Join(data, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open lock: %w", err)
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
