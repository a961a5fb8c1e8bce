package workspace

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func hook(t *testing.T, f *fixture, name, script string, mode os.FileMode) {
	t.Helper()
	path := filepath.Join(f.Dir, ".background-agents", name)
	write(t, path, script)
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func TestHookRuns(t *testing.T) {
	f := clone(t, map[string]string{"a": "1"})
	var out bytes.Buffer
	if ran, err := f.Hook(context.Background(), "start.sh", nil, time.Minute, &out); ran || err != nil {
		t.Errorf("without a hook: ran %v, %v", ran, err)
	}
	hook(t, f, "start.sh", "echo in $(cat a) with $WORD; echo err >&2", 0o644)
	ran, err := f.Hook(context.Background(), "start.sh", []string{"WORD=hello"}, time.Minute, &out)
	if !ran || err != nil || out.String() != "in 1 with hello\nerr\n" {
		t.Errorf("ran %v, %v, %q", ran, err, out.String())
	}
	out.Reset()
	hook(t, f, "setup.sh", "#!/usr/bin/env bash\nset -o pipefail; echo ${BASH_VERSION:+bash}; exit 3", 0o755)
	ran, err = f.Hook(context.Background(), "setup.sh", nil, time.Minute, &out)
	e := wantCode(t, err, "hook_failed")
	if !ran || !strings.Contains(e.Message, "exit status 3") || out.String() != "bash\n" {
		t.Errorf("ran %v, %v, %q", ran, err, out.String())
	}
	if f.ensure(); !f.fresh {
		t.Error("not fresh although setup failed")
	}
}

func TestHookIsStoppedWithAllItStarted(t *testing.T) {
	f := clone(t, nil)
	mark := filepath.Join(t.TempDir(), "mark")
	hook(t, f, "start.sh", "(sleep 4; touch '"+mark+"') & echo begun; sleep 100", 0o755)
	var out bytes.Buffer
	begun := time.Now()
	_, err := f.Hook(context.Background(), "start.sh", nil, 600*time.Millisecond, &out)
	if e := wantCode(t, err, "hook_failed"); !strings.Contains(e.Message, "600ms") || out.String() != "begun\n" {
		t.Errorf("%q, %q", e.Message, out.String())
	}
	ctx, cancel := context.WithTimeout(context.Background(), 600*time.Millisecond)
	defer cancel()
	if _, err := f.Hook(ctx, "start.sh", nil, time.Minute, &out); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("cancelled: %v", err)
	}
	if d := time.Since(begun); d > 10*time.Second {
		t.Errorf("took %v", d)
	}
	time.Sleep(4200 * time.Millisecond)
	if exists(mark) {
		t.Error("a child of the hook lived on")
	}
}

func TestHookThatLeavesAServiceRunningEnds(t *testing.T) {
	f := clone(t, nil)
	mark := filepath.Join(t.TempDir(), "mark")
	hook(t, f, "start.sh", "(sleep 3; echo late; touch '"+mark+"') & echo begun", 0o755)
	var out bytes.Buffer
	begun := time.Now()
	if _, err := f.Hook(context.Background(), "start.sh", nil, time.Minute, &out); err != nil {
		t.Fatal(err)
	}
	if d := time.Since(begun); d > 2500*time.Millisecond {
		t.Errorf("waited %v for the service", d)
	}
	time.Sleep(3200*time.Millisecond - time.Since(begun))
	if !exists(mark) || out.String() != "begun\n" {
		t.Errorf("service alive: %v, output %q", exists(mark), out.String())
	}
}
