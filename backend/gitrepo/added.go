package gitrepo

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"background-agents/backend/session"
)

// WriteOutgoing writes what the commits of a push add: the commits themselves, the names of new files, and the lines that a commit
// has and none of its parents. A file that the other side has already, by whatever name, adds nothing.
func (r *Repos) WriteOutgoing(ctx context.Context, p session.Project, s session.Session, lease string, w io.Writer) error {
	out, err := r.outgoing(ctx, p, s)
	if err != nil {
		return err
	}
	if err := out.since(ctx, lease); err != nil {
		return err
	}
	return explain(out.added(ctx, w))
}

func (out *outgoing) added(ctx context.Context, w io.Writer) error {
	at := inside(out.q)
	span := []string{out.s.Result.Commit, "^" + out.from, "^" + out.s.BaseCommit}
	commits, err := out.r.output(ctx, at, nil, append([]string{"rev-list"}, span...)...)
	if err != nil || len(commits) == 0 {
		return err
	}
	list, err := out.r.output(ctx, at, nil, append([]string{"rev-list", "--objects", "--no-object-names"}, span...)...)
	if err != nil {
		return fmt.Errorf("list what goes out: %w", err)
	}
	lines := &addedLines{w: w, fresh: map[string]bool{}}
	for id := range strings.Lines(string(list)) {
		lines.fresh[strings.TrimSuffix(id, "\n")] = true
	}
	err = out.r.run(ctx, at, bytes.NewReader(commits), func(from io.Reader) error {
		_, err := io.Copy(w, from)
		return err
	}, "cat-file", "--batch", "--buffer")
	if err != nil {
		return fmt.Errorf("read what goes out: %w", err)
	}
	// --text: a binary file is read as lines too. -c: of a merge, the lines that no side has.
	at.config = append(at.config, "core.quotePath=false")
	args := []string{"log", "--patch", "-c", "--text", "--unified=0", "--full-index", "--find-renames", "--no-color", "--no-ext-diff", "--no-textconv",
		"--no-show-signature", "--src-prefix=a/", "--dst-prefix=b/", "--format="}
	if err := out.r.run(ctx, at, nil, lines.read, append(args, span...)...); err != nil {
		return fmt.Errorf("read what goes out: %w", err)
	}
	return nil
}

// addedLines takes the added lines out of patches as `git log` prints them.
type addedLines struct {
	w     io.Writer
	fresh map[string]bool // objects that the other side has not

	header  []byte // of the file, which has its name
	columns int    // before each line of a hunk: one for each parent; 0 outside of a hunk
	skip    bool   // a file that the other side has
}

// maxHeader bounds what is kept of a file's header line. Bytes; a path is shorter.
const maxHeader = 8 << 10

func (a *addedLines) read(from io.Reader) error {
	br := bufio.NewReaderSize(from, 64<<10)
	begin, add := true, false // at the beginning of a line; in one that is added
	for {
		part, err := br.ReadSlice('\n')
		if len(part) > 0 {
			text := part
			if begin {
				text, add = a.line(part)
			}
			if add {
				if _, err := a.w.Write(text); err != nil {
					return err
				}
			}
			begin = part[len(part)-1] == '\n'
		}
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil && !errors.Is(err, bufio.ErrBufferFull):
			return err
		}
	}
}

// line looks at the beginning of a line and returns what of it is to be written, if anything.
func (a *addedLines) line(b []byte) (text []byte, add bool) {
	if a.columns > 0 && len(b) > 0 && strings.IndexByte(" +-\\", b[0]) >= 0 {
		if len(b) < a.columns || a.skip || len(bytes.Trim(b[:a.columns], "+")) > 0 {
			return nil, false
		}
		return b[a.columns:], true
	}
	switch {
	case bytes.HasPrefix(b, []byte("diff ")):
		a.header, a.columns, a.skip = append(a.header[:0], b[:min(len(b), maxHeader)]...), 0, false
	case bytes.HasPrefix(b, []byte("@@")):
		a.columns = max(1, len(b)-len(bytes.TrimLeft(b, "@"))-1)
	case bytes.HasPrefix(b, []byte("new file mode ")), bytes.HasPrefix(b, []byte("rename to ")):
		return a.header, true
	case bytes.HasPrefix(b, []byte("index ")):
		_, id, _ := strings.Cut(strings.Fields(string(b))[1], "..")
		a.skip = !a.fresh[id]
	}
	return nil, false
}
