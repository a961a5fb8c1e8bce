package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// bundleHead is what stands before the pack in a git bundle (gitformat-bundle(5)).
type bundleHead struct {
	format string   // sha1 or sha256
	needs  []string // commits that the repository must have
	refs   map[string]string
}

var objectID = regexp.MustCompile(`^([0-9a-f]{40}|[0-9a-f]{64})$`)

// fillMirror reads a bundle and keeps the commit of its one ref (refs/heads/base where there are more) as
// refs/bases/COMMIT. The pack goes straight into the repository: nothing is written twice, whatever its size. Who reads the
// mirror never sees it half: the ref comes last.
func fillMirror(ctx context.Context, dir string, bundle io.Reader) (tip string, err error) {
	r := bufio.NewReaderSize(bundle, 64<<10)
	head, err := readBundleHead(r)
	if err != nil {
		return "", fmt.Errorf("read the bundle: %w", err)
	}
	tip, ok := head.refs["refs/heads/base"]
	if !ok {
		for _, tip = range head.refs {
			ok = len(head.refs) == 1
		}
	}
	if !ok {
		return "", errors.New("the bundle has no refs/heads/base")
	}
	if _, err := os.Stat(filepath.Join(dir, "HEAD")); errors.Is(err, os.ErrNotExist) {
		if err := git(ctx, dir, nil, "init", "-q", "--bare", "--object-format="+head.format, "--template=", "."); err != nil {
			return "", err
		}
		// Clones borrow these objects and read them only: nothing may tidy them away.
		for _, kv := range [][2]string{{"gc.auto", "0"}, {"maintenance.auto", "false"}, {"gc.pruneExpire", "never"}, {"core.sharedRepository", "0644"}} {
			if err := git(ctx, dir, nil, "config", kv[0], kv[1]); err != nil {
				return "", err
			}
		}
	}
	for _, id := range head.needs {
		if err := git(ctx, dir, nil, "cat-file", "-e", id); err != nil {
			return "", fmt.Errorf("the mirror lacks %s, on which the bundle stands: %w", id, err)
		}
	}
	if err := git(ctx, dir, r, "index-pack", "--stdin", "--fix-thin"); err != nil {
		return "", err
	}
	if err := git(ctx, dir, nil, "update-ref", "refs/bases/"+tip, tip); err != nil {
		return "", err
	}
	return tip, nil
}

func readBundleHead(r *bufio.Reader) (bundleHead, error) {
	h := bundleHead{format: "sha1", refs: map[string]string{}}
	for n := 0; ; n++ {
		line, err := r.ReadSlice('\n')
		if err != nil {
			return h, fmt.Errorf("line %d of its head: %w", n+1, err)
		}
		text := strings.TrimSuffix(string(line), "\n")
		id, rest, _ := strings.Cut(strings.TrimPrefix(text, "-"), " ")
		switch {
		case n == 0:
			if text != "# v2 git bundle" && text != "# v3 git bundle" {
				return h, errors.New("it is no git bundle")
			}
		case text == "":
			return h, nil
		case n > 100_000:
			return h, errors.New("its head has no end")
		case strings.HasPrefix(text, "@"):
			format, ok := strings.CutPrefix(text, "@object-format=")
			if !ok || format != "sha1" && format != "sha256" {
				return h, fmt.Errorf("it needs %q", text)
			}
			h.format = format
		case !objectID.MatchString(id):
			return h, fmt.Errorf("%q is no object", id)
		case text[0] == '-':
			h.needs = append(h.needs, id)
		default:
			h.refs[rest] = id
		}
	}
}

// git runs a git command in the bare repository dir.
func git(ctx context.Context, dir string, in io.Reader, args ...string) error {
	c := exec.CommandContext(ctx, "git", append([]string{"-c", "safe.directory=*", "-c", "core.hooksPath=/dev/null"}, args...)...)
	c.Dir, c.Stdin = dir, in
	c.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "LC_ALL=C")
	var stderr bytes.Buffer
	c.Stderr = &stderr
	if err := c.Run(); err != nil {
		return fmt.Errorf("git %s: %w: %s", args[0], err, strings.TrimSpace(stderr.String()))
	}
	return nil
}
