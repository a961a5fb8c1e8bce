package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"syscall"

	"background-agents/sandbox/supervisor/seal"
	"background-agents/sandbox/wire"
)

// sealCheck returns what is asked before an agent starts and before each turn. filter is what loading the filter came to.
func sealCheck(filter error) func() error {
	return func() error {
		err := checkSandbox()
		if filter != nil {
			err = fmt.Errorf("cannot restrict system calls (%w)", filter)
		}
		if err == nil {
			return nil
		}
		return &wire.Error{
			Code:    "seal_broken",
			Message: "The sandbox " + err.Error() + ", so no agent runs in it.",
			Hint:    "Stop the session and start it again. If that does not help, check how Docker is set up: `bga doctor`.",
		}
	}
}

// checkSeal ends an agent that runs in a sandbox which is not sealed.
func (s *session) checkSeal() error {
	err := s.sealed()
	if err != nil {
		s.closeAgent()
	}
	return err
}

// sealedAgent returns the agent for a turn, if the sandbox is sealed.
func (s *session) sealedAgent(ctx context.Context) (liveAgent, error) {
	if err := s.checkSeal(); err != nil {
		return nil, err
	}
	return s.ensureAgent(ctx)
}

// execute becomes the command, under the filter that holds for all that the supervisor starts.
func execute(command []string, p paths) error {
	if len(command) == 0 {
		return errors.New("name a command: supervisor exec -- COMMAND")
	}
	if err := seal.Filter(); err != nil {
		return err
	}
	path, err := exec.LookPath(command[0])
	if err != nil {
		return err
	}
	variables, err := readVariables(p.variables())
	if err != nil {
		fmt.Fprintln(os.Stderr, "supervisor: the project's variables are not set:", err)
	}
	env := slices.Concat(os.Environ(), variables)
	return fmt.Errorf("run %s: %w", command[0], syscall.Exec(path, command, env))
}
