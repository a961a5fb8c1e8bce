package docker

import (
	"crypto/sha256"
	"encoding/hex"
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
	labelMirror   = "background-agents.mirror"  // a mirror volume's own random name
	labelContent  = "background-agents.content" // hash of what an image was made from
	labelAgent    = "background-agents.layer"   // the agent that an image has
)

// instanceOf names the installation that keeps its data in dir.
func instanceOf(dir string) string {
	sum := sha256.Sum256([]byte(dir))
	return hex.EncodeToString(sum[:4])
}

func (e *Engine) labels(more ...string) map[string]string {
	l := map[string]string{labelApp: "1", labelInstance: e.instance}
	for i := 0; i < len(more); i += 2 {
		l[more[i]] = more[i+1]
	}
	return l
}

func (e *Engine) containerName(id session.ID) string { return "bga-" + e.instance + "-" + string(id) }

func (e *Engine) workspaceName(id session.ID) string { return e.containerName(id) + "-workspace" }

func (e *Engine) homeName(id session.ID) string { return e.containerName(id) + "-home" }

func (e *Engine) mirrorName(p session.ProjectID) string {
	return "bga-" + e.instance + "-mirror-" + string(p)
}

// validID keeps what was not made by the application out of names: ids are lower-case letters and digits.
func validID[T ~string](id T) error {
	if id == "" || len(id) > 40 || strings.Trim(string(id), "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
		return &session.Error{Code: session.CodeInvalid, Message: "\"" + string(id) + "\" is no id.", Hint: "Ids are lower-case letters and digits."}
	}
	return nil
}
