package main

import (
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// maxVariables bounds the file of the project's variables, in bytes.
const maxVariables = 1 << 20

func (p paths) variables() string { return filepath.Join(p.state, "variables.json") }

// keepVariables writes what the project sets where execute finds it: what its user runs in the sandbox has the same
// variables as its agent.
func keepVariables(file string, variables []string) error {
	raw, err := json.Marshal(variables)
	if err != nil {
		return err
	}
	next := file + ".new"
	if err := os.WriteFile(next, raw, 0o600); err != nil {
		return err
	}
	return os.Rename(next, file)
}

// readVariables returns the project's variables without those that the sandbox has already; none where there is no file.
// The agent can write it, as it can the files of every shell: what runs in a sandbox has no more rights than the agent.
func readVariables(file string) ([]string, error) {
	f, err := os.Open(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	raw, err := io.ReadAll(io.LimitReader(f, maxVariables))
	if err != nil {
		return nil, err
	}
	var all []string
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil, err
	}
	var variables []string
	for _, v := range all {
		name, _, ok := strings.Cut(v, "=")
		if _, taken := os.LookupEnv(name); ok && !taken && name != "" && !strings.ContainsRune(v, 0) {
			variables = append(variables, v)
		}
	}
	return variables, nil
}
