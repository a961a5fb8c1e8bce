package workspace

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"background-agents/sandbox/wire"
)

func TestHookThatFailsSaysWhatToDo(t *testing.T) {
	for name, c := range map[string]struct{ script, message, hint string }{
		"Windows line ends":      {"#!/bin/bash\r\necho hi\r\n", "does not exist", "Windows line ends"},
		"sh with Windows ends":   {"set -e\r\nexit 3\r\n", "ended with", "Windows line ends"},
		"no such interpreter":    {"#!/opt/none/ruby -w\nputs 1\n", "does not exist", "has no /opt/none/ruby"},
		"a command fails":        {"#!/bin/sh\nexit 3\n", "exit status 3", "start a new session"},
		"a command is not there": {"nothing-of-this-name\n", "exit status 127", "start a new session"},
	} {
		t.Run(name, func(t *testing.T) {
			w := &Workspace{Dir: t.TempDir()}
			path := filepath.Join(w.Dir, hookFolder, "setup.sh")
			if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o700), os.WriteFile(path, []byte(c.script), 0o700)); err != nil {
				t.Fatal(err)
			}
			_, err := w.Hook(context.Background(), "setup.sh", nil, 0, io.Discard)
			var e *wire.Error
			if !errors.As(err, &e) || !strings.Contains(e.Message, c.message) || !strings.Contains(e.Hint, c.hint) {
				t.Fatalf("error is %+v", e)
			}
			if strings.Contains(e.Message, "no such file") || strings.Contains(e.Hint, "ask the agent") {
				t.Errorf("error is %+v", e)
			}
		})
	}
}
