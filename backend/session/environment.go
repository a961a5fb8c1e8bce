package session

// Environment is what a project's sandboxes have beside the base image. Its user accepted or wrote it: nothing of it is
// made without a yes.
type Environment struct {
	Tools    []Toolchain `json:"tools"`    // in order of name and version
	Packages []string    `json:"packages"` // of Debian, in order
	Configuration
}

// Toolchain is a tool in one version, such as go 1.25.4. Each is a read-only volume below /opt/tools that all projects
// share.
type Toolchain struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// Folder is where sandboxes have the tool, read-only.
func (t Toolchain) Folder() string { return "/opt/tools/" + t.Name + "/" + t.Version }

func (t Toolchain) String() string { return t.Name + " " + t.Version }

// ToolArchives are the verified archives of a tool. Digest names all of them, with how they are unpacked.
type ToolArchives struct {
	Digest string
	Parts  []ToolArchive
}

// ToolArchive is one archive, in a file of this computer, and how it becomes part of the tool's folder.
type ToolArchive struct {
	File        string
	Size        int64
	Format      string // tar.gz, tar.xz, zip, file
	Strip       int    // leading folders that are dropped, -1 for those that all entries share
	Into        string // a folder below the tool's own
	Name        string // of a single file
	Executables []string
	Links       map[string]string
}

// EnvironmentProposal is what a project's files say it needs. Hash names all of what a yes is for.
type EnvironmentProposal struct {
	Environment
	Hash    string          `json:"hash"`
	Commit  string          `json:"commit"`  // of the base branch, whose files were read
	Reasons []NeedReason    `json:"reasons"` // in order of the files
	Parts   []ProjectPart   `json:"parts"`   // what is built and tested, the project's top first
	Unknown []UnknownDemand `json:"unknown"` // what no tool of ours gives: the user decides
	Config  *ConfigFile     `json:"config"`  // nil where the project has none
}

// NeedReason says which line of which file asks for a tool or package.
type NeedReason struct {
	Tool   string `json:"tool"`   // a tool's name, or a Debian package
	Wanted string `json:"wanted"` // as the file says it: 1.24.4, >=20, ^3.11, ""
	Rule   Demand `json:"rule"`
	Path   string `json:"path"`
	Line   int    `json:"line"` // 0 where the file as a whole says it
}

// Demand says how exactly a file asks for a version.
type Demand string

// The ways to ask for a version.
const (
	DemandPin     Demand = "pin"     // this one
	DemandMinimum Demand = "minimum" // the newest stable that fits
	DemandAny     Demand = "any"     // the newest stable
)

// ProjectPart is a folder that is built and tested by itself.
type ProjectPart struct {
	Dir     string `json:"dir"`     // "" is the top
	Kind    string `json:"kind"`    // the tool that builds it: go, npm, cargo, ...
	Install string `json:"install"` // "" where nothing is to be installed
	Test    string `json:"test"`
}

// UnknownDemand is what a file asks for and no tool of ours gives, with the reason.
type UnknownDemand struct {
	NeedReason
	Why string `json:"why"`
}

// FileTree is a commit's files, as git's objects have them. Nothing is checked out.
type FileTree interface {
	// Paths are all files, in order, without submodules and links.
	Paths() []string
	// Read returns a file, at most MaxTreeFile bytes of it.
	Read(path string) ([]byte, error)
}

// MaxTreeFile bounds what is read of one file of a FileTree.
const MaxTreeFile = 256 << 10
