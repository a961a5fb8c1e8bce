package backend

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"background-agents/backend/session"
)

// kept is a store of one session and one project, or of none.
type kept struct {
	session.Store
	some bool
}

func (k kept) Load(context.Context) (session.Settings, []session.Project, []session.Session, error) {
	if !k.some {
		return session.Settings{}, nil, nil, nil
	}
	return session.Settings{}, []session.Project{{ID: "p1"}}, []session.Session{{ID: "s1"}}, nil
}

func TestInstallationKeepsItsID(t *testing.T) {
	data, ctx := t.TempDir(), t.Context()
	first, err := ensureInstallation(ctx, data, kept{})
	if err != nil || !installationForm.MatchString(first.ID) || first.Keyring != "" || first.Engine.Instance != "" {
		t.Fatalf("%+v: %v", first, err)
	}
	if again, err := ensureInstallation(ctx, data, kept{some: true}); err != nil || again.ID != first.ID || again.Engine.Instance != "" {
		t.Errorf("%+v: %v", again, err)
	}
	if other, err := ensureInstallation(ctx, t.TempDir(), kept{}); err != nil || other.ID == first.ID {
		t.Errorf("two folders have the id %s: %v", other.ID, err)
	}
	moved := filepath.Join(t.TempDir(), "moved")
	if err := os.Rename(data, moved); err != nil {
		t.Fatal(err)
	}
	if i, err := ensureInstallation(ctx, moved, kept{}); err != nil || i.ID != first.ID {
		t.Errorf("moved: %+v, %v", i, err)
	}
}

func TestInstallationOfAnEarlierVersionIsAdopted(t *testing.T) {
	data, ctx := t.TempDir(), t.Context()
	if err := os.WriteFile(filepath.Join(data, formerFile), []byte("0a1b2c3d\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		i, err := ensureInstallation(ctx, data, kept{some: true})
		if err != nil || i.Keyring != "0a1b2c3d" || i.Engine.Instance != formerInstance(data) ||
			len(i.Engine.Sessions) != 1 || i.Engine.Sessions[0] != "s1" || len(i.Engine.Projects) != 1 || i.Engine.Projects[0] != "p1" {
			t.Errorf("%+v: %v", i, err)
		}
	}
}

func TestDamagedInstallationIsAnErrorAndStays(t *testing.T) {
	for _, name := range []string{installationFile, formerFile} {
		for _, text := range []string{"", "half", "{}", `{"id":"0a1b2c3d"}`} {
			data := t.TempDir()
			path := filepath.Join(data, name)
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := ensureInstallation(t.Context(), data, kept{})
			if session.CodeOf(err) != session.CodeInvalid || session.AsError(err).Hint == "" {
				t.Errorf("%s of %q: %v", name, text, err)
			}
			if raw, err := os.ReadFile(path); string(raw) != text || err != nil {
				t.Errorf("%s is %q now: %v", name, raw, err)
			}
		}
	}
}
