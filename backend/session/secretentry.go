package session

import (
	"cmp"
	"regexp"
	"strings"
	"unicode/utf8"
)

// Bounds of secrets. A start is given no more than maxDelivered: what a program may get as its environment is bounded
// by the kernel, to 2 MB of arguments and environment together and 128 KB a variable.
const (
	MaxSecretValue = 64 << 10
	MaxSecretName  = 64
	MaxSecrets     = 100 // of one scope
	maxDelivered   = 1 << 20
)

// Delivery says how a secret gets into a sandbox.
type Delivery string

const (
	// DeliverEnv puts it into the environment of the agent and of the project's hooks.
	DeliverEnv Delivery = "env"
	// DeliverFile puts it into a file in memory that only the agent's user can read; NAME_FILE in the environment says
	// where.
	DeliverFile Delivery = "file"
)

// SecretScope says whose a secret is: with neither field every session's, with Project that of a project's sessions,
// with Session that of one.
type SecretScope struct {
	Project ProjectID `json:"project"`
	Session ID        `json:"session"`
}

// SecretEntry says that there is a secret, and never what it is: its value lies in the keychain of the operating
// system.
type SecretEntry struct {
	Project   ProjectID `json:"project,omitempty"`
	Session   ID        `json:"session,omitempty"`
	Name      string    `json:"name"`
	Delivery  Delivery  `json:"delivery"`
	UpdatedAt Millis    `json:"updatedAt"`
	// Shown says that transcripts and logs show the value, and that commits which hold it may be pushed: it looks like
	// an ordinary value, or the user said that it is not a secret.
	Shown bool `json:"shown"`
	// Marked is what the user said of it. It stays when the value is replaced.
	Marked Mark `json:"marked,omitempty"`
}

// Mark is what the user says of a secret whose value looks otherwise.
type Mark string

const (
	MarkPlain  Mark = "plain"  // not a secret
	MarkHidden Mark = "hidden" // a secret
)

// judge says whether the value is shown.
func (e SecretEntry) judge(value Secret) bool {
	switch e.Marked {
	case MarkPlain:
		return true
	case MarkHidden:
		return tooShort(value.Reveal())
	}
	return isOrdinary(e.Name, value.Reveal())
}

// tooShort reports whether a value cannot be hidden: it would be found everywhere.
func tooShort(value string) bool { return len(strings.TrimSpace(value)) < minHidden }

// Scope returns whose the secret is.
func (e SecretEntry) Scope() SecretScope { return SecretScope{e.Project, e.Session} }

// vaultName returns the name of the secret's item in the keychain.
func (e SecretEntry) vaultName() string {
	switch {
	case e.Session != "":
		return "secret/session/" + string(e.Session) + "/" + e.Name
	case e.Project != "":
		return "secret/project/" + string(e.Project) + "/" + e.Name
	}
	return "secret/global/" + e.Name
}

// width orders scopes: the most specific is the least.
func (e SecretEntry) width() int {
	switch {
	case e.Session != "":
		return 0
	case e.Project != "":
		return 1
	}
	return 2
}

// bySecret orders by name, and entries of one name by scope, the most specific first.
func bySecret(a, b SecretEntry) int {
	return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.width(), b.width()))
}

var secretName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// checkSecretName says why a secret cannot have this name. The error does not repeat an invalid name, which may be a
// value that was typed into the wrong field.
func checkSecretName(name string) error {
	if !secretName.MatchString(name) || len(name) > MaxSecretName {
		return newError(CodeInvalid, "That is not a name for a secret.",
			"Use up to 64 letters, digits and _, and no digit first, such as API_TOKEN.", nil)
	}
	if e := reservedError(name); e != nil {
		return e
	}
	return nil
}

func checkSecretValue(d Delivery, value Secret) error {
	text := value.Reveal()
	switch {
	case d != DeliverEnv && d != DeliverFile:
		return newError(CodeInvalid, "There is no delivery \""+string(d)+"\".", "Choose env or file.", nil)
	case text == "":
		return newError(CodeInvalid, "The secret has no value.", "Enter its value.", nil)
	case len(text) > MaxSecretValue:
		return newError(CodeInvalid, "The secret is longer than 64 KB.",
			"Keep larger data elsewhere, and the key to it here.", nil)
	case !utf8.ValidString(text):
		return newError(CodeInvalid, "The secret is not text.", "Encode it first, with base64 for one.", nil)
	case d == DeliverEnv && strings.ContainsRune(text, 0):
		return newError(CodeInvalid, "The secret holds a zero byte, which no environment can.",
			"Deliver it as a file.", nil)
	}
	return nil
}
