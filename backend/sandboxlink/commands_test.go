package sandboxlink

import (
	"strings"
	"testing"

	"background-agents/backend/session"
)

func TestCommandsOfTheProjectRunInARealSupervisor(t *testing.T) {
	p, h := newProcess(t), newHost()
	l := h.connect(t, p.connect())
	spec := p.spec()
	spec.Variables = []string{"WORD=project", "SECRET=shadowed"}
	spec.SetupCommands = []string{`test "$SECRET" = not-in-the-journal`, `printf %s "$WORD" >from-setup.txt`}
	spec.StartCommands = []string{`test "$(cat from-setup.txt)" = project`, "exit 7"}
	err := l.Start(t.Context(), spec)
	if session.CodeOf(err) != session.CodeHook ||
		!strings.Contains(err.Error(), "Command 2 of 2 of the project's start ended with exit status 7") {
		t.Fatalf("start: %v", err)
	}
	spec.SetupCommands = []string{"exit 8"} // has run
	spec.StartCommands = spec.StartCommands[:1]
	if err := l.Start(t.Context(), spec); err != nil {
		t.Errorf("after the command was changed: %v", err)
	}
}
