package workspace

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
)

func TestCommandsRunOneAfterAnother(t *testing.T) {
	f := clone(t, map[string]string{"a": "1"})
	var out bytes.Buffer
	err := f.Commands(context.Background(), "setup", []string{"echo in $(cat a)", "echo with $WORD\necho again >&2"},
		[]string{"WORD=hello"}, time.Minute, &out)
	if want := "$ echo in $(cat a)\nin 1\n$ echo with $WORD\necho again >&2\nwith hello\nagain\n"; err != nil ||
		out.String() != want {
		t.Errorf("%v, %q", err, out.String())
	}
	if f.ensure(); f.fresh {
		t.Error("setup has run, and would run again")
	}
}

func TestCommandThatFailsEndsTheHook(t *testing.T) {
	for name, c := range map[string]struct {
		commands       []string
		message, never string
	}{
		"the first of two": {[]string{"exit 3", "echo never"},
			"Command 1 of 2 of the project's setup ended with exit status 3.", "never\n"},
		"a line of a script": {[]string{"false\necho ne''ver"}, "The project's setup command ended with exit status 1.",
			"\nnever"},
		"one that is not there": {[]string{"nothing-of-this-name"}, "exit status 127", "never"},
		"one that is no sh":     {[]string{"if then ("}, "exit status 2", "never"},
		"one that hangs": {[]string{"sleep 0.5", "sleep 60"}, "Command 2 of 2 of the project's setup took longer",
			"never"},
	} {
		t.Run(name, func(t *testing.T) {
			f := clone(t, nil)
			var out bytes.Buffer
			e := wantCode(t, f.Commands(context.Background(), "setup", c.commands, nil, 900*time.Millisecond, &out),
				"hook_failed")
			if !strings.Contains(e.Message, c.message) || !strings.Contains(e.Hint, "Retry") ||
				strings.Contains(out.String(), c.never) {
				t.Errorf("%+v, %q", e, out.String())
			}
			if f.ensure(); !f.fresh {
				t.Error("not fresh although setup failed")
			}
		})
	}
}

func TestCommandsAreCancelled(t *testing.T) {
	f := clone(t, nil)
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	err := f.Commands(ctx, "start", []string{"sleep 60"}, nil, time.Minute, io.Discard)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("cancelled: %v", err)
	}
}
