package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"background-agents/sandbox/wire"
)

func TestSecretsLieInFilesThatTheEnvironmentNames(t *testing.T) {
	b := newBench(t)
	st := started
	st.Env = []string{"PLAIN=value"}
	st.Secrets = []wire.Secret{{Name: "KEY", Value: "line one\nline two\n"}, {Name: "OLD", Value: "x"}}
	b.must(wire.MethodStart, st)
	path := filepath.Join(b.dir, "secrets", "KEY")
	if text, err := os.ReadFile(path); err != nil || string(text) != "line one\nline two\n" {
		t.Errorf("%q %v", text, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode() != 0o400 {
		t.Errorf("%v %v", info.Mode(), err)
	}
	got := b.agents[0].start
	if want := []string{"PLAIN=value", "KEY_FILE=" + path, "OLD_FILE=" + filepath.Join(b.dir, "secrets", "OLD")}; !slices.Equal(got.Env, want) || got.Secrets != nil {
		t.Errorf("the agent gets %q, and %v", got.Env, got.Secrets)
	}

	st.Secrets = []wire.Secret{{Name: "KEY", Value: "another"}}
	b.must(wire.MethodStart, st)
	if text, err := os.ReadFile(path); err != nil || string(text) != "another" {
		t.Errorf("%q %v", text, err)
	}
	left, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(left) != 1 {
		t.Errorf("%v lie there, %v", left, err)
	}
}

func TestSecretWithoutANameIsRefused(t *testing.T) {
	b := newBench(t)
	st := started
	st.Secrets = []wire.Secret{{Name: "../../home/agent/.profile", Value: "x"}}
	if err := b.call(wire.MethodStart, st); err == nil {
		t.Fatal("it is written")
	}
	if len(b.agents) != 0 {
		t.Error("an agent is started without its secret")
	}
}
