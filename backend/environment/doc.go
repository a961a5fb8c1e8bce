// Package environment finds out what a project needs to be built and tested: its tools with their versions, Debian
// packages, and the commands that install and test each of its parts.
//
// Everything is read from the project's own files, which nobody has checked. They are parsed and never executed, and
// how much is read and kept of them is bounded (tree.go, demand.go). A version in a proposal is always one of the
// caller's table, a command is always one of ours: a file chooses among them, and its text goes no further than Reasons
// and Unknown.
//
// Detection has three steps. The readers (readers.go) collect demands: each says which line of which file asks for a
// tool, and how exactly. The parts (parts.go) are the folders that are built and tested, with their commands; they ask
// for the tools that no reader has named a version of. Then the demands are resolved (resolve.go): a pin is met by that
// version alone, a minimum by the newest stable version that fits.
package environment
