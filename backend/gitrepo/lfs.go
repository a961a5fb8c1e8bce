package gitrepo

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// maxPointer bounds a Git LFS pointer. Bytes; the specification says less than 1024.
const maxPointer = 1023

// withoutFetchedLFS leaves out files that are what their Git LFS pointer in the index stands for: the worktree is
// written with pointers, and the user ran `git lfs pull`.
func (t *tree) withoutFetchedLFS(ctx context.Context, changes []change) ([]string, error) {
	pointers := map[string][]byte{}
	for _, c := range changes {
		if c.status == "modified" {
			pointers[c.oldID] = nil
		}
	}
	if err := t.r.readBlobs(ctx, t.at, pointers, maxPointer); err != nil {
		return nil, err
	}
	var paths []string
	t.fetched = nil
	for _, c := range changes {
		if c.status == "modified" && standsFor(pointers[c.oldID], filepath.Join(t.path, c.path)) {
			t.fetched = append(t.fetched, c.path)
		} else {
			paths = append(paths, c.path)
		}
	}
	return paths, nil
}

// standsFor reports whether pointer is one, and of that file.
func standsFor(pointer []byte, file string) bool {
	if !strings.HasPrefix(string(pointer), "version https://git-lfs.github.com/spec/v1\n") {
		return false
	}
	var oid, size string
	for line := range strings.Lines(string(pointer)) {
		switch key, value, _ := strings.Cut(strings.TrimSpace(line), " "); key {
		case "oid":
			oid = strings.TrimPrefix(value, "sha256:")
		case "size":
			size = value
		}
	}
	info, err := os.Lstat(file)
	if err != nil || !info.Mode().IsRegular() || strconv.FormatInt(info.Size(), 10) != size {
		return false
	}
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }()
	sum := sha256.New()
	if _, err := io.Copy(sum, f); err != nil {
		return false
	}
	return hex.EncodeToString(sum.Sum(nil)) == oid
}
