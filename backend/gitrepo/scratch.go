package gitrepo

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"background-agents/backend/session"
)

// makeBare writes an empty bare repository that borrows the objects of others. It is written by hand, so that nothing
// of a template or of the user's configuration gets into it, and because it takes no process.
func makeBare(dir, format string, alternates []string) error {
	config := "[core]\n\trepositoryformatversion = 0\n\tbare = true\n"
	if format != "sha1" {
		config = "[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tobjectformat = " + format + "\n"
	}
	for _, sub := range []string{"objects/info", "objects/pack", "refs/heads"} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.FromSlash(sub)), 0o700); err != nil {
			return fmt.Errorf("make repository: %w", err)
		}
	}
	for name, text := range map[string]string{
		"config": config, "HEAD": "ref: refs/heads/none\n", "objects/info/alternates": alternatesFile(alternates),
	} {
		if err := os.WriteFile(filepath.Join(dir, filepath.FromSlash(name)), []byte(text), 0o600); err != nil {
			return fmt.Errorf("make repository: %w", err)
		}
	}
	return nil
}

func alternatesFile(dirs []string) string {
	var b strings.Builder
	for _, dir := range dirs {
		b.WriteString(quote(dir) + "\n")
	}
	return b.String()
}

// quote writes a path as git reads it in lists of object directories: as it is, or in the manner of C.
func quote(path string) string {
	path = filepath.ToSlash(path)
	plain := !strings.HasPrefix(path, "#")
	for i := range len(path) {
		if path[i] < ' ' || strings.IndexByte("\"\\:;", path[i]) >= 0 {
			plain = false
		}
	}
	if plain {
		return path
	}
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(path) {
		switch c := path[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ':
			fmt.Fprintf(&b, "\\%03o", c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// unowned is the owner of scratch folders that only read from elsewhere, for which no lock is held.
const unowned = "any"

// scratch makes a repository that lives for one call, with the refs. owner is the name of the lock that the caller
// holds, by which a folder left over is told from one in use, or unowned.
func (r *Repos) scratch(p session.ProjectID, owner, format string, alternates []string, refs map[string]string) (string, func(), error) {
	root := filepath.Join(r.projectDir(p), "scratch")
	if err := os.MkdirAll(root, 0o700); err != nil {
		return "", nil, explain(err)
	}
	dir, err := os.MkdirTemp(root, owner+".")
	if err != nil {
		return "", nil, explain(err)
	}
	remove := func() { _ = os.RemoveAll(dir) }
	if err := makeBare(dir, format, alternates); err != nil {
		remove()
		return "", nil, explain(err)
	}
	for ref, commit := range refs {
		file := filepath.Join(dir, filepath.FromSlash(ref))
		err := os.MkdirAll(filepath.Dir(file), 0o700)
		if err == nil {
			err = os.WriteFile(file, []byte(commit+"\n"), 0o600)
		}
		if err != nil {
			remove()
			return "", nil, explain(err)
		}
	}
	return dir, remove, nil
}

// scratchOwner is the name of the lock that a scratch folder belongs to.
func scratchOwner(dir string) string {
	owner, _, _ := strings.Cut(filepath.Base(dir), ".")
	return owner
}
