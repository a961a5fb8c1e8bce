package gitrepo

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Filters (gitattributes(5)) change files between a checkout and the repository: Git LFS, nbstripout and git-crypt are
// made of them. The user's git runs them. Here none runs, because its program may be a file that an agent wrote; so
// what a filter would say of a file is learned from the index that the user's git keeps (indexstat.go), or left to the
// user.

// userFilter says what one of the user's filters does. A filter that does neither is not in effect.
type userFilter struct {
	clean  bool // changes files on their way into the repository
	smudge bool // changes files on their way out of it
}

// userFilters lists the filters that the user's git would run in a repository.
func (r *Repos) userFilters(ctx context.Context, dir string) map[string]userFilter {
	at := place{dir: dir, configured: true}
	out, _ := r.output(ctx, at, nil, "config", "-z", "--get-regexp", `^filter\..*\.(clean|smudge|process)$`)
	filters := map[string]userFilter{}
	for _, field := range splitZ(out) {
		name, command, _ := strings.Cut(field, "\n")
		name = strings.TrimPrefix(name, "filter.")
		dot := strings.LastIndexByte(name, '.')
		if command == "" { // that of the fixed configuration, too
			continue
		}
		f := filters[name[:dot]]
		switch name[dot+1:] {
		case "clean":
			f.clean = f.clean || command != "cat"
		case "smudge":
			f.smudge = f.smudge || command != "cat"
		default:
			f.clean, f.smudge = true, true
		}
		filters[name[:dot]] = f
	}
	return filters
}

// withAttributes gives a place the file of attributes that the user's own configuration names.
func (r *Repos) withAttributes(ctx context.Context, at place) place {
	user := place{dir: at.dir, configured: true}
	// The fixed configuration names none, so the files are asked.
	file := ""
	for _, scope := range []string{"--local", "--global"} {
		path, err := r.line(ctx, user, "config", scope, "--type=path", "--get", "core.attributesFile")
		if err == nil && path != "" {
			file = path
			break
		}
	}
	if file == "" {
		home := os.Getenv("XDG_CONFIG_HOME")
		if dir, err := os.UserHomeDir(); home == "" && err == nil {
			home = filepath.Join(dir, ".config")
		}
		file = filepath.Join(home, "git", "attributes")
	}
	if filepath.IsAbs(file) && exists(file) {
		at.config = append(slices.Clone(at.config), "core.attributesFile="+file)
	}
	return at
}

// filterOf returns the filter that attributes select for each path; a path without one is not in it.
func (r *Repos) filterOf(ctx context.Context, at place, paths []string, flags ...string) (map[string]string, error) {
	if len(paths) == 0 {
		return nil, nil
	}
	input := strings.NewReader(strings.Join(paths, "\x00") + "\x00")
	args := append(append([]string{"check-attr"}, flags...), "-z", "--stdin", "filter")
	out, err := r.output(ctx, at, input, args...)
	if err != nil {
		return nil, fmt.Errorf("read attributes: %w", err)
	}
	selected := map[string]string{}
	fields := splitZ(out) // path, "filter", value
	for i := 0; i+2 < len(fields); i += 3 {
		if v := fields[i+2]; v != "unspecified" && v != "unset" && v != "set" {
			selected[fields[i]] = v
		}
	}
	return selected, nil
}

// sifted are files whose bytes are not those of the index.
type sifted struct {
	racy   []string // the user's git knows them as unchanged, but looks again because they are as new as its index
	edited []string
	unsure []string // only a filter of the user's can tell
}

// sift looks at files of one of the user's checkouts that differ from its index when no filter runs.
func (r *Repos) sift(ctx context.Context, at place, paths []string) (s sifted, err error) {
	known, err := r.asIndexed(ctx, at, paths)
	if err != nil || len(paths) == 0 {
		return s, err
	}
	filters := r.userFilters(ctx, at.dir)
	var selected map[string]string
	if len(filters) > 0 {
		if selected, err = r.filterOf(ctx, at, paths); err != nil {
			return s, err
		}
	}
	for _, path := range paths {
		_, same := known[path]
		switch filtered := filters[selected[path]].clean; {
		case filtered && same:
			s.racy = append(s.racy, path)
		case filtered:
			s.unsure = append(s.unsure, path)
		default:
			s.edited = append(s.edited, path)
		}
	}
	return s, nil
}
