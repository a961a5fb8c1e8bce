package session

import "slices"

// Agent is a program that speaks the Agent Client Protocol on its standard streams.
type Agent struct {
	ID      string   `json:"id"`   // opencode
	Name    string   `json:"name"` // OpenCode
	Command []string `json:"command"`
	Layer   string   `json:"layer"` // stage of sandbox/Dockerfile that has it
	// Args are arguments of that stage.
	Args map[string]string `json:"args,omitempty"`
	// Models says from which providers it can take its models.
	Models []ModelAccess `json:"models"`
	// Env is what it gets beside the way to its models: NAME=value.
	Env []string `json:"env,omitempty"`
	// Own says that it is one of the user's.
	Own bool `json:"own"`
}

// ModelProtocol is how a provider of models is talked to.
type ModelProtocol string

const (
	Anthropic ModelProtocol = "anthropic" // Messages
	OpenAI    ModelProtocol = "openai"    // Chat Completions and Responses
)

// ModelAccess says how an agent is told of a provider that speaks Protocol: the names of variables. They are empty for the agents that
// the application knows.
type ModelAccess struct {
	Protocol ModelProtocol `json:"protocol"`
	BaseURL  string        `json:"baseURL"` // OPENAI_BASE_URL
	Key      string        `json:"key"`     // OPENAI_API_KEY
	Model    string        `json:"model"`   // OPENAI_MODEL; may be empty
}

// Speaks reports whether the agent can use a provider of one of these protocols.
func (a Agent) Speaks(protocols []ModelProtocol) bool {
	return slices.ContainsFunc(a.Models, func(m ModelAccess) bool { return slices.Contains(protocols, m.Protocol) })
}
