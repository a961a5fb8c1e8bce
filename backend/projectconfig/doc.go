// Package projectconfig reads and writes .background-agents/config.yaml, by which a repository says what its sandboxes
// need and run.
//
// The file comes from a repository that nobody has checked. It is parsed and never executed, its size and the number of
// its entries are bounded, and what is in it is used only after the user approved it. A file with any error is not used
// at all: half a configuration is not what its author wrote.
//
// The schema (schema.go) is the one description of the file: the parser follows it, and docs/config.schema.json and
// docs/config.md are generated from it.
package projectconfig

//go:generate go run generate.go
