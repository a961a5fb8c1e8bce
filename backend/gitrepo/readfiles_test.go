package gitrepo

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"background-agents/backend/session"
)

func TestFilesOfACommitAreReadFromObjects(t *testing.T) {
	w := newWorld(t, someFiles)
	large := bytes.Repeat([]byte("0123456789abcdef"), session.MaxTreeFile/16+1)
	w.must(os.WriteFile(filepath.Join(w.repo, "large"), large, 0o600))
	w.must(os.WriteFile(filepath.Join(w.repo, "empty"), nil, 0o600))
	w.must(os.Symlink("/etc/passwd", filepath.Join(w.repo, "link")))
	commit(t, w.repo, "more", map[string]string{"sub/ünit file.txt": "inside\n"})
	head := git(t, w.repo, "rev-parse", "HEAD")
	w.must(os.WriteFile(filepath.Join(w.repo, "sub", "ünit file.txt"), []byte("not committed\n"), 0o600))

	err := w.ReadFiles(w.ctx, w.project, head, func(files session.FileTree) error {
		paths := files.Paths()
		if !slices.Contains(paths, "sub/ünit file.txt") || slices.Contains(paths, "link") {
			t.Errorf("paths are %q", paths)
		}
		for _, c := range []struct {
			path string
			want []byte
		}{
			{"sub/ünit file.txt", []byte("inside\n")},
			{"large", large[:session.MaxTreeFile]},
			{"empty", []byte{}},
			{"sub/ünit file.txt", []byte("inside\n")}, // after a large one: nothing of it is left
		} {
			got, err := files.Read(c.path)
			if err != nil || !bytes.Equal(got, c.want) {
				t.Errorf("%s: %d bytes, %v", c.path, len(got), err)
			}
		}
		if _, err := files.Read("../secret"); err == nil {
			t.Error("a path that the commit has not is read")
		}
		return nil
	})
	w.must(err)

	stop := errors.New("stop")
	if err := w.ReadFiles(w.ctx, w.project, head, func(session.FileTree) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("the reader's own error is %v", err)
	}
	wantCode(t, w.ReadFiles(w.ctx, w.project, "--all", nil), session.CodeInvalid)
}
