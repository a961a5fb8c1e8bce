package gitrepo

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"path"
	"path/filepath"
	"strings"

	"background-agents/backend/session"
)

// raw are the files of a push for which attributes select a filter that did not run: the sandbox has none of the
// user's. What other filters than Git LFS and git-crypt would have done cannot be seen, so those count where the user
// has the filter.
func (out *outgoing) raw(ctx context.Context) ([]session.RawFile, error) {
	found := []session.RawFile{}
	commit := out.s.Result.Commit
	changes, err := out.r.rawDiff(ctx, inside(out.q), out.from, commit, false)
	if err != nil {
		return found, explain(err)
	}
	var paths []string
	before := map[string]bool{}
	for _, c := range changes {
		before[c.oldID] = true // the other side has its content: a file that was moved
		if strings.HasPrefix(c.newMode, "100") {
			paths = append(paths, c.path)
		}
	}
	selected, err := out.filtersAt(ctx, commit, paths)
	if err != nil || len(selected) == 0 {
		return found, explain(err)
	}
	filters := out.r.userFilters(ctx, out.u.common)
	for _, c := range changes {
		name := selected[c.path]
		if name == "" || before[c.newID] || len(found) == session.MaxPlanned {
			continue
		}
		raw := filters[name].clean
		if name == "lfs" || strings.HasPrefix(name, "git-crypt") {
			head, err := out.head(ctx, c.newID)
			if err != nil {
				return found, explain(err)
			}
			_, pointer := parsePointer(head)
			encrypted := bytes.HasPrefix(head, []byte("\x00GITCRYPT\x00"))
			raw = len(head) > 0 && !encrypted && (!pointer || len(head) > maxPointer)
		}
		if raw {
			found = append(found, session.RawFile{Path: validPath(c.path), Filter: validPath(name)})
		}
	}
	return found, nil
}

// head returns the beginning of a blob: of one that is too long for a pointer, more than maxPointer bytes.
func (out *outgoing) head(ctx context.Context, id string) (b []byte, err error) {
	err = out.r.run(ctx, inside(out.q), nil, func(from io.Reader) error {
		if b, err = io.ReadAll(io.LimitReader(from, maxPointer+1)); err != nil {
			return err
		}
		return errEnough
	}, "cat-file", "blob", id)
	return b, err
}

// filtersAt returns the filters that a commit's own attributes select for paths, and those of the user's repository.
func (out *outgoing) filtersAt(ctx context.Context, commit string, paths []string) (map[string]string, error) {
	if len(paths) == 0 {
		return nil, nil
	}
	var entries strings.Builder
	err := out.r.eachEntry(ctx, inside(out.q), commit, func(mode, id, file string) {
		if path.Base(file) == ".gitattributes" && strings.HasPrefix(mode, "100") {
			fmt.Fprintf(&entries, "%s %s\t%s\x00", mode, id, file)
		}
	})
	if err != nil {
		return nil, err
	}
	own := filepath.Join(out.u.common, "info", "attributes")
	if entries.Len() == 0 && !exists(own) {
		return nil, nil
	}
	dir, remove, err := out.r.scratch(out.p.ID, unowned, out.u.format, nil, nil)
	if err != nil {
		return nil, err
	}
	defer remove()
	at := inside(out.q)
	at.index = filepath.Join(dir, "index")
	err = out.r.quiet(ctx, at, strings.NewReader(entries.String()), "update-index", "-z", "--index-info")
	if err != nil {
		return nil, fmt.Errorf("read attributes: %w", err)
	}
	if exists(own) {
		at.config = append(at.config, "core.attributesFile="+own)
	}
	return out.r.filterOf(ctx, at, paths, "--cached")
}
