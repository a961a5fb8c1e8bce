package gitrepo

import (
	"context"
	"reflect"
	"strings"
	"testing"
)

func TestNamesOfABase(t *testing.T) {
	w := newWorld(t, map[string]string{"a.txt": "1"})
	git(w, w.repo, "branch", "-M", "main")
	base := git(w, w.repo, "rev-parse", "HEAD")
	git(w, w.repo, "update-ref", "refs/remotes/origin/main", base)
	git(w, w.repo, "update-ref", "refs/remotes/upstream/release/1", base)
	git(w, w.repo, "branch", "alone")
	git(w, w.repo, "tag", "light")
	git(w, w.repo, "tag", "-a", "v1", "-m", "The first")
	git(w, w.repo, "tag", "tree", "HEAD^{tree}")
	git(w, w.repo, "commit", "-q", "--allow-empty", "-m", "later")
	git(w, w.repo, "tag", "later")
	for _, c := range []struct{ base, branch, remote string }{
		{"", "main", "origin/main"},
		{"main", "main", "origin/main"},
		{"origin/main", "main", "origin/main"},
		{"upstream/release/1", "release/1", "upstream/release/1"},
		{"alone", "alone", ""},
		{"v1", "", ""},
		{base, "", ""},
		{"gone", "", ""},
	} {
		k, err := w.BaseNames(context.Background(), w.project, c.base, base)
		if err != nil || k.Branch != c.branch || k.Remote != c.remote {
			t.Errorf("%q is known as %q and %q, %v", c.base, k.Branch, k.Remote, err)
		}
		var names []string
		for _, tag := range k.Tags {
			names = append(names, tag.Name)
			if annotated := strings.HasPrefix(string(tag.Object), "object "+base); annotated != (tag.Name == "v1") {
				t.Errorf("tag %s has the object %q", tag.Name, tag.Object)
			}
		}
		if want := []string{"v1", "light"}; !reflect.DeepEqual(names, want) && !reflect.DeepEqual(names, []string{"light", "v1"}) {
			t.Errorf("%q reaches the tags %q", c.base, names)
		}
	}
	if _, err := w.BaseNames(context.Background(), w.project, "main", "--all"); err == nil {
		t.Error("an option was taken for a commit")
	}
}
