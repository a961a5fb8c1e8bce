package gitrepo

import (
	"os"
	"path/filepath"
	"testing"

	"background-agents/backend/session"
)

func TestFileIsSavedInTheCheckoutAndNotCommitted(t *testing.T) {
	w := newWorld(t, someFiles)
	head := git(t, w.repo, "rev-parse", "HEAD")
	path, err := w.SaveFile(w.ctx, w.project, session.ConfigPath, []byte("setup: a\n"))
	w.must(err)
	read := func() string {
		data, err := os.ReadFile(filepath.Join(w.repo, ".background-agents", "config.yaml"))
		w.must(err)
		return string(data)
	}
	if read() != "setup: a\n" || filepath.Base(path) != "config.yaml" {
		t.Errorf("%s is %q", path, read())
	}
	if git(t, w.repo, "rev-parse", "HEAD") != head || git(t, w.repo, "diff", "--cached", "--name-only") != "" {
		t.Error("something was committed or staged")
	}
	if _, err := w.SaveFile(w.ctx, w.project, session.ConfigPath, []byte("setup: a\n")); err != nil {
		t.Errorf("saved again: %v", err)
	}
	_, err = w.SaveFile(w.ctx, w.project, session.ConfigPath, []byte("setup: b\n"))
	wantCode(t, err, session.CodeConflict)
	if read() != "setup: a\n" {
		t.Errorf("what was not committed is now %q", read())
	}
	git(t, w.repo, "add", "-A")
	git(t, w.repo, "commit", "-qm", "config")
	w.must(os.WriteFile(path, []byte("setup: a\r\n"), 0o600)) // as git for Windows checks it out
	_, err = w.SaveFile(w.ctx, w.project, session.ConfigPath, []byte("setup: b\n"))
	w.must(err)
	if left, _ := os.ReadDir(filepath.Dir(path)); read() != "setup: b\n" || len(left) != 1 {
		t.Errorf("the file is %q, beside it is %v", read(), left)
	}
}

func TestSavingFollowsNoLink(t *testing.T) {
	for name, lead := range map[string]func(repo, outside string) error{
		"the folder leads outside": func(repo, outside string) error {
			return os.Symlink(outside, filepath.Join(repo, ".background-agents"))
		},
		"the folder leads into git's": func(repo, _ string) error {
			return os.Symlink(".git", filepath.Join(repo, ".background-agents"))
		},
		"the file leads outside": func(repo, outside string) error {
			if err := os.Mkdir(filepath.Join(repo, ".background-agents"), 0o700); err != nil {
				return err
			}
			return os.Symlink(filepath.Join(outside, "config.yaml"), filepath.Join(repo, ".background-agents", "config.yaml"))
		},
		"the file is a folder": func(repo, _ string) error {
			return os.MkdirAll(filepath.Join(repo, ".background-agents", "config.yaml"), 0o700)
		},
		"the folder is a file": func(repo, _ string) error {
			return os.WriteFile(filepath.Join(repo, ".background-agents"), nil, 0o600)
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, outside := newWorld(t, someFiles), t.TempDir()
			w.must(os.WriteFile(filepath.Join(outside, "config.yaml"), []byte("mine"), 0o600))
			w.must(lead(w.repo, outside))
			_, err := w.SaveFile(w.ctx, w.project, session.ConfigPath, []byte("setup: evil\n"))
			wantCode(t, err, session.CodeConflict)
			if data, _ := os.ReadFile(filepath.Join(outside, "config.yaml")); string(data) != "mine" {
				t.Errorf("outside is %q", data)
			}
			if _, err := os.Stat(filepath.Join(w.repo, ".git", "config.yaml")); err == nil {
				t.Error("it was written into git's folder")
			}
		})
	}
}

func TestBareRepositoryHasNoFilesToSave(t *testing.T) {
	w := newWorld(t, someFiles)
	bare := filepath.Join(t.TempDir(), "bare.git")
	git(t, w.repo, "clone", "-q", "--bare", w.repo, bare)
	p := w.project
	p.Path = bare
	_, err := w.SaveFile(w.ctx, p, session.ConfigPath, []byte("setup: a\n"))
	wantCode(t, err, session.CodeInvalid)
}
