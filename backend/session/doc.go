// Package session is the domain: what a session is, what may happen to it, and when.
//
// A session is one agent at work on one branch of one project. The Manager decides; it knows no Docker, SQLite,
// git command or window. What it needs it names as interfaces (ports.go, git.go, pullrequest.go), which the folders beside this
// one fulfil, each with one technology.
//
// Everything that changes goes through Manager.record: the change is stored, then the watchers are told. So a
// watcher never sees what could be lost, and a crash never loses what was seen.
//
// A session whose sandbox asks something needs its user, whatever it does: its watchers see NeedsYou, and beside it what it does. The
// domain itself, and the Store, know only that and how many questions are open (question.go). A question about a host ends when
// it is answered, when who asked gives up, and when the session or the application ends; one of the agent's outlives the application.
//
// Secrets of the user's: their values are in the Vault, and while a session that gets them is known to this life of the
// application, in memory; the Store knows names alone. No operation returns a value. What comes from a sandbox is redacted before
// it is stored or told, as it is and in the encodings that programs print (forms.go), also where it comes in pieces. It stays as it
// is where it is the user's own words (prompts), files and commits, hosts that a sandbox asks for, and what was stored before the
// secret was set; and what lies in the sandbox, the agent's memory among it, is not touched.
package session
