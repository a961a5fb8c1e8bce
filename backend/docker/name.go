package docker

import (
	"slices"
	"strings"

	"background-agents/backend/session"
)

// Labels of everything that is made here.
const (
	labelApp      = "background-agents"
	labelInstance = "background-agents.instance"
	labelSession  = "background-agents.session"
	labelProject  = "background-agents.project"
	labelSpec     = "background-agents.spec"    // hash of what a container was made from
	labelMirror   = "background-agents.mirror"  // the random name of a volume that was filled
	labelTool     = "background-agents.tool"    // digest of the tool that a volume has
	labelContent  = "background-agents.content" // hash of what an image was made from
	labelAgent    = "background-agents.layer"   // the agent and packages that an image has
)

func (e *Engine) labels(more ...string) map[string]string {
	l := map[string]string{labelApp: "1", labelInstance: e.instance}
	for i := 0; i < len(more); i += 2 {
		l[more[i]] = more[i+1]
	}
	return l
}

// mine reports whether something with these labels belongs to this installation.
func (e *Engine) mine(labels map[string]string) bool {
	f := e.cfg.Former
	if labels[labelInstance] == e.instance {
		return true
	}
	if f.Instance == "" || labels[labelInstance] != f.Instance {
		return false
	}
	if id := labels[labelSession]; id != "" {
		return slices.Contains(f.Sessions, session.ID(id))
	}
	return slices.Contains(f.Projects, session.ProjectID(labels[labelProject]))
}

// containerName is the former one where an earlier version made the session: volumes cannot be renamed.
func (e *Engine) containerName(id session.ID) string {
	if slices.Contains(e.cfg.Former.Sessions, id) {
		return "bga-" + e.cfg.Former.Instance + "-" + string(id)
	}
	return "bga-" + e.instance + "-" + string(id)
}

func (e *Engine) workspaceName(id session.ID) string { return e.containerName(id) + "-workspace" }

func (e *Engine) homeName(id session.ID) string { return e.containerName(id) + "-home" }

func (e *Engine) mirrorName(p session.ProjectID) string {
	if slices.Contains(e.cfg.Former.Projects, p) {
		return "bga-" + e.cfg.Former.Instance + "-mirror-" + string(p)
	}
	return "bga-" + e.instance + "-mirror-" + string(p)
}

// validID keeps what was not made by the application out of names: ids are lower-case letters and digits.
func validID[T ~string](id T) error {
	if id == "" || len(id) > 40 || strings.Trim(string(id), "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
		return &session.Error{Code: session.CodeInvalid, Message: "\"" + string(id) + "\" is no id.", Hint: "Ids are lower-case letters and digits."}
	}
	return nil
}
