// Package agent runs a coding agent over the Agent Client Protocol (agentclientprotocol.com, version 1) and writes all
// that it says to a Sink, as entries of the journal.
//
// What it guarantees:
//   - Nothing the agent says is dropped silently: text, thoughts, tool calls with their output, plans, permissions, usage, options.
//   - Memory is bounded whatever the agent sends: a message over 8 MB is shortened string by string while it is read, a tool's
//     output is kept in its first and last part, whole texts go to files (256 MB each, 1 GB in all).
//   - The agent's pace is the Sink's: the next message is read when the one before it is in the Sink.
//   - Each turn ends: by the agent's answer, by its death, or by Cancel, which kills it when it does not answer.
//   - A failed agent is an error with a sentence and a hint, never a hang: what the agent does not understand is a Notice.
//
// The protocol's connection is github.com/coder/acp-go-sdk's. Its queue of 1,024 notifications ends the connection when it
// overflows, and its longest line is 10 MB, so session/update, which is nearly all of the traffic, does not go through it:
// a reader of our own takes those in order and passes on the rest.
package agent

import (
	"context"
	"io"
	"sync"
	"sync/atomic"

	"github.com/coder/acp-go-sdk"

	"background-agents/sandbox/wire"
)

// Sink takes what the agent says: the journal. It fills in Epoch, Seq and At, is safe for concurrent use and never
// blocks long.
type Sink interface{ Append(wire.Entry) error }

// Config says what to run.
type Config struct {
	Start   wire.Start
	Dir     string    // the workspace; one agent at a time runs in it
	Outputs string    // folder for texts too long for an entry; a file's name is the item's id
	Sink    Sink      //
	Log     io.Writer // what the agent writes to stderr, and what was not understood of it

	// Instructions is the path of a file, outside of the workspace, for Start.Instructions where the agent reads them from
	// one. Untold is called before a conversation is opened with an agent that has no way to be told them.
	Instructions string
	Untold       func()
}

// Agent is a running agent with one conversation. Its methods are safe for concurrent use.
type Agent struct {
	conf Config
	proc *process
	conn *acp.Connection
	said *transcript
	asks *permissions
	code *openCode // nil for other agents
	way  *manner
	told bool // it finds its instructions by its configuration

	agentCan capabilities
	session  string
	opened   atomic.Bool // the conversation is open and its options were told

	optMu   sync.Mutex
	options options

	turnMu sync.Mutex
	turn   *turn

	read      chan struct{} // closed when all that the agent wrote has been read
	done      chan struct{} // closed after that, when its process has ended too
	closeOnce sync.Once
}

// Launch starts the agent's process in a group of its own, opens the conversation (resumes it, where Start names one) and
// sets its options. It emits an Agent entry with all of them. When ctx ends before that, the process is killed.
func Launch(ctx context.Context, c Config) (*Agent, error) {
	p, err := Prepare(c)
	if err != nil {
		return nil, err
	}
	return p.Open(ctx, c.Start)
}

// Conversation is the id by which the agent finds this conversation again.
func (a *Agent) Conversation() string { return a.session }

// Done is closed when the agent's process has ended and all that it wrote is in the Sink.
func (a *Agent) Done() <-chan struct{} { return a.done }

// Close ends the agent: by closing its input, and with all that it started by force where it is not gone within 300 ms.
func (a *Agent) Close() error {
	a.closeOnce.Do(func() {
		a.proc.stop()
		<-a.done
		a.way.close()
		a.said.close()
	})
	return nil
}

// SetPolicy says how permission requests are answered from now on: ask, allow_edits or allow_all. Open ones that it allows
// are answered.
func (a *Agent) SetPolicy(policy string) {
	a.asks.setPolicy(policy)
	go a.settleMode()
}

// Answer answers a permission request. The first answer wins: one that is unknown or was answered is a *wire.Error of
// code conflict, an option that it does not offer one of code invalid.
func (a *Agent) Answer(permission, option string) error { return a.asks.answer(permission, option) }
