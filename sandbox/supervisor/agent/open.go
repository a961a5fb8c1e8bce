package agent

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/coder/acp-go-sdk"

	"background-agents/sandbox/wire"
)

// openLimit bounds each step of opening a conversation: a cold start on a loaded machine takes seconds, not minutes.
const openLimit = 2 * time.Minute

// Prepared is an agent whose process is starting; it has no conversation yet.
type Prepared struct {
	agent *Agent
	ready chan error // what initialize came to, once
}

// capabilities are what an agent says it can do.
type capabilities struct {
	ProtocolVersion   int `json:"protocolVersion"`
	AgentCapabilities struct {
		LoadSession        bool `json:"loadSession"`
		PromptCapabilities struct {
			Image           bool `json:"image"`
			EmbeddedContext bool `json:"embeddedContext"`
		} `json:"promptCapabilities"`
		SessionCapabilities struct {
			Resume       *struct{} `json:"resume"`
			SystemPrompt *struct{} `json:"systemPrompt"` // more of it can be given
		} `json:"sessionCapabilities"`
	} `json:"agentCapabilities"`
}

// opened is the answer to session/new, session/resume and session/load.
type opened struct {
	SessionID     string          `json:"sessionId"`
	ConfigOptions json.RawMessage `json:"configOptions"`
	Models        *models         `json:"models"`
	Modes         *modes          `json:"modes"`
}

// Prepare starts the agent's process, which needs no file of the workspace until Open: so that the start of the
// process, the larger part of an agent's start, can go beside the clone's checkout. Of c.Start only Command, Env,
// Policy, MCP and Instructions are read. The folder c.Dir must exist.
func Prepare(c Config) (*Prepared, error) {
	code := detectOpenCode(&c)
	told := code != nil && instructOpenCode(&c)
	way, err := mannerOf(&c)
	if err != nil {
		return nil, err
	}
	proc, err := startProcess(c)
	if err != nil {
		way.close()
		return nil, err
	}
	a := &Agent{conf: c, proc: proc, code: code, way: way, told: told, read: make(chan struct{}), done: make(chan struct{})}
	a.said = newTranscript(c)
	a.said.onOptions = a.optionsChanged
	a.said.warns, a.said.free = way.warns, way.provider == demoProvider
	if code != nil {
		a.said.onTask = func(item, title string) { code.adopt(a, item, title) }
	}
	a.asks = newPermissions(a.said, c.Start.Policy, proc.ended)
	if way.gate != nil {
		go way.gate.serve(func(q hookQuestion) []byte { return hookAnswer(a.asks.ask(q.request())) })
	}
	r, w := io.Pipe()
	a.conn = acp.NewConnection(a.handle, proc.stdin, r)
	a.conn.SetLogger(slog.New(slog.NewTextHandler(quietly{c.Log}, &slog.HandlerOptions{Level: slog.LevelWarn})))
	go a.receive(w)
	go func() {
		<-a.read
		<-proc.ended
		close(a.done)
	}()
	p := &Prepared{agent: a, ready: make(chan error, 1)}
	go func() { p.ready <- a.initialize() }()
	return p, nil
}

// Close ends a prepared agent that is not wanted any more.
func (p *Prepared) Close() { p.agent.Close() }

// Open opens the conversation and sets the options that s names. On an error the process is gone.
func (p *Prepared) Open(ctx context.Context, s wire.Start) (*Agent, error) {
	a := p.agent
	ended := make(chan struct{})
	defer close(ended)
	go func() {
		select {
		case <-ctx.Done():
			a.Close()
		case <-ended:
		}
	}()
	err := <-p.ready
	if err == nil {
		err = a.open(s)
	}
	if err == nil && ctx.Err() == nil {
		return a, nil
	}
	a.Close()
	if ctx.Err() != nil {
		return nil, fmt.Errorf("start the agent: %w", ctx.Err())
	}
	return nil, err
}

