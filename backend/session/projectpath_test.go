package session_test

import (
	"context"
	"strings"
	"testing"

	"background-agents/backend/session"
)

func TestPathOfAProjectIsWhatAPersonTypes(t *testing.T) {
	story(t, nil, func(w *world) {
		ctx := context.Background()
		for path, hint := range map[string]string{
			"https://github.com/a/b": "git clone https://github.com/a/b", "git@github.com:a/b.git": "git clone git@github.com:a/b.git",
			"code/shop": "whole path", "": "whole path",
		} {
			for _, do := range []func(context.Context, string) (session.Project, error){w.AddProject, w.InitProject} {
				_, err := do(ctx, path)
				if said := session.AsError(err); session.CodeOf(err) != session.CodeInvalid || !strings.Contains(said.Message+said.Hint, hint) {
					t.Errorf("%q: %v", path, err)
				}
			}
		}
		w.must(must(w.AddProject(ctx, " /code/new ")))
	})
}

func must(_ session.Project, err error) error { return err }

func TestTildeIsTheHomeFolder(t *testing.T) {
	story(t, nil, func(w *world) {
		w.home = "/home/me"
		w.reopen()
		p, err := w.AddProject(context.Background(), "~/code/shop")
		w.must(err)
		if want := w.home + "/code/shop"; p.Path != want {
			t.Errorf("it is %s, not %s", p.Path, want)
		}
	})
}
