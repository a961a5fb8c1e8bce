package gitrepo

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// maxPointer bounds a Git LFS pointer. Bytes; the specification says less than 1024.
const maxPointer = 1023

// withoutFiltered leaves out files that differ from the index because a filter of the user's made them: those that are
// what their Git LFS pointer stands for, since the worktree is written with pointers and the user ran `git lfs pull`;
// and those that the user's git knows as unchanged, as after `git-crypt unlock`.
func (t *tree) withoutFiltered(ctx context.Context, changes []change) ([]string, error) {
	pointers := map[string][]byte{}
	for _, c := range changes {
		if c.status == "modified" {
			pointers[c.oldID] = nil
		}
	}
	if err := t.r.readBlobs(ctx, t.at, pointers, maxPointer); err != nil {
		return nil, err
	}
	t.fetched = nil
	var modified []string
	rest := changes[:0:0]
	for _, c := range changes {
		if c.status == "modified" && standsFor(pointers[c.oldID], filepath.Join(t.path, c.path)) {
			t.fetched = append(t.fetched, c.path)
			continue
		}
		rest = append(rest, c)
		if c.status == "modified" && c.oldMode == c.newMode {
			modified = append(modified, c.path)
		}
	}
	known := map[string]string{}
	if t.user != "" && len(modified) > 0 {
		var err error
		at := place{dir: t.user, tree: t.path, work: t.path, index: filepath.Join(t.user, "index")}
		if known, err = t.r.asIndexed(ctx, at, modified); err != nil {
			return nil, err
		}
	}
	var paths []string
	for _, c := range rest {
		if id, ok := known[c.path]; ok && id == c.oldID {
			t.fetched = append(t.fetched, c.path)
		} else {
			paths = append(paths, c.path)
		}
	}
	return paths, nil
}

// pointer is what stands in a repository for a file that Git LFS stores:
// https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
type pointer struct {
	oid  string // SHA-256 of the content, in hex
	size int64  // bytes
}

var pointerOID = regexp.MustCompile(`^[0-9a-f]{64}$`)

func parsePointer(text []byte) (p pointer, ok bool) {
	if !strings.HasPrefix(string(text), "version https://git-lfs.github.com/spec/v1\n") {
		return p, false
	}
	p.size = -1
	for line := range strings.Lines(string(text)) {
		switch key, value, _ := strings.Cut(strings.TrimSpace(line), " "); key {
		case "oid":
			p.oid = strings.TrimPrefix(value, "sha256:")
		case "size":
			if n, err := strconv.ParseInt(value, 10, 64); err == nil {
				p.size = n
			}
		}
	}
	return p, p.size >= 0 && pointerOID.MatchString(p.oid)
}

// standsFor reports whether text is a pointer, and of that file.
func standsFor(text []byte, file string) bool {
	p, ok := parsePointer(text)
	if !ok {
		return false
	}
	info, err := os.Lstat(file)
	if err != nil || !info.Mode().IsRegular() || info.Size() != p.size {
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
	return hex.EncodeToString(sum.Sum(nil)) == p.oid
}
