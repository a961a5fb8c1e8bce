package gitrepo

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"path"
	"slices"
	"strconv"
	"strings"

	"background-agents/backend/session"
)

// maxTree and maxCommit bound objects that are read whole. Bytes.
const (
	maxTree   = 16 << 20
	maxCommit = 1 << 20
)

// check is the policy of the quarantine. It returns the paths that would run code elsewhere.
func (in *incoming) check(ctx context.Context) ([]string, error) {
	if err := in.checkShape(ctx); err != nil {
		return nil, err
	}
	fresh, err := in.checkOrigin(ctx)
	if err != nil {
		return nil, err
	}
	trees, err := in.checkSizes(ctx, fresh)
	if err != nil {
		return nil, err
	}
	if err := in.checkTrees(ctx, trees); err != nil {
		return nil, err
	}
	if err := in.checkChanges(ctx); err != nil {
		return nil, err
	}
	risky := []string{}
	for _, to := range slices.Compact([]string{in.c.Commit, in.c.Files}) {
		changes, err := in.r.rawDiff(ctx, in.at, in.s.BaseCommit, to, false)
		if err != nil {
			return nil, err
		}
		for _, c := range changes {
			if len(c.path) > in.r.config.Limits.Path {
				return nil, refused("a path is %d bytes long, more than %d: %q", len(c.path), in.r.config.Limits.Path,
					c.path[:min(80, len(c.path))])
			}
		}
		if err := in.r.classify(ctx, in.at, in.s.BaseCommit, changes); err != nil {
			return nil, err
		}
		for _, c := range changes {
			if runsElsewhere(c.risk) {
				risky = append(risky, validPath(c.path))
			}
		}
	}
	slices.Sort(risky)
	return slices.Compact(risky), nil
}

// checkShape: two commits, one above the other, and both above the base.
func (in *incoming) checkShape(ctx context.Context) error {
	held, err := in.r.commitsOf(ctx, in.at, []string{in.c.Commit, in.c.Files, in.s.BaseCommit})
	if err != nil {
		return err
	}
	if !slices.Contains(held, in.s.BaseCommit) {
		return fail(session.CodeBaseMissing,
			"The commit that the session started from is not in the repository any more.",
			"Bring it back, for example with `git fetch`, then try again.", nil)
	}
	if !slices.Contains(held, in.c.Commit) || !slices.Contains(held, in.c.Files) {
		return refused("its commits are not in the bundle")
	}
	if in.c.Files != in.c.Commit {
		parents, err := in.r.line(ctx, in.at, "rev-list", "--parents", "--max-count=1", in.c.Files)
		if err != nil {
			return fmt.Errorf("read result: %w", err)
		}
		if parents != in.c.Files+" "+in.c.Commit {
			return refused("its files do not stand on its commit")
		}
	}
	err = in.r.quiet(ctx, in.at, nil, "merge-base", "--is-ancestor", in.s.BaseCommit, in.c.Commit)
	if exited(err, 1) {
		return refused("its branch does not descend from the commit that the session started from (%.12s)",
			in.s.BaseCommit)
	}
	return err
}

// checkSizes returns the new trees.
func (in *incoming) checkSizes(ctx context.Context, fresh []string) (trees []string, err error) {
	if len(fresh) == 0 {
		return nil, nil
	}
	var total int64
	limits := in.r.config.Limits
	err = in.r.run(ctx, in.at, ids(fresh), func(out io.Reader) error {
		return eachLine(out, func(line string) error {
			f := strings.Fields(line)
			if len(f) != 3 {
				return refused("some of its objects are missing")
			}
			size, _ := strconv.ParseInt(f[2], 10, 64)
			total += size
			switch {
			case f[1] == "blob" && size > limits.Blob:
				return refused("a file is %d MB large, more than %d MB", size>>20, limits.Blob>>20)
			case f[1] == "tree" && size > maxTree, f[1] == "commit" && size > maxCommit:
				return refused("a %s is %d MB large", f[1], size>>20)
			case f[1] == "tag":
				return refused("it holds a tag where a commit should be")
			case total > limits.Total:
				return refused("unpacked it is larger than %d MB", limits.Total>>20)
			}
			if f[1] == "tree" {
				trees = append(trees, f[0])
			}
			return nil
		})
	}, "cat-file", "--batch-check=%(objectname) %(objecttype) %(objectsize)", "--buffer")
	return trees, err
}

