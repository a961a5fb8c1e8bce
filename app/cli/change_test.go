package main

import (
	"context"
	"testing"

	"background-agents/backend/session"
	"background-agents/backend/session/sessiontest"
)

func TestProjectSetIsWhatNewSessionsBeginWith(t *testing.T) {
	sh := newShell(t)
	sh.play(`$ bga project add /code/shop
$ bga project set --project shop --network offline --policy ask
$ bga new --project shop --title default hi
$ bga new --project shop --title other --network open --policy allow_edits ho
$ bga new --project shop --title again he
`)
	e := sessiontest.State(sh.m)
	want := map[string]session.Defaults{
		"default": {Network: session.Offline, Policy: session.Ask}, "other": {Network: session.OpenNetwork, Policy: session.AllowEdits},
		"again": {Network: session.Offline, Policy: session.Ask},
	}
	for _, s := range e.Sessions {
		if got := (session.Defaults{Network: s.Network, Policy: s.Policy}); got != want[s.Title] {
			t.Errorf("%s: %+v", s.Title, got)
		}
	}
	if len(e.Sessions) != len(want) {
		t.Errorf("%d sessions", len(e.Sessions))
	}
	sh.play("$ bga project set --project shop --network \"\"\n")
	if got := sessiontest.State(sh.m).Projects[0].Defaults; got != (session.Defaults{Policy: session.Ask}) {
		t.Errorf("defaults are %+v", got)
	}
}

// faster changes a project each time just before somebody else saves it.
type faster struct {
	session.Operations
	times int
}

func (f *faster) SaveProject(ctx context.Context, p session.Project) error {
	if f.times > 0 {
		f.times--
		now := sessiontest.State(f.Operations).Projects[0]
		now.Defaults.Model += "x"
		if err := f.Operations.SaveProject(ctx, now); err != nil {
			return err
		}
	}
	return f.Operations.SaveProject(ctx, p)
}

func TestAChangeThatIsMadeMeanwhileStays(t *testing.T) {
	for outcome, c := range map[string]struct {
		times int
		code  session.Code
		want  session.Defaults
	}{
		"another is faster twice":     {2, "", session.Defaults{Model: "xx", Network: session.Offline}},
		"another is faster each time": {99, session.CodeConflict, session.Defaults{Model: "xxxxx"}},
	} {
		t.Run(outcome, func(t *testing.T) {
			sh := newShell(t)
			p, err := sh.m.AddProject(t.Context(), "/code/shop")
			if err != nil {
				t.Fatal(err)
			}
			at := &access{Operations: &faster{sh.m, c.times}}
			err = changeProject(t.Context(), at, p.ID, func(p *session.Project) error { p.Defaults.Network = session.Offline; return nil })
			if session.CodeOf(err) != c.code {
				t.Errorf("%v", err)
			}
			if got := sessiontest.State(sh.m).Projects[0].Defaults; got != c.want {
				t.Errorf("defaults are %+v", got)
			}
		})
	}
}
