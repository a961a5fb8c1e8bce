package wire

// ToolArchives begins the stream that fills a tool's volume: one line of JSON, then the archives' bytes, one after
// another. Digest names the whole; the volume has it in ToolSeal once all of it is unpacked.
type ToolArchives struct {
	Digest string        `json:"digest"`
	Parts  []ToolArchive `json:"parts"`
}

// ToolArchive is one archive, and how it becomes part of the folder. A later one replaces files of an earlier one.
type ToolArchive struct {
	Size   int64  `json:"size"`
	Format string `json:"format"` // tar.gz, tar.xz, zip, file
	// Strip is how many leading elements of each path are dropped, -1 for those that all entries share.
	Strip       int               `json:"strip"`
	Into        string            `json:"into,omitempty"`        // a folder below the tool's own
	Name        string            `json:"name,omitempty"`        // of a single file
	Executables []string          `json:"executables,omitempty"` // patterns of paths below the tool's folder
	Links       map[string]string `json:"links,omitempty"`       // from a path to another, both below the tool's folder
}

// ToolSeal is the file of a whole tool, at the top of its folder.
const ToolSeal = ".sealed"
