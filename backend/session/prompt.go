package session

// PromptID names a prompt; who makes it may choose it, so that sending twice is harmless.
type PromptID string

// Prompt is what the user asks, from the moment it is accepted until its turn has ended.
type Prompt struct {
	ID          PromptID     `json:"id"`
	Text        string       `json:"text"`
	Attachments []Attachment `json:"attachments"`
	At          Millis       `json:"at"`
	// Sent is set before the prompt goes to the supervisor; from then on it can be stopped, not edited.
	Sent bool `json:"sent"`
	// Stopped says that it was taken back by Stop: its sandbox may have begun with it all the same.
	Stopped bool `json:"stopped,omitempty"`
	// Note is what the agent is told after the text: what its sandbox has.
	Note string `json:"note,omitempty"`
}

// Attachment is a file or an image that goes with a prompt. Its bytes lie in the application's own folder
// (Name there is its SHA-256), never in the worktree.
type Attachment struct {
	Name string `json:"name"` // as the user knows it
	Mime string `json:"mime"`
	Size int64  `json:"size"`
	Hash string `json:"hash"`
}

// Bounds of a prompt, so that one paste cannot fill memory or disk.
const (
	MaxPromptText      = 1 << 20
	MaxAttachments     = 20
	MaxAttachmentBytes = 20 << 20
	MaxQueue           = 100
)
