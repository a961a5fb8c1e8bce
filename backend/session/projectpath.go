package session

import (
	"path/filepath"
	"regexp"
	"strings"
)

// remoteForm is how git writes the address of a repository elsewhere: URLs, and user@host:path.
var remoteForm = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9+.-]*://|[^/\\\s]+@[^/\\\s:]+:)`)

// projectPath returns the folder that the user means: ~ is the home folder, as in a shell.
func (m *Manager) projectPath(path string) (string, error) {
	path = strings.TrimSpace(path)
	switch {
	case remoteForm.MatchString(path):
		return "", newError(CodeInvalid, path+" is the address of a repository, not a folder.",
			"Clone it first with `git clone "+path+"`, then add the folder that this makes.", nil)
	case path == "~" || strings.HasPrefix(path, "~/"):
		if m.Home == "" {
			return "", newError(CodeInvalid, "The home folder is not known, so "+path+" can't be found.", "Give the whole path.", nil)
		}
		path = filepath.Join(m.Home, path[1:])
	}
	if !filepath.IsAbs(path) {
		return "", newError(CodeInvalid, "\""+path+"\" is not a whole path.", "Give the path from the root, or from your home folder as ~/code/shop.", nil)
	}
	return path, nil
}
