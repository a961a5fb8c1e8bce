package docker

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/docker/docker/api/types/mount"

	"background-agents/backend/session"
)

func TestWhatAProjectMountsIsReadOnlyAndNothingElse(t *testing.T) {
	e := tinyEngine(t)
	sealed := spec("bound")
	ensure(t, e, sealed)
	before := inspect(t, e, "bound")
	home := t.TempDir()
	if err := os.Chmod(home, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(home, ".gitconfig"), []byte("kept"), 0o644); err != nil {
		t.Fatal(err)
	}
	open := sealed
	open.Binds = []session.Bind{{Source: filepath.Join(home, ".gitconfig"), Target: "/home/agent/.gitconfig"}}
	if err := e.Stop(t.Context(), "bound"); err != nil {
		t.Fatal(err)
	}
	ensure(t, e, open)
	after := inspect(t, e, "bound")
	if after.ID == before.ID {
		t.Fatal("the container is still the one without the mount")
	}
	last := len(after.HostConfig.Mounts) - 1
	if m := after.HostConfig.Mounts[last]; last != len(before.HostConfig.Mounts) || m.Type != mount.TypeBind || !m.ReadOnly || m.Source != open.Binds[0].Source {
		t.Errorf("mounted are %+v", after.HostConfig.Mounts)
	}
	after.HostConfig.Mounts = after.HostConfig.Mounts[:last]
	if got, want := asJSON(t, after.HostConfig), asJSON(t, before.HostConfig); got != want {
		t.Errorf("something else differs:\n%s\nbefore:\n%s", got, want)
	}
	if out, _ := run(t, e, "bound", "read", "/home/agent/.gitconfig"); out != "kept" {
		t.Errorf("it reads %q", out)
	}
	if out, code := run(t, e, "bound", "write", "/home/agent/.gitconfig", "changed"); code == 0 {
		t.Errorf("it can be written: %s", out)
	}
	if err := e.Stop(t.Context(), "bound"); err != nil {
		t.Fatal(err)
	}
	ensure(t, e, sealed)
	if out, code := run(t, e, "bound", "read", "/home/agent/.gitconfig"); code == 0 && out == "kept" {
		t.Error("taken back, it is still there")
	}
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
