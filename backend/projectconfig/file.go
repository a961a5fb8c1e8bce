package projectconfig

import (
	"background-agents/backend/session"
)

// The bounds on a file.
const (
	MaxFile     = 64 << 10 // bytes
	MaxProblems = 20
	maxNesting  = 10
	maxVersions = 4 // of one tool
)

// File is what a configuration file says. With Problems it says nothing else.
type File struct {
	Tools    []Tool
	Packages []Package
	session.Configuration
	Lines    map[string]int // of its keys, by name
	Problems []session.ConfigProblem
}

// Tool is a wanted tool. Version is as the file has it: 1.24.4, 24, lts.
type Tool struct {
	Name, Version string
	Line          int
}

// Package is a wanted Debian package.
type Package struct {
	Name string
	Line int
}
