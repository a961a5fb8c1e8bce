//go:build linux

package redteam

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"background-agents/backend/session"
	"background-agents/backend/session/sessiontest"
)

// What the application does with a session, and what an agent does in it.

// everything does with a session's result all that the application can do with one.
func everything(t *testing.T, v *victim, s session.Session) {
	t.Helper()
	v.diff(t, s.ID)
	_, err := v.Edits(ctx, s.ID)
	must(t, err)
	_, err = v.Unsaved(ctx, s.ID)
	must(t, err)
	_, err = v.Repository(ctx, s.Project)
	must(t, err)
	_, err = v.Refs(ctx, s.Project, "")
	must(t, err)
	_, err = v.Checkout(ctx, s.ID)
	must(t, err)
	if err := v.Checkpoint(ctx, s.ID); err != nil && session.CodeOf(err) != session.CodeConflict {
		t.Error(err)
	}
}

// diff returns a session's changes as the window gets them: each file with its patch, as JSON.
func (v *victim) diff(t *testing.T, id session.ID) []string {
	t.Helper()
	list, err := v.Diff(ctx, id, 0)
	must(t, err)
	if len(list) == 0 {
		t.Error("the difference is empty")
	}
	var all []string
	for _, f := range list {
		p, err := v.Patch(ctx, id, 0, f.Path, session.PatchOptions{Context: 3})
		must(t, err)
		b, err := json.Marshal([]any{f, p})
		must(t, err)
		all = append(all, string(b))
	}
	return all
}

// take brings out what the agent's files are now, as the end of a turn does.
func (v *victim) take(t *testing.T, id session.ID) session.Session {
	t.Helper()
	must(t, v.Checkpoint(ctx, id))
	return v.get(id)
}

// script puts a file into a sandbox.
func (v *victim) script(t *testing.T, id session.ID, path, text string) {
	t.Helper()
	v.put(t, id, path, []byte(text))
}

func (v *victim) put(t *testing.T, id session.ID, path string, b []byte) {
	t.Helper()
	var said locked
	code, err := v.Exec(ctx, id, session.Exec{Command: []string{"sh", "-c", `cat > "$1" && chmod 755 "$1"`, "sh", path}, Stdin: bytes.NewReader(b), Stdout: &said, Stderr: &said})
	if err != nil || code != 0 {
		t.Fatalf("put %s: %v, %d, %s", path, err, code, said.String())
	}
}

// image is the image of the shared session's sandbox.
func (v *victim) image(t *testing.T) string {
	t.Helper()
	return docker(t, "inspect", "-f", "{{.Image}}", v.container(t, v.cell))
}

// in returns where the canaries that stand in text come from, in whatever encoding.
func (c canaries) in(text string) []string {
	var found []string
	for where, value := range c.all() {
		if needlesOf(coreOf(value)).in([]byte(text)) {
			found = append(found, where)
		}
	}
	return found
}

// said is an item's or session's text with all its parts.
func said(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(err)
	}
	return strings.ToValidUTF8(string(b), "")
}

// alive fails unless the shared session's sandbox answers and its agent finishes a turn.
func (v *victim) alive(t *testing.T) {
	t.Helper()
	if out := v.sh(t, v.cell, "echo here"); out != "here\n" {
		t.Errorf("the other sandbox says %q", out)
	}
	v.turn(t, v.cell, "demo: text Still here.")
}

// transcript returns all items of a session.
func (v *victim) transcript(t *testing.T, id session.ID) []session.Item {
	t.Helper()
	all, err := sessiontest.Items(ctx, v, id)
	must(t, err)
	return all
}

// container is the engine's id of a session's container.
func (v *victim) container(t *testing.T, id session.ID) string {
	t.Helper()
	sb, err := v.Sandbox(ctx, id)
	must(t, err)
	if sb.Container == "" {
		t.Fatal("the session has no container")
	}
	return sb.Container
}
