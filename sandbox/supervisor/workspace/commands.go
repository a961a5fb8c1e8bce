package workspace

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"background-agents/sandbox/wire"
)

// Commands runs the commands of the project's configuration for a hook one after another, each as a script for sh that
// ends at its first error. Environment, limit (of all together), output and errors are as with Hook.
func (w *Workspace) Commands(ctx context.Context, name string, commands, env []string, limit time.Duration,
	out io.Writer) error {
	begun := time.Now()
	for i, command := range commands {
		_, _ = fmt.Fprintf(out, "$ %s\n", command) // a reader that is gone must not stop the hook
		left := limit
		if limit > 0 {
			left = max(limit-time.Since(begun), time.Millisecond)
		}
		cmd := exec.Command("sh", "-ec", command)
		cmd.Dir = w.Dir
		cmd.Env = append(os.Environ(), env...)
		if err := runGroup(ctx, cmd, left, out); err != nil {
			if ctx.Err() != nil {
				return fmt.Errorf("run %s: %w", name, ctx.Err())
			}
			which := "The project's " + name + " command"
			if len(commands) > 1 {
				which = fmt.Sprintf("Command %d of %d of the project's %s", i+1, len(commands), name)
			}
			return &wire.Error{Code: "hook_failed", Message: fmt.Sprintf("%s %v.", which, err),
				Hint: "Its output says why. Retry runs it again. If it is wrong, change it in the project's settings, or change " +
					"config.yaml and accept it, then Retry."}
		}
	}
	return w.setupDone(name + ".sh")
}
