package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"background-agents/sandbox/wire"
)

var secretName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// withSecrets puts the secrets that are files where the agent finds them, and names them in the environment. It is done at each
// start, so that an agent which is launched again finds what its environment names.
func (s *session) withSecrets(ctx context.Context, st wire.Start) (wire.Start, error) {
	secrets := st.Secrets
	st.Secrets = nil // from here on they lie in their files alone
	err := hold(ctx, s.launching, func() error {
		env, err := putSecrets(s.paths.secrets, secrets)
		st.Env = append(st.Env[:len(st.Env):len(st.Env)], env...)
		return err
	})
	if err != nil && ctx.Err() == nil {
		err = &wire.Error{Code: "sandbox_failed", Message: "The session's secrets could not be put into the sandbox: " + err.Error() + ".", Hint: "Try again."}
	}
	return st, err
}

// putSecrets makes the files in dir those of these secrets and no others, and returns the environment that names them.
func putSecrets(dir string, secrets []wire.Secret) (env []string, err error) {
	old, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	keep := map[string]bool{}
	for _, secret := range secrets {
		if !secretName.MatchString(secret.Name) {
			return nil, fmt.Errorf("%.64q is no name", secret.Name)
		}
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, err
		}
		path := filepath.Join(dir, secret.Name)
		if err := replaceFile(path, secret.Value); err != nil {
			return nil, err
		}
		keep[secret.Name] = true
		env = append(env, secret.Name+"_FILE="+path)
	}
	for _, f := range old {
		if !keep[f.Name()] {
			if err := os.RemoveAll(filepath.Join(dir, f.Name())); err != nil {
				return nil, err
			}
		}
	}
	return env, nil
}

// replaceFile writes a file that only its owner can read. Who has the old one open goes on reading that.
func replaceFile(path, text string) error {
	part := filepath.Join(filepath.Dir(path), ".part")
	if err := os.Remove(part); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.WriteFile(part, []byte(text), 0o400); err != nil {
		return err
	}
	return os.Rename(part, path)
}
