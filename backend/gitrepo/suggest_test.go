package gitrepo

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestSuggestListsNewestFirst(t *testing.T) {
	root := t.TempDir()
	for i, name := range []string{"old", "group/new", "group/deep/newest", "node_modules/dep", ".hidden/x"} {
		dir := filepath.Join(root, name)
		git(t, root, "init", "-q", dir)
		at := time.Now().Add(time.Duration(i-10) * time.Hour)
		for _, f := range []string{"HEAD"} {
			if err := os.Chtimes(filepath.Join(dir, ".git", f), at, at); err != nil {
				t.Fatal(err)
			}
		}
	}
	r := Open(Config{DataDir: t.TempDir()})
	got, err := r.Suggest(context.Background(), root, 2)
	if err != nil || len(got) != 2 || got[0].Name != "newest" || got[1].Name != "new" || got[0].Branch != "main" {
		t.Errorf("%+v %v", got, err)
	}
	if got, err := r.Suggest(context.Background(), filepath.Join(root, "none"), 5); err != nil || len(got) != 0 {
		t.Errorf("%v %v", got, err)
	}
}
