package wire

// Missing says that a program called a command which the sandbox does not have, or has in a version that is too old:
// then Version is the least that was asked for.
type Missing struct {
	Item     string   `json:"item"`
	Command  string   `json:"command"` // its name, without a folder
	Version  string   `json:"version,omitempty"`
	Packages []string `json:"packages,omitempty"` // of Debian, that apt or sudo was to install
	Evidence string   `json:"evidence"`           // the line that says so; "" where the shell itself did
}

// Bounds of Missing, and of how many a supervisor reports in its life.
const (
	MaxEvidence        = 300 // bytes
	MaxMissingPackages = 20
	MaxMissing         = 6
)
