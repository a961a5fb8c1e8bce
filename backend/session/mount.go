package session

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Mount is something of the user's home folder that a project can let its sandboxes read. All are off until the user says otherwise:
// what is mounted, an agent can read, and what it can read it can pass on where the network lets it.
type Mount struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Path    string `json:"path"`    // from the home folder, with slashes; the same on both sides
	Warning string `json:"warning"` // what the agent can do with it, in one sentence
	Found   bool   `json:"found"`   // it is on this computer
}

// Mounts is the table of them.
var Mounts = []Mount{
	{ID: "ssh", Name: "SSH keys", Path: ".ssh",
		Warning: "The agent can copy your private keys, and with them reach every machine that knows you."},
	{ID: "gh", Name: "GitHub login", Path: ".config/gh",
		Warning: "The agent can do on GitHub whatever you can, in all your repositories."},
	{ID: "gitconfig", Name: "git configuration", Path: ".gitconfig",
		Warning: "The agent can read your git settings, and passwords that stand in them."},
	{ID: "opencode", Name: "OpenCode data", Path: ".local/share/opencode",
		Warning: "The agent can read the logins and all earlier conversations of your OpenCode."},
	{ID: "claude", Name: "Claude Code login", Path: ".claude/.credentials.json",
		Warning: "The agent can copy your Claude login and use it elsewhere."},
	{ID: "codex", Name: "Codex login", Path: ".codex/auth.json",
		Warning: "The agent can copy your ChatGPT login and use it elsewhere."},
}

func mountByID(id string) (Mount, bool) {
	i := slices.IndexFunc(Mounts, func(m Mount) bool { return m.ID == id })
	if i < 0 {
		return Mount{}, false
	}
	return Mounts[i], true
}

// validMounts checks ids, and returns each once in the order of the table.
func validMounts(ids []string) ([]string, error) {
	for _, id := range ids {
		if _, found := mountByID(id); !found {
			known := make([]string, 0, len(Mounts))
			for _, m := range Mounts {
				known = append(known, m.ID)
			}
			return nil, newError(CodeInvalid, "There is no mount \""+id+"\".", "Choose of "+strings.Join(known, ", ")+".", nil)
		}
	}
	out := []string{}
	for _, m := range Mounts {
		if slices.Contains(ids, m.ID) {
			out = append(out, m.ID)
		}
	}
	return out, nil
}

// sandboxHome is the agent's home folder in every sandbox.
const sandboxHome = "/home/agent"

// binds returns what a project's sandbox gets mounted, and the ids of what that is. What is not on this computer is left out.
func binds(home string, ids []string) (list []Bind, mounted []string) {
	mounted = []string{}
	for _, id := range ids {
		m, found := mountByID(id)
		if !found || home == "" {
			continue
		}
		// The target of a symbolic link, as of a file in a repository of dotfiles: that is what is mounted, wherever it lies.
		source, err := filepath.EvalSymlinks(filepath.Join(home, filepath.FromSlash(m.Path)))
		if err != nil {
			continue
		}
		if _, err := os.Stat(source); err != nil {
			continue
		}
		list = append(list, Bind{Source: source, Target: sandboxHome + "/" + m.Path})
		mounted = append(mounted, id)
	}
	return list, mounted
}
