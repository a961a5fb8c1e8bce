package gitrepo

import (
	"context"
	"io"

	"background-agents/backend/session"
)

// WritePatch writes the differences of a range in git's own words: `git apply` makes the one state of the other, with modes, links,
// renames and binary files.
func (r *Repos) WritePatch(ctx context.Context, p session.Project, s session.Session, rg session.Range, w io.Writer) error {
	at, from, to, err := r.compared(ctx, p, s, rg)
	if err != nil {
		return err
	}
	return explain(r.run(ctx, at, nil, func(out io.Reader) error {
		_, err := io.Copy(w, out)
		return err
	}, "diff", "--patch", "--binary", "--full-index", "--find-renames", "--no-color", "--src-prefix=a/", "--dst-prefix=b/",
		"--ignore-submodules=none", "--submodule=short", from, to, "--"))
}
