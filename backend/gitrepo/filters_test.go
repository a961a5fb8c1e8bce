package gitrepo

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"background-agents/backend/session"
)

// kind is a filter of a user's that stands for one that is in use.
type kind struct{ name, clean, smudge, stored, plain string }

var largePointer = fmt.Sprintf("version https://git-lfs.github.com/spec/v1\noid sha256:%x\nsize 6\n",
	sha256.Sum256([]byte("large\n")))

var kinds = []kind{
	{"git-crypt", "tr a-z n-za-m", "tr a-z n-za-m", "frperg\n", "secret\n"},
	{"nbstripout", "sed /output/d", "cat", "cell\n", "cell\noutput\n"},
	{"lfs", "cat >/dev/null; printf '" + strings.ReplaceAll(largePointer, "\n", `\n`) + "'",
		"cat >/dev/null; echo large", largePointer, "large\n"},
}

// newFilterWorld is a world whose user has a filter for x.bin, checked out as the user's git does.
func newFilterWorld(t *testing.T, k kind) *world {
	t.Helper()
	w := newWorld(t, map[string]string{"a.txt": "a\n", "x.bin": k.stored,
		".gitattributes": "*.bin filter=" + k.name + "\n"})
	w.filter(k, w.repo, "x.bin")
	return w
}

// filter configures it, and writes its checkout again, so that the files are as new as the index.
func (w *world) filter(k kind, dir, file string) {
	w.Helper()
	git(w, w.repo, "config", "filter."+k.name+".clean", k.clean)
	git(w, w.repo, "config", "filter."+k.name+".smudge", k.smudge)
	w.must(os.Remove(filepath.Join(dir, file)))
	git(w, dir, "checkout", "--", file)
	if k.smudge == "cat" {
		write(w, dir, map[string]string{file: k.plain})
		git(w, dir, "add", file)
	}
	if got := read(w, dir, file); got != k.plain || git(w, dir, "status", "--porcelain") != "" {
		w.Fatalf("the filter does not work: %q, %s", got, git(w, dir, "status", "--porcelain"))
	}
}

// touched gives a file another time, as `touch` does: git compares its content.
func (w *world) touched(path string) {
	w.Helper()
	then := time.Now().Add(-time.Hour)
	w.must(os.Chtimes(path, then, then))
}

func TestFilteredFilesOfTheUserAreNotTakenForChanges(t *testing.T) {
	for _, k := range kinds[:2] {
		t.Run(k.name, func(t *testing.T) {
			w := newFilterWorld(t, k)
			dirty := func() bool {
				t.Helper()
				found, err := w.Inspect(w.ctx, w.repo)
				w.must(err)
				return found.Dirty
			}
			if dirty() {
				t.Error("a clean checkout counts as changed")
			}
			commit(t, w.agent, "one", map[string]string{"a.txt": "one\n"})
			w.publish(1)
			plan := w.planMerge(session.MergeTarget{})
			write(t, w.repo, map[string]string{"x.bin": "other\n"})
			if !dirty() {
				t.Error("a changed file counts as unchanged")
			}
			_, err := w.Merge(w.ctx, w.project, w.session, plan.Yes())
			wantCode(t, err, session.CodeConflict)

			w.filter(k, w.repo, "x.bin")
			w.touched(filepath.Join(w.repo, "x.bin"))
			_, err = w.Merge(w.ctx, w.project, w.session, plan.Yes())
			wantCode(t, err, session.CodeConflict)
			if !strings.Contains(session.AsError(err).Hint, "`git status`") {
				t.Errorf("no way to go on: %v, %s", err, session.AsError(err).Hint)
			}
			git(t, w.repo, "status") // as the hint says
			w.merged(plan)
			files, status := read(t, w.repo, "a.txt")+read(t, w.repo, "x.bin"), git(t, w.repo, "status", "--porcelain")
			if files != "one\n"+k.plain || status != "" || dirty() {
				t.Errorf("after the merge: %q, %s", files, status)
			}
		})
	}
}

func TestMergeOfAFilteredFile(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			w := newFilterWorld(t, k)
			next := strings.Replace(k.stored, "e", "z", 1) // as it is in the repository
			commit(t, w.agent, "one", map[string]string{"x.bin": next})
			w.publish(1)
			plan := w.planMerge(session.MergeTarget{})
			_, err := w.Merge(w.ctx, w.project, w.session, plan.Yes())
			if k.name == "git-crypt" {
				wantCode(t, err, session.CodeConflict)
				command, found := strings.CutPrefix(session.AsError(err).Hint, "Merge it there yourself: ")
				if !found || command != "git merge agents/fix-login" || git(t, w.repo, "status", "--porcelain") != "" {
					t.Fatalf("hint: %s; status: %s", session.AsError(err).Hint, git(t, w.repo, "status", "--porcelain"))
				}
				git(t, w.repo, strings.Fields(command)[1:]...)
				if got := read(t, w.repo, "x.bin"); got == next {
					t.Errorf("the user's git did not run the filter: %q", got)
				}
				return
			}
			w.must(err)
			if got := read(t, w.repo, "x.bin"); got != next {
				t.Errorf("x.bin is %q", got)
			}
			if got := git(t, w.repo, "status",
				"--porcelain"); got != "" && k.name != "lfs" { // whose stand-in knows no pointers
				t.Errorf("status: %s", got)
			}
		})
	}
}

func TestFilteredFilesInTheWorktreeAreNoEdits(t *testing.T) {
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			w := newFilterWorld(t, k)
			commit(t, w.agent, "one", map[string]string{"a.txt": "one\n", "y.bin": "raw\noutput\n"})
			path := w.publish(1)
			if got := git(t, path, "status", "--porcelain"); got != "" {
				t.Errorf("the user's git lists files as changed that nobody edited: %s", got)
			}
			edits := func() []string {
				t.Helper()
				changes, err := w.Edits(w.ctx, w.project, w.session)
				w.must(err)
				return list(changes)
			}
			w.filter(k, path, "x.bin") // as git-crypt unlock and git lfs pull do
			if got := edits(); len(got) > 0 {
				t.Errorf("edits: %v", got)
			}
			commit(t, w.agent, "two", map[string]string{"a.txt": "two\n", "x.bin": "cell2\n"})
			w.publish(2)
			if got := read(t, path, "x.bin"); got != "cell2\n" {
				t.Errorf("a changed file did not come: %q", got)
			}
			if got := git(t, path, "status", "--porcelain"); got != "" {
				t.Errorf("status: %s", got)
			}
			w.must(os.Chmod(filepath.Join(path, "x.bin"), 0o755))
			if got := edits(); !slices.Equal(got, []string{"M x.bin"}) {
				t.Errorf("a changed mode is not an edit: %v", got)
			}
			w.must(os.Chmod(filepath.Join(path, "x.bin"), 0o644))
			write(t, path, map[string]string{"x.bin": "edit2\n"})
			if got := edits(); !slices.Equal(got, []string{"M x.bin"}) {
				t.Errorf("edits: %v", got)
			}
		})
	}
}
