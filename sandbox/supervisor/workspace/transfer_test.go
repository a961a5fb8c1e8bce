package workspace

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"background-agents/sandbox/wire"
)

// host is a repository that fetches bundles as the host's quarantine does.
func host(f *fixture) string {
	dir := f.t.TempDir()
	f.sh(dir, "git init -q --bare . && git fetch -q '"+f.Mirror+"' '+refs/bases/*:refs/bases/*'")
	return dir
}

func fetch(f *fixture, dir string, b []byte) wire.Checkpoint {
	f.t.Helper()
	write(f.t, dir+"/b.bundle", string(b))
	f.sh(dir, "git -c transfer.fsckObjects=true -c protocol.allow=never -c protocol.file.allow=always fetch -q --no-tags b.bundle +refs/result/commit:refs/s/commit +refs/result/files:refs/s/files && git fsck --strict --connectivity-only refs/s/files")
	return wire.Checkpoint{Commit: f.sh(dir, "git rev-parse refs/s/commit"), Files: f.sh(dir, "git rev-parse refs/s/files")}
}

func TestBundleCarriesWhatIsNew(t *testing.T) {
	f := clone(t, map[string]string{"a": strings.Repeat("line\n", 10000)})
	dir := host(f)
	have := []string{f.base, strings.Repeat("0", 40)} // one of them is unknown here
	var last wire.Checkpoint
	for _, step := range []struct{ name, script string }{ // each builds on the one before
		{"uncommitted only", "echo x >> a"},
		{"committed only", "git add -A; git commit -qm one"},
		{"committed and not", "echo y >> a; git commit -qam two; echo z > n"},
		{"a merge", "git add -A; git commit -qm m0; git checkout -q -b s HEAD~1; echo q > q; git add q; git commit -qm q; git checkout -q -; git merge -q s"},
		{"reset to the base", "git reset -q --hard " + f.base + "; echo again > again"},
		{"the same commit again", "true"},
	} {
		f.agent(step.script)
		c := f.checkpoint()
		b := bundle(t, f.Workspace, c, have...)
		if c.Files == f.base || c == last {
			continue
		}
		if got := fetch(f, dir, b); got != c {
			t.Errorf("%s: host got %+v, want %+v", step.name, got, c)
		}
		if len(b) > 20<<10 {
			t.Errorf("%s: %d bytes for a small change", step.name, len(b))
		}
		have, last = append(have, c.Commit, c.Files), c
	}
}

func TestBundleWithNothingNewIsEmpty(t *testing.T) {
	f := clone(t, map[string]string{"a": "1"})
	c := f.checkpoint()
	if b := bundle(t, f.Workspace, c, f.base); len(b) != 0 {
		t.Errorf("%d bytes", len(b))
	}
	if err := f.Import(context.Background(), bytes.NewReader(nil)); err != nil {
		t.Error(err)
	}
	// Without Have, everything is carried.
	f.agent("echo 2 > a")
	if got := fetch(f, host(f), bundle(t, f.Workspace, f.checkpoint())); got.Commit != f.base {
		t.Errorf("host got %+v", got)
	}
	var out bytes.Buffer
	err := f.Bundle(context.Background(), wire.Bundle{Checkpoint: wire.Checkpoint{Commit: strings.Repeat("1", 40), Files: strings.Repeat("2", 40)}}, &out)
	wantCode(t, err, "not_found")
	err = f.Bundle(context.Background(), wire.Bundle{Checkpoint: wire.Checkpoint{Commit: "--all", Files: "HEAD"}}, &out)
	wantCode(t, err, "invalid")
	if out.Len() != 0 {
		t.Errorf("%d bytes beside an error", out.Len())
	}
}

// A sandbox that was lost gets its result back from the host.
func TestImportAndRestoreInANewClone(t *testing.T) {
	f := clone(t, map[string]string{"a": "1", "b": "1"})
	f.agent("echo 2 > a; git commit -qam two; echo 3 > a; echo new > n; rm b")
	c := f.checkpoint()
	b := bundle(t, f.Workspace, c, f.base)
	lost := Open(t.TempDir(), f.Mirror, t.TempDir())
	g := &fixture{Workspace: lost, t: t, base: f.base, with: f.with}
	g.ensure()
	wantCode(t, g.Restore(context.Background(), c), "not_found")
	if err := g.Import(context.Background(), bytes.NewReader(b)); err != nil {
		t.Fatal(err)
	}
	if err := g.Restore(context.Background(), c); err != nil {
		t.Fatal(err)
	}
	if got := g.agent("cat a n; git status --porcelain; git log --format=%s"); got != "3\nnew\n M a\n D b\n?? n\ntwo\nfirst" {
		t.Errorf("state = %q", got)
	}
	if got := g.checkpoint(); got != c {
		t.Errorf("checkpoint = %+v, want %+v", got, c)
	}
	if err := g.Import(context.Background(), strings.NewReader("junk")); err == nil {
		t.Error("junk was imported")
	}
}