// request sends a request and waits for its answer, at most openLimit.
func request[T any](a *Agent, method string, params any) (T, error) {
	ctx, cancel := context.WithTimeout(context.Background(), openLimit)
	defer cancel()
	return acp.SendRequest[T](a.conn, ctx, method, params)
}

func (a *Agent) initialize() error {
	var err error
	a.agentCan, err = request[capabilities](a, acp.AgentMethodInitialize, acp.InitializeRequest{
		ProtocolVersion: acp.ProtocolVersionNumber,
		ClientInfo:      &acp.Implementation{Name: "background-agents", Version: "1"},
		// Neither file system nor terminals are announced: the agent is where the files are.
		ClientCapabilities: acp.ClientCapabilities{Meta: a.way.client},
	})
	if err != nil {
		return a.failure("start", err)
	}
	if v := a.agentCan.ProtocolVersion; v != acp.ProtocolVersionNumber {
		return &wire.Error{Code: "agent_failed", Message: fmt.Sprintf("The agent speaks version %d of the Agent Client Protocol; this application speaks version %d.", v, acp.ProtocolVersionNumber),
			Hint: "Choose another version of the agent in the project's image."}
	}
	return nil
}

func (a *Agent) open(s wire.Start) error {
	a.asks.setPolicy(s.Policy)
	if a.way.names {
		s.MCP, _ = inVariables(s.MCP)
	}
	mcp := mcpServers(s.MCP)
	with := conversation{Meta: a.way.opening, Cwd: a.conf.Dir, McpServers: mcp, SystemPrompt: a.instruct(s.Instructions)}
	answer, err := a.continueConversation(s.Conversation, with)
	if err == nil && answer == nil {
		var o opened
		o, err = request[opened](a, acp.AgentMethodSessionNew, with)
		answer = &o
	}
	if err != nil {
		return a.failure("open a conversation", err)
	}
	if answer.SessionID == "" {
		return &wire.Error{Code: "agent_failed", Message: "The agent opened a conversation without an id.", Hint: "Choose another version of the agent in the project's image."}
	}
	a.session = answer.SessionID
	a.said.follow(answer.SessionID)
	a.optMu.Lock()
	a.options = a.way.take(answer.options())
	a.optMu.Unlock()
	a.choose(s)
	a.settleMode()
	a.opened.Store(true)
	a.said.agent(wire.Agent{Conversation: a.session, Options: a.choices(), Images: a.agentCan.AgentCapabilities.PromptCapabilities.Image})
	return nil
}

// continueConversation takes up an earlier conversation, or returns nil if there is none that the agent can take up.
func (a *Agent) continueConversation(id string, with conversation) (*opened, error) {
	if id == "" {
		return nil, nil
	}
	can := a.agentCan.AgentCapabilities
	var answer opened
	var err error
	with.SessionID = id
	switch {
	case can.SessionCapabilities.Resume != nil:
		answer, err = request[opened](a, acp.AgentMethodSessionResume, with)
		if err != nil && with.SystemPrompt != nil && !a.gone() { // a conversation may keep the instructions that it has
			with.SystemPrompt = nil
			answer, err = request[opened](a, acp.AgentMethodSessionResume, with)
		}
	case can.LoadSession:
		a.said.mute(true) // it says all that was said before once more
		answer, err = request[opened](a, acp.AgentMethodSessionLoad, with)
		a.said.mute(false)
	default:
		a.said.notice("This agent cannot take up an earlier conversation: it begins a new one and knows only what is in the files.")
		return nil, nil
	}
	if err != nil {
		if a.gone() {
			return nil, err
		}
		a.said.notice("The agent does not find its earlier conversation (" + messageOf(err) + "): it begins a new one and knows only what is in the files.")
		return nil, nil
	}
	answer.SessionID = id // these answers have none
	return &answer, nil
}

// gone reports whether the agent's process has ended or its connection is closed.
func (a *Agent) gone() bool {
	select {
	case <-a.proc.ended:
		return true
	case <-a.conn.Done():
		return true
	default:
		return false
	}
}
