package workspace

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"background-agents/sandbox/wire"
)

// maxDepth bounds how many folders without permissions are opened one below the other.
const maxDepth = 64

// openFolders gives the user all permissions on the folders of the working tree that lack them, as Go's module cache does, so
// that what is in them can be removed. Ignored folders and nested repositories stay as they are.
func (w *Workspace) openFolders(ctx context.Context) error {
	tried := map[string]bool{}
	for range maxDepth {
		var shut []string
		err := filepath.WalkDir(w.Dir, func(path string, d fs.DirEntry, err error) error {
			switch {
			case ctx.Err() != nil:
				return ctx.Err()
			case err != nil || !d.IsDir() || path == w.Dir:
				return nil //nolint:nilerr // a folder that cannot be read is in the list already
			case d.Name() == ".git" || exists(filepath.Join(path, ".git")):
				return fs.SkipDir
			}
			if st, err := d.Info(); err == nil && st.Mode().Perm()&0o700 != 0o700 && !tried[path] {
				tried[path] = true
				shut = append(shut, strings.TrimPrefix(path, w.Dir+"/"))
			}
			return nil
		})
		if err != nil || len(shut) == 0 {
			return err
		}
		out, err := w.withIndex(ctx, shut, "check-ignore", "-z", "--stdin")
		if err != nil && exitCode(err) != 1 { // 1: none is ignored
			return err
		}
		ignored := split(out)
		for _, path := range shut {
			full := filepath.Join(w.Dir, path)
			if st, err := os.Lstat(full); err == nil && !slices.Contains(ignored, path) {
				_ = os.Chmod(full, st.Mode().Perm()|0o700) // what is not ours is told when it cannot be removed
			}
		}
	}
	return nil
}

// inWay is the error for what cannot be removed or written.
func inWay(err error) error {
	s := reason(err)
	if !strings.Contains(s, "Permission denied") && !strings.Contains(s, "Operation not permitted") {
		return fmt.Errorf("restore the files: %w", err)
	}
	return fmt.Errorf("%w (%w)", &wire.Error{Code: "sandbox_failed", Message: "The files could not be restored: " + strings.TrimPrefix(s, "warning: ") + ".",
		Hint: "Ask the agent to remove that, then restore again."}, err)
}
