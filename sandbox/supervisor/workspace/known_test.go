package workspace

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"background-agents/sandbox/wire"
)

func TestCloneKnowsTheBaseAndItsTags(t *testing.T) {
	f := open(t, map[string]string{"a": "1"})
	project := filepath.Join(filepath.Dir(f.Dir), "project")
	f.sh(project, "git tag light; git tag -a v1.2.3 -m 'The first one'; git commit -q --allow-empty -m next; git tag later")
	object := f.sh(project, "git cat-file tag v1.2.3") + "\n"
	f.with.Known = wire.Known{Branch: "main", Remote: "origin/main", Tags: []wire.Tag{
		{Name: "v1.2.3", ID: f.sh(project, "git rev-parse v1.2.3"), Object: []byte(object)},
		{Name: "light", ID: f.base},
		{Name: "later", ID: f.sh(project, "git rev-parse later")}, // not in the mirror
	}}
	f.ensure()
	f.agent("git checkout -q -b mine; echo 2 > a; git commit -qam two; git checkout -q " + branch + "; echo 3 > a; git commit -qam three")
	want := "v1.2.3\nlight\nv1.2.3\n2\n2\n1"
	if got := f.agent("git describe --abbrev=0; git tag; git diff main...HEAD -- a | grep -c '^[-+][0-9]'; git diff origin/main -- a | grep -c '^[-+][0-9]'; git rev-list --count main..HEAD"); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got := f.only(); got != "branch mine 1" {
		t.Errorf("only = %q", got)
	}
	// The host sends a newer base.
	f.sh(project, "git branch base; git bundle create ../newer.bundle refs/heads/base ^"+f.base)
	b, err := os.ReadFile(filepath.Join(filepath.Dir(f.Dir), "newer.bundle"))
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Import(context.Background(), bytes.NewReader(b)); err != nil {
		t.Fatal(err)
	}
	newer := f.sh(project, "git rev-parse base")
	if got := f.agent("git rev-parse main origin/main"); got != newer+"\n"+newer {
		t.Errorf("main is at %s, not %s", got, newer)
	}
}

func TestBaseOfTheSessionsOwnName(t *testing.T) {
	for _, name := range []string{branch, "agents", branch + "/x"} {
		f := open(t, map[string]string{"a": "1"})
		f.with.Known = wire.Known{Branch: name, Remote: "origin/" + name}
		f.ensure()
		if got := f.agent("git for-each-ref --format='%(refname)'"); got != "refs/heads/"+branch+"\nrefs/remotes/origin/"+name {
			t.Errorf("%s: refs are %s", name, got)
		}
	}
}
