package gitrepo

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"path"
	"slices"
	"strings"
)

// Bounds of what is looked at of a tree's symbolic links. Beyond them a change counts as one that leads out of the tree.
const (
	maxLinks    = 20_000
	maxTarget   = 4096 // bytes; longer ones exist on no file system
	maxFollowed = 40   // links in one path, as Linux follows them
	maxAliases  = 256  // names of one file
	keptLinks   = 64   // trees whose links are remembered
)

// links are the symbolic links of a tree, path to target. Paths are in lower case: on many disks they mean the same.
type links map[string]string

// linksOf lists the symbolic links of a commit or tree; more is set where there are more than maxLinks. What it returns is shared.
func (r *Repos) linksOf(ctx context.Context, at place, tree string) (found links, more bool, err error) {
	r.mu.Lock()
	found, known := r.links[tree]
	r.mu.Unlock()
	if known {
		return found, len(found) >= maxLinks, nil
	}
	blobs, paths := map[string][]byte{}, map[string]string{}
	err = r.run(ctx, at, nil, func(out io.Reader) error {
		br := bufio.NewReaderSize(out, 64<<10)
		for len(paths) < maxLinks {
			entry, err := br.ReadString(0)
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
			head, name, _ := strings.Cut(strings.TrimSuffix(entry, "\x00"), "\t")
			if f := strings.Fields(head); len(f) == 3 && f[0] == modeLink {
				paths[name], blobs[f[2]] = f[2], nil
			}
		}
		return errEnough
	}, "ls-tree", "-r", "-z", "--full-tree", tree)
	if err == nil {
		err = r.readBlobs(ctx, at, blobs, maxTarget)
	}
	if err != nil {
		return nil, false, fmt.Errorf("list links: %w", err)
	}
	found = links{}
	for name, id := range paths {
		found[strings.ToLower(name)] = linkTarget(blobs[id])
	}
	r.keepLinks(tree, found)
	return found, len(paths) >= maxLinks, nil
}

// keepLinks remembers the links of a tree, which its id stands for.
func (r *Repos) keepLinks(tree string, found links) {
	if !fullID.MatchString(tree) {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.links) >= keptLinks {
		clear(r.links)
	}
	r.links[tree] = found
}

func linkTarget(blob []byte) string {
	return strings.ToLower(strings.ReplaceAll(string(blob), `\`, "/"))
}

// after returns the links of the tree that comes of changes.
func (l links) after(changes []change, blobs map[string][]byte) links {
	after := maps.Clone(l)
	for _, c := range changes {
		delete(after, strings.ToLower(c.path))
		if c.status == "renamed" {
			delete(after, strings.ToLower(c.old))
		}
	}
	for _, c := range changes {
		if c.newMode == modeLink {
			after[strings.ToLower(c.path)] = linkTarget(blobs[c.newID])
		}
	}
	return after
}

// resolve follows all links in a path of the tree. It returns where that leads, "" for the top, and the links on the way. out is set
// where the way leads out of the tree, or round in circles.
func (l links) resolve(p string) (to string, through []string, out bool) {
	var at []string
	todo := strings.Split(p, "/")
	for len(todo) > 0 {
		part := todo[0]
		todo = todo[1:]
		switch part {
		case "", ".":
			continue
		case "..":
			if len(at) == 0 {
				return "", through, true
			}
			at = at[:len(at)-1]
			continue
		}
		here := path.Join(append(slices.Clone(at), part)...)
		target, linked := l[here]
		if !linked {
			at = append(at, part)
			continue
		}
		if through = append(through, here); len(through) > maxFollowed || path.IsAbs(target) || len(target) > 1 && target[1] == ':' {
			return "", through, true
		}
		todo = append(strings.Split(target, "/"), todo...)
	}
	return strings.Join(at, "/"), through, false
}

// outward are the links that lead out of the tree or into git's own folder, and those that such a way goes through.
func (l links) outward() map[string]bool {
	outward := map[string]bool{}
	for from := range l {
		to, through, out := l.resolve(from)
		if out || slices.ContainsFunc(strings.Split(to, "/"), isDotGit) {
			for _, link := range through {
				outward[link] = true
			}
		}
	}
	return outward
}

// targets maps where links lead to the links that lead there.
func (l links) targets() map[string][]string {
	led := map[string][]string{}
	for from := range l {
		if to, _, out := l.resolve(from); !out {
			led[to] = append(led[to], from)
		}
	}
	return led
}

// aliases returns the names by which a file can be reached, its own first. Each link is used once; more says that there are more.
func aliases(p string, targets map[string][]string) (names []string, more bool) {
	type alias struct {
		name string
		used []string
	}
	p = strings.ToLower(p)
	seen := map[string]bool{p: true}
	queue := []alias{{name: p}}
	for len(queue) > 0 {
		a := queue[0]
		queue, names = queue[1:], append(names, a.name)
		for folder := a.name; ; folder = parent(folder) {
			for _, from := range targets[folder] {
				name := path.Join(from, strings.TrimPrefix(a.name, folder))
				if seen[name] || slices.Contains(a.used, from) {
					continue
				}
				if seen[name] = true; len(seen) > maxAliases {
					return names, true
				}
				queue = append(queue, alias{name, append(slices.Clone(a.used), from)})
			}
			if folder == "" {
				break
			}
		}
	}
	return names, false
}
