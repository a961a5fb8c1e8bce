// Package session is the domain: what a session is, what may happen to it, and when.
//
// A session is one agent at work on one branch of one project. The Manager decides; it knows no Docker, SQLite,
// git command or window. What it needs it names as interfaces (ports.go, git.go), which the folders beside this
// one fulfil, each with one technology.
//
// Everything that changes goes through Manager.record: the change is stored, then the watchers are told. So a
// watcher never sees what could be lost, and a crash never loses what was seen.
package session
