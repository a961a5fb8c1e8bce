// Package agent runs a coding agent over the Agent Client Protocol and writes all that it says to a Sink.
package agent

import (
	"context"
	"io"

	"background-agents/sandbox/wire"
)

// Sink takes what the agent says: the journal. It fills in Epoch, Seq and At, is safe for concurrent use and never blocks long.
type Sink interface{ Append(wire.Entry) error }

// Config says what to run. Outputs is a folder for texts too long for an entry; a file's name is the item's id.
type Config struct {
	Start   wire.Start
	Dir     string
	Outputs string
	Sink    Sink
	Log     io.Writer
}

// Agent is a running agent with one conversation.
type Agent struct{ done chan struct{} }

// Launch starts the agent's process in a group of its own and opens the conversation.
func Launch(ctx context.Context, c Config) (*Agent, error) { return &Agent{done: make(chan struct{})}, nil }

// Prompt gives the agent a prompt and returns when the turn has ended.
func (a *Agent) Prompt(ctx context.Context, p wire.Prompt) (stop string, input, output int64, err *wire.Error) {
	return "end_turn", 0, 0, nil
}

// Cancel ends the running turn.
func (a *Agent) Cancel(ctx context.Context) error { return nil }

// Answer answers a permission request; the first answer wins.
func (a *Agent) Answer(permission, option string) error { return nil }

// SetOption sets one of the agent's options.
func (a *Agent) SetOption(ctx context.Context, id, value string) error { return nil }

// SetPolicy says how permission requests are answered from now on: ask, allow_edits, allow_all.
func (a *Agent) SetPolicy(policy string) {}

// Done is closed when the agent's process has ended.
func (a *Agent) Done() <-chan struct{} { return a.done }

// Close ends the agent and all of its processes.
func (a *Agent) Close() error { return nil }
