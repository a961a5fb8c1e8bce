package backend

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"background-agents/backend/docker"
	"background-agents/backend/private"
	"background-agents/backend/session"
)

const (
	// installationFile holds the installation's id in its data folder, so that a folder that is moved keeps sandboxes and secrets.
	installationFile = "installation.json"
	// formerFile holds the name that earlier versions gave to the installation's secrets.
	formerFile       = "installation"
	installationSize = 12       // bytes, random
	maxInstallation  = 16 << 20 // bytes of the file: ids of all sessions of an earlier version
)

var (
	installationForm = regexp.MustCompile(`^[0-9a-f]{24}$`)
	formerForm       = regexp.MustCompile(`^[0-9a-f]{8}$`)
)

// installation is what names an installation to others: to engines and keychains that it shares with other installations.
type installation struct {
	ID string `json:"id"`
	// Keyring is the name under which an earlier version kept secrets, "" for none.
	Keyring string `json:"keyring,omitempty"`
	// Engine is what an earlier version made on the engine, under a name that other installations may have, too.
	Engine docker.Former `json:"engine"`
}

// ensureInstallation returns the installation of a data folder, which one process at a time has open. The first time it makes an id,
// and notes what an earlier version has left to adopt. A file that can't be read is an error: with another id, all sandboxes and
// secrets would be lost.
func ensureInstallation(ctx context.Context, data string, store session.Store) (installation, error) {
	path := filepath.Join(data, installationFile)
	raw, err := private.ReadFile(path, maxInstallation)
	if errors.Is(err, fs.ErrNotExist) {
		return makeInstallation(ctx, data, store)
	}
	if err != nil {
		return installation{}, unreadableInstallation(path, err)
	}
	var i installation
	if err := json.Unmarshal(raw, &i); err != nil || !installationForm.MatchString(i.ID) || i.Keyring != "" && !formerForm.MatchString(i.Keyring) {
		return installation{}, unreadableInstallation(path, err)
	}
	return i, nil
}

func makeInstallation(ctx context.Context, data string, store session.Store) (installation, error) {
	var b [installationSize]byte
	_, _ = rand.Read(b[:]) // never fails
	i := installation{ID: hex.EncodeToString(b[:])}
	former := filepath.Join(data, formerFile)
	raw, err := private.ReadFile(former, 4096)
	switch name := strings.TrimSpace(string(raw)); {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil || !formerForm.MatchString(name):
		return i, unreadableInstallation(former, err)
	default:
		i.Keyring = name
	}
	_, projects, sessions, err := store.Load(ctx)
	if err != nil {
		return i, err
	}
	if len(projects)+len(sessions) > 0 { // a new folder has nothing on the engine, whatever lies there under its path's name
		i.Engine.Instance = formerInstance(data)
		for _, s := range sessions {
			i.Engine.Sessions = append(i.Engine.Sessions, s.ID)
		}
		for _, p := range projects {
			i.Engine.Projects = append(i.Engine.Projects, p.ID)
		}
	}
	if raw, err = json.MarshalIndent(i, "", "\t"); err == nil {
		err = private.WriteFile(filepath.Join(data, installationFile), append(raw, '\n'))
	}
	if err != nil {
		return i, fmt.Errorf("keep the installation's id: %w", err)
	}
	return i, nil
}

// formerInstance is how earlier versions named an installation to the engine: by the path of its data folder.
func formerInstance(data string) string {
	sum := sha256.Sum256([]byte(data))
	return hex.EncodeToString(sum[:4])
}

func unreadableInstallation(path string, err error) error {
	if os.IsPermission(err) {
		return &session.Error{
			Code: session.CodeInvalid, Message: path + " can't be read: permission denied.",
			Hint: "Give the file back to yourself: `sudo chown $USER " + path + "`.", Err: err,
		}
	}
	var known *session.Error
	if errors.As(err, &known) {
		return err
	}
	return &session.Error{
		Code: session.CodeInvalid, Message: path + ", which names this installation's sandboxes and secrets, is damaged.",
		Hint: "Restore the file from a backup. Or remove it, and lose the sandboxes, and the secrets in the keychain, that it names.", Err: err,
	}
}
