package workspace

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// maxSmudged bounds the files whose checkout is compared with what lies there: each takes a process.
const maxSmudged = 200

// modified is a file that differs between two trees.
type modified struct{ path, mode, was string }

// unwritten returns the tree without the changes that nobody made: a file whose bytes are those of head, or those that a checkout of
// head writes, is head's.
//
// git converts what it adds by the attributes (line ends, filters, encodings), and does that whenever a file's time
// changed or is too young to tell. Where the commit holds what these attributes would not give, such as CRLF in a file
// that is declared text, every touched file would seem rewritten. The content decides here: the raw bytes, what git makes of them,
// and what git makes of the commit's.
func (w *Workspace) unwritten(ctx context.Context, head, tree string) (string, error) {
	if head == tree {
		return tree, nil
	}
	list, err := w.modified(ctx, head, tree)
	if err != nil || len(list) == 0 {
		return tree, err
	}
	if list, err = w.converted(ctx, list); err != nil || len(list) == 0 {
		return tree, err
	}
	var same, rest []modified
	for _, how := range [][]string{{"--no-filters"}, {}} {
		found, err := w.hashed(ctx, list, how...)
		if err != nil {
			return tree, err
		}
		rest = nil
		for i, f := range list {
			if found != nil && found[i] == f.was {
				same = append(same, f)
			} else {
				rest = append(rest, f)
			}
		}
		list = rest
	}
	for _, f := range list[:min(len(list), maxSmudged)] {
		if w.checksOutAs(ctx, f) {
			same = append(same, f)
		}
	}
	if len(same) == 0 {
		return tree, ctx.Err()
	}
	var lines []string
	for _, f := range same {
		lines = append(lines, f.mode+" "+f.was+"\t"+f.path)
	}
	if _, err := w.withIndex(ctx, lines, "update-index", "-z", "--index-info"); err != nil {
		return tree, fmt.Errorf("take out what nobody changed: %w", err)
	}
	return w.withIndex(ctx, nil, "write-tree")
}

// modified lists the ordinary files that are in both trees with other contents.
func (w *Workspace) modified(ctx context.Context, head, tree string) ([]modified, error) {
	out, err := w.withIndex(ctx, nil, "diff-tree", "-r", "-z", "--no-renames", "--raw", "--full-index", "--diff-filter=M", head, tree)
	if err != nil {
		return nil, fmt.Errorf("compare with the commit: %w", err)
	}
	fields := split(out)
	var list []modified
	for i := 0; i+1 < len(fields); i += 2 {
		f := strings.Fields(strings.TrimPrefix(fields[i], ":"))
		if len(f) != 5 || !strings.HasPrefix(f[0], "100") || !strings.HasPrefix(f[1], "100") || f[2] == f[3] {
			continue
		}
		if path := fields[i+1]; !strings.Contains(path, "\n") && !strings.HasPrefix(path, `"`) { // git reads these names otherwise
			list = append(list, modified{path, f[1], f[2]})
		}
	}
	return list, nil
}

// converted returns those that git may convert when it adds them.
func (w *Workspace) converted(ctx context.Context, list []modified) ([]modified, error) {
	if _, err := w.git(ctx, "config", "--get", "core.autocrlf"); err == nil {
		return list, nil
	}
	var paths []string
	for _, f := range list {
		paths = append(paths, f.path)
	}
	out, err := w.withIndex(ctx, paths, "check-attr", "-z", "--stdin", "text", "crlf", "eol", "filter", "ident", "working-tree-encoding")
	if err != nil {
		return nil, fmt.Errorf("read attributes: %w", err)
	}
	yes := map[string]bool{}
	fields := split(out)
	for i := 0; i+2 < len(fields); i += 3 {
		if v := fields[i+2]; v != "unspecified" && v != "unset" {
			yes[fields[i]] = true
		}
	}
	var some []modified
	for _, f := range list {
		if yes[f.path] {
			some = append(some, f)
		}
	}
	return some, nil
}

// hashed returns the object ids that git gives to files, nil where it refuses one of them.
func (w *Workspace) hashed(ctx context.Context, list []modified, how ...string) ([]string, error) {
	if len(list) == 0 {
		return nil, nil
	}
	var in strings.Builder
	for _, f := range list {
		in.WriteString(f.path + "\n")
	}
	out, err := w.run(ctx, command{args: append([]string{"hash-object", "--stdin-paths"}, how...), stdin: strings.NewReader(in.String()),
		env: []string{"GIT_INDEX_FILE=" + w.index()}})
	ids := strings.Fields(out)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	if err != nil || len(ids) != len(list) {
		return nil, nil //nolint:nilerr // a file went or cannot be read: they count as changed
	}
	return ids, nil
}

// checksOutAs reports whether a checkout of the commit writes just what lies there.
func (w *Workspace) checksOutAs(ctx context.Context, f modified) bool {
	lies, err := os.ReadFile(filepath.Join(w.Dir, f.path))
	if err != nil {
		return false
	}
	same := &matcher{rest: lies}
	_, err = w.run(ctx, command{args: []string{"cat-file", "--filters", "--path=" + f.path, f.was}, stdout: same,
		env: []string{"GIT_INDEX_FILE=" + w.index()}})
	return err == nil && len(same.rest) == 0
}

var errDiffers = errors.New("differs")

// matcher takes what is written as long as it is the beginning of rest.
type matcher struct{ rest []byte }

func (m *matcher) Write(p []byte) (int, error) {
	if !bytes.HasPrefix(m.rest, p) {
		return 0, errDiffers
	}
	m.rest = m.rest[len(p):]
	return len(p), nil
}
