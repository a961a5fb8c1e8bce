package agent

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/coder/acp-go-sdk"
)

// envelope is a message from the agent, decoded far enough to see whose it is.
type envelope struct {
	ID     json.RawMessage `json:"id"`
	Method string          `json:"method"`
	Params struct {
		SessionID string `json:"sessionId"`
		Update    update `json:"update"`
	} `json:"params"`
}

// receive reads what the agent writes until it ends: updates go to the transcript, in order and at the Sink's pace; all
// else goes to the connection, after the updates that came before it.
func (a *Agent) receive(rest *io.PipeWriter) {
	defer close(a.read)
	defer rest.Close()
	defer a.said.flush()
	lines := newLineReader(a.proc.stdout)
	for {
		line, err := lines.next()
		switch {
		case errors.Is(err, errTooLong):
			a.tooLong(line, rest)
			continue
		case err != nil:
			return
		case len(line) == 0:
			continue
		}
		var m envelope
		err = json.Unmarshal(line, &m)
		if m.Method == acp.ClientMethodSessionUpdate && len(m.ID) == 0 {
			if err != nil { // a field of another type than we know; the others are there
				a.logf("an update was not understood: %v: %s", err, clip(string(line), 1000))
			}
			a.said.update(m.Params.SessionID, &m.Params.Update)
			if !lines.more() {
				a.said.flush()
			}
			continue
		}
		if !json.Valid(line) {
			a.logf("not a message: %s", clip(string(line), 1000))
			continue
		}
		a.said.flush()
		if _, err := rest.Write(append(line, '\n')); err != nil {
			a.logf("the connection is closed: %v", err)
		}
	}
}

// tooLong deals with a message that could not be kept: a caller that waits for it must not wait for ever.
func (a *Agent) tooLong(start []byte, rest io.Writer) {
	start = start[:min(len(start), 4<<10)]
	a.logf("a message was too long: %s", clip(string(start), 1000))
	a.said.notice(fmt.Sprintf("The agent sent a message of more than %d MB, which was left out.", maxLine>>20))
	id := field(start, "id")
	if id == nil || field(start, "method") != nil {
		return // an update, or a request, which the agent's own time limit ends
	}
	fmt.Fprintf(rest, `{"jsonrpc":"2.0","id":%s,"error":{"code":-32603,"message":"the agent's answer was too long"}}`+"\n", id)
}

// field finds a field of a JSON object of which only the beginning is known.
func field(start []byte, name string) json.RawMessage {
	d := json.NewDecoder(bytes.NewReader(start))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil
	}
	for {
		key, err := d.Token()
		if err != nil {
			return nil
		}
		var v json.RawMessage
		if d.Decode(&v) != nil {
			return nil
		}
		if key == name {
			return v
		}
	}
}

// handle answers the agent's requests: those for a permission. The others were not announced; OpenCode sends
// fs/write_text_file all the same, with what it is about to write itself, and does not mind the refusal.
func (a *Agent) handle(ctx context.Context, method string, params json.RawMessage) (any, *acp.RequestError) {
	if method != acp.ClientMethodSessionRequestPermission {
		return nil, acp.NewMethodNotFound(method)
	}
	var q permissionRequest
	if err := json.Unmarshal(params, &q); err != nil {
		return nil, acp.NewInvalidParams(map[string]any{"error": err.Error()})
	}
	if option := a.asks.ask(q); option != "" {
		return acp.RequestPermissionResponse{Outcome: acp.NewRequestPermissionOutcomeSelected(acp.PermissionOptionId(option))}, nil
	}
	return acp.RequestPermissionResponse{Outcome: acp.NewRequestPermissionOutcomeCancelled()}, nil
}

func (a *Agent) logf(format string, args ...any) {
	fmt.Fprintf(quietly{a.conf.Log}, "agent: "+format+"\n", args...)
}
