package gitrepo

import (
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"background-agents/backend/session"
)

func TestSubmodulesOfACommitAreListed(t *testing.T) {
	w := newWorld(t, someFiles)
	before := git(t, w.repo, "rev-parse", "HEAD")
	lib := filepath.Join(t.TempDir(), "lib")
	git(t, t.TempDir(), "init", "-q", lib)
	commit(t, lib, "one", map[string]string{"lib.txt": "lib\n"})
	git(t, w.repo, "-c", "protocol.file.allow=always", "submodule", "add", "-q", lib, "third party/ünit")
	w.must(os.Rename(lib, filepath.Join(w.repo, "nested"))) // one that nothing in .gitmodules tells of
	git(t, w.repo, "-c", "advice.addEmbeddedRepo=false", "add", "nested")
	git(t, w.repo, "commit", "-q", "-m", "submodules")
	got, err := w.Submodules(w.ctx, w.project, git(t, w.repo, "rev-parse", "HEAD"))
	if want := []string{"nested", "third party/ünit"}; err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%q, %v", got, err)
	}
	if got, err = w.Submodules(w.ctx, w.project, before); err != nil || len(got) != 0 {
		t.Errorf("before: %q, %v", got, err)
	}
	_, err = w.Submodules(w.ctx, w.project, "--all")
	wantCode(t, err, session.CodeInvalid)
}
