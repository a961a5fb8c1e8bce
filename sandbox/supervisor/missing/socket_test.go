package missing

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"background-agents/sandbox/wire"
)

func TestShellsTellWhatTheyDidNotFind(t *testing.T) {
	sent := make(chan wire.Missing, 10)
	r := &Reporter{Send: func(m wire.Missing) { sent <- m }}
	r.Want(map[string]string{"go": "go", "sudo": "root"})
	path := filepath.Join(t.TempDir(), "missing.sock")
	if Tell(path, []string{"go"}) == nil {
		t.Error("nobody listens, and no error")
	}
	conn, err := Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- r.Serve(ctx, conn) }()
	for _, words := range [][]string{
		{""}, {"unknown"}, {"go", "test"}, {"go"}, {"go", strings.Repeat("x", 1<<20)},
		{"sudo", "apt-get", "install", "-y", "libpq-dev"},
	} {
		if err := Tell(path, words); err != nil {
			t.Errorf("%.20q: %v", words, err)
		}
	}
	for _, want := range []string{"go", "sudo libpq-dev"} {
		select {
		case m := <-sent:
			if got := said([]wire.Missing{m})[0]; got != want {
				t.Errorf("told of %s, want %s", got, want)
			}
		case <-time.After(5 * time.Second):
			t.Fatalf("%s was not told", want)
		}
	}
	cancel()
	if err := <-done; err != nil || len(sent) > 0 {
		t.Errorf("%v, %d more", err, len(sent))
	}
}