// checkTrees reads each new tree. index-pack --strict has looked at them too; this names what is wrong, and goes
// further.
func (in *incoming) checkTrees(ctx context.Context, trees []string) error {
	if len(trees) == 0 {
		return nil
	}
	width := len(in.s.BaseCommit) / 2
	return in.r.run(ctx, in.at, ids(trees), func(out io.Reader) error {
		br := bufio.NewReader(out)
		for range trees {
			body, err := readObject(br, maxTree)
			if err != nil {
				return err
			}
			err = eachTreeEntry(body, width, func(mode, name, _ string) error { return checkEntry(mode, name) })
			if err != nil {
				return err
			}
		}
		return nil
	}, "cat-file", "--batch", "--buffer")
}

func checkEntry(mode, name string) error {
	switch mode {
	case "100644", "100755", "100664", "120000", "160000", "40000":
	default:
		return refused("%q has the mode %q", name, mode)
	}
	switch {
	case name == "" || name == "." || name == ".." || strings.ContainsAny(name, "/\x00"):
		return refused("%q is no file name", name)
	case len(name) > 255:
		return refused("a file name is %d bytes long, more than 255", len(name))
	case isDotGit(name):
		return refused("%q stands for git's own folder", name)
	case mode == "120000" && isDotName(name, "gitmodules"):
		return refused("%q is a symbolic link", name)
	}
	return nil
}

// eachTreeEntry walks the bytes of a tree object; width is that of a binary object id.
func eachTreeEntry(b []byte, width int, f func(mode, name, id string) error) error {
	for len(b) > 0 {
		end := bytes.IndexByte(b, 0)
		mode, name, ok := strings.Cut(string(b[:max(end, 0)]), " ")
		if !ok || len(b) < end+1+width {
			return refused("a tree is damaged")
		}
		b = b[end+1:]
		switch {
		case mode == "040000":
			mode = "40000" // git of the first years wrote folders so, and nothing else
		case strings.HasPrefix(mode, "0"):
			return refused("a tree has the mode %q", mode)
		}
		if err := f(mode, name, hex.EncodeToString(b[:width])); err != nil {
			return err
		}
		b = b[width:]
	}
	return nil
}

// readObject reads one answer of `git cat-file --batch`.
func readObject(br *bufio.Reader, limit int) ([]byte, error) {
	line, err := br.ReadString('\n')
	if err != nil {
		return nil, fmt.Errorf("read object: %w", err)
	}
	f := strings.Fields(line)
	if len(f) != 3 {
		return nil, fmt.Errorf("read object: %s", strings.TrimSpace(line))
	}
	size, err := strconv.Atoi(f[2])
	if err != nil || size > limit {
		return nil, fmt.Errorf("read object: %s bytes are more than %d", f[2], limit)
	}
	body := make([]byte, size+1) // and the newline after it
	if _, err := io.ReadFull(br, body); err != nil {
		return nil, fmt.Errorf("read object: %w", err)
	}
	return body[:size], nil
}

func eachLine(r io.Reader, f func(string) error) error {
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		if err := f(lines.Text()); err != nil {
			return err
		}
	}
	return lines.Err()
}

// escapes reports whether a symbolic link at p leads out of the tree, or into git's own folder.
func escapes(p, target string) bool {
	target = strings.ReplaceAll(target, `\`, "/")
	if path.IsAbs(target) || len(target) > 1 && target[1] == ':' {
		return true
	}
	full := path.Join(path.Dir(p), target)
	return full == ".." || strings.HasPrefix(full, "../") || slices.ContainsFunc(strings.Split(full, "/"), isDotGit)
}
