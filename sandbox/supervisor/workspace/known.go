package workspace

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"background-agents/sandbox/wire"
)

// Settings of the clone: under which names it has the base, and where that is.
const (
	settingBaseBranch = "background-agents.baseBranch"
	settingBaseRemote = "background-agents.baseRemote"
)

// know gives a new clone the base under its own names and the tags that it reaches, so that questions such as `git diff
// main...HEAD` and `git describe` have an answer. What the clone begins with is noted: it does not count as the
// agent's.
func (w *Workspace) know(ctx context.Context, c Clone) error {
	var refs strings.Builder
	names := [][2]string{}
	if b := c.Known.Branch; b != "" && !beside(b, c.Branch) {
		fmt.Fprintf(&refs, "update refs/heads/%s %s\n", b, c.Base)
		names = append(names, [2]string{settingBaseBranch, b})
	}
	if r := c.Known.Remote; r != "" {
		fmt.Fprintf(&refs, "update refs/remotes/%s %s\n", r, c.Base)
		names = append(names, [2]string{settingBaseRemote, r})
	}
	tags, err := w.tags(ctx, c.Known.Tags)
	if err != nil {
		return err
	}
	refs.WriteString(tags)
	if refs.Len() > 0 {
		if _, err := w.run(ctx, command{args: []string{"update-ref", "--stdin"}, stdin: strings.NewReader(refs.String())}); err != nil {
			return err
		}
	}
	for _, n := range names {
		if _, err := w.git(ctx, "config", n[0], n[1]); err != nil {
			return err
		}
	}
	out, err := w.git(ctx, "for-each-ref", "--format=%(objectname) %(refname)", "refs/tags")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(w.gitDir(), knownRefs), []byte(out+"\n"), 0o644)
}

// beside reports whether two branches cannot both exist: one is the other, or the folder that it lies in.
func beside(a, b string) bool {
	return a == b || strings.HasPrefix(a, b+"/") || strings.HasPrefix(b, a+"/")
}

// tags writes the objects of annotated tags and returns the lines that make all tags whose commits are here.
func (w *Workspace) tags(ctx context.Context, list []wire.Tag) (string, error) {
	dir := filepath.Join(w.scratch, "tags")
	if err := os.RemoveAll(dir); err != nil {
		return "", err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	var paths, ids strings.Builder
	for i, t := range list {
		if len(t.Object) == 0 {
			continue
		}
		path := filepath.Join(dir, fmt.Sprint(i))
		if err := os.WriteFile(path, t.Object, 0o600); err != nil {
			return "", err
		}
		paths.WriteString(path + "\n")
	}
	if paths.Len() > 0 {
		if _, err := w.run(ctx, command{args: []string{"hash-object", "-t", "tag", "-w", "--no-filters", "--stdin-paths"}, stdin: strings.NewReader(paths.String())}); err != nil {
			return "", err
		}
	}
	for _, t := range list {
		if !commitID.MatchString(t.ID) {
			return "", fmt.Errorf("the tag %q names no object", t.Name)
		}
		ids.WriteString(t.ID + "\n")
	}
	out, err := w.run(ctx, command{args: []string{"cat-file", "--batch-check=%(objecttype)"}, stdin: strings.NewReader(ids.String())})
	if err != nil {
		return "", err
	}
	types := strings.Split(out, "\n")
	var refs strings.Builder
	for i, t := range list {
		if i < len(types) && (types[i] == "tag" || types[i] == "commit") && !strings.ContainsAny(t.Name, " \n") {
			fmt.Fprintf(&refs, "update refs/tags/%s %s\n", t.Name, t.ID)
		}
	}
	return refs.String(), nil
}

// moveBase brings the base's names to the commit that the host sent as the newer base. The branch stays where the agent
// moved it or has it checked out.
func (w *Workspace) moveBase(ctx context.Context) {
	sent, err := w.git(ctx, "rev-parse", "--verify", "-q", refImport+"heads/base")
	if err != nil {
		return
	}
	remote, err := w.git(ctx, "config", settingBaseRemote)
	if err != nil {
		return
	}
	was, err := w.git(ctx, "rev-parse", "--verify", "-q", "refs/remotes/"+remote)
	if err != nil || was == sent {
		return
	}
	_, _ = w.git(ctx, "update-ref", "refs/remotes/"+remote, sent, was)
	branch, err := w.git(ctx, "config", settingBaseBranch)
	if err != nil {
		return
	}
	if head, _ := w.git(ctx, "symbolic-ref", "-q", "HEAD"); head != "refs/heads/"+branch {
		_, _ = w.git(ctx, "update-ref", "refs/heads/"+branch, sent, was)
	}
}
