package keyring

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/zalando/go-keyring"
)

// Config says whose secrets a Vault keeps.
type Config struct {
	// Installation names the items of one installation; "" shares those of every one.
	Installation string
	// Adopt takes over what was kept before items had the name of an installation, one by one as it is asked for.
	Adopt bool
}

// installationFile holds the name of an installation, in its data folder: so that a folder which is moved keeps its secrets.
const installationFile = "installation"

var installationForm = regexp.MustCompile(`^[0-9a-f]{8}$`)

// EnsureInstallation returns the name of the installation in a data folder, which one process at a time has open.
func EnsureInstallation(data string) (string, error) {
	path := filepath.Join(data, installationFile)
	raw, err := os.ReadFile(path)
	if name := strings.TrimSpace(string(raw)); err == nil && installationForm.MatchString(name) {
		return name, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read the installation's name: %w", err)
	}
	var b [4]byte
	_, _ = rand.Read(b[:]) // never fails
	name := hex.EncodeToString(b[:])
	// Beside it first: a crash in between leaves no name that is half one.
	if err := os.WriteFile(path+".new", []byte(name+"\n"), 0o600); err != nil {
		return "", fmt.Errorf("keep the installation's name: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return "", fmt.Errorf("keep the installation's name: %w", err)
	}
	return name, nil
}

// own is a secret's name with the installation's before it; no name of a secret has a colon.
func (v *Vault) own(name string) string {
	if v.installation == "" {
		return name
	}
	return v.installation + ":" + name
}

// find reads a secret, and makes one that was kept without the installation's name this installation's.
func (v *Vault) find(ctx context.Context, name string) (string, error) {
	value, err := v.read(ctx, v.own(name))
	if !v.adopt || !errors.Is(err, keyring.ErrNotFound) {
		return value, err
	}
	if value, err = v.read(ctx, name); err != nil {
		return "", err
	}
	if v.write(ctx, v.own(name), value) == nil {
		_ = v.remove(ctx, name) // else the next Set or Delete does it
	}
	return value, nil
}

// keep writes a secret, and what was kept without the installation's name is gone.
func (v *Vault) keep(ctx context.Context, name, value string) error {
	if err := v.write(ctx, v.own(name), value); err != nil || !v.adopt {
		return err
	}
	_ = v.remove(ctx, name) // the value is kept already, and comes before that one
	return nil
}

// drop removes a secret under both names, the older first: else it would be found again.
func (v *Vault) drop(ctx context.Context, name string) error {
	if v.adopt {
		if err := v.remove(ctx, name); err != nil {
			return err
		}
	}
	return v.remove(ctx, v.own(name))
}
