package session_test

import (
	"fmt"
	"strings"
	"testing"

	"background-agents/backend/session"
	"background-agents/backend/session/sessiontest"
)

func TestAgentIsToldWhatItsSandboxHas(t *testing.T) {
	tool := session.Toolchain{Name: "go", Version: "1.25.4"}
	both := session.Environment{Tools: []session.Toolchain{tool}, Packages: []string{"libpq-dev"}}
	many := make([]string, 100)
	for i := range many {
		many[i] = fmt.Sprintf("lib-%03d", i)
	}
	for name, c := range map[string]struct {
		of     session.Environment
		engine func(e *sessiontest.Engine)
		want   []string
		not    []string
	}{
		"nothing but the base": {
			want: []string{"Python 3", "512 MB can be files in /tmp", "0.5 processors", "add it to the project's environment"},
			not:  []string{"Tools of this project", "Debian packages of"},
		},
		"tools and packages": {of: both,
			want: []string{"on PATH: go 1.25.4.", "Debian packages of this project: libpq-dev."}},
		"a tool that could not be had": {of: both,
			engine: func(e *sessiontest.Engine) {
				e.ToolError = &session.Error{Code: session.CodeImage, Message: "No."}
			},
			want: []string{"Debian packages of this project: libpq-dev."}, not: []string{"go 1.25.4"}},
		"many packages": {of: session.Environment{Packages: many},
			want: []string{"lib-059 and 40 more."}, not: []string{"lib-060"}},
	} {
		t.Run(name, func(t *testing.T) {
			story(t, hello, func(w *world) {
				if c.engine != nil {
					c.engine(w.engine)
				}
				p, err := w.AddProject(ctx, "/code/shop")
				w.must(err)
				w.must(w.limit(p.ID, session.Limits{MemoryMB: 1024, CPUs: 0.5}))
				_, err = w.SetEnvironment(ctx, p.ID, session.EnvironmentChoice{Set: &c.of})
				w.must(err)
				id := w.create("work")
				w.until(id, session.Idle)
				told := w.engine.Box(id).Started.Instructions
				for _, s := range c.want {
					if !strings.Contains(told, s) {
						t.Errorf("it is not told %q:\n%s", s, told)
					}
				}
				for _, s := range c.not {
					if strings.Contains(told, s) {
						t.Errorf("it is told %q:\n%s", s, told)
					}
				}
			})
		})
	}
}

func TestAgentOfAnOldSandboxIsToldWhatThatHas(t *testing.T) {
	story(t, hello, func(w *world) {
		id := w.create("work")
		s := w.until(id, session.Idle)
		own := session.Environment{Packages: []string{"libpq-dev"}}
		_, err := w.SetEnvironment(ctx, s.Project, session.EnvironmentChoice{Set: &own})
		w.must(err)
		w.reopen()
		w.until(id, session.Idle)
		if told := w.engine.Box(id).Started.Instructions; strings.Contains(told, "libpq-dev") || told == "" {
			t.Errorf("it is told:\n%s", told)
		}
		w.must(w.Stop(ctx, id))
		w.until(id, session.Stopped)
		w.must(w.Resume(ctx, id))
		w.until(id, session.Idle)
		if told := w.engine.Box(id).Started.Instructions; !strings.Contains(told, "libpq-dev") {
			t.Errorf("after the restart it is told:\n%s", told)
		}
	})
}
