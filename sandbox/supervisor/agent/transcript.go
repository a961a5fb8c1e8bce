package agent

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"time"

	"background-agents/sandbox/wire"
)

// transcript turns what the agent says into entries, in order.
type transcript struct {
	conf      Config
	outputs   *outputs
	onOptions func(update *update)         // told of changed options
	onTask    func(toolItem, title string) // told of a subagent's start, once each

	mu      sync.Mutex
	session string            // the conversation; "" until it is known
	parents map[string]string // conversation of a subagent -> item of the tool call that runs it
	prefix  string            // of item ids: never used twice, whatever a journal held before
	count   int
	muted   bool // the agent repeats what was said before
	warns   bool // the agent's warnings come as messages
	free    bool // what the agent reckons as cost is none

	texts   map[string]*text // by parent; what is being said
	joining *text            // the one of them that has text to be sent
	tools   map[string]*tool // by the agent's id of the call
	order   []string         // of tools
	timer   *time.Timer      // sends the tools that are held back
	plan    string           // this turn's item
	failed  bool             // the Sink refused; said once
	heard   time.Time        // when the agent last said something
}

func newTranscript(c Config) *transcript {
	return &transcript{
		conf: c, outputs: &outputs{dir: c.Outputs}, parents: map[string]string{}, prefix: rand.Text()[:10],
		texts: map[string]*text{}, tools: map[string]*tool{},
	}
}

// update is one session/update, of any kind.
type update struct {
	Kind      string          `json:"sessionUpdate"`
	MessageID string          `json:"messageId"`
	Content   json.RawMessage `json:"content"` // one block, or a tool call's list
	Meta      meta            `json:"_meta"`
	toolUpdate

	Entries       []planEntry     `json:"entries"`
	Commands      []command       `json:"availableCommands"`
	ConfigOptions json.RawMessage `json:"configOptions"`
	CurrentModeID string          `json:"currentModeId"`

	Used float64 `json:"used"`
	Size float64 `json:"size"`
	Cost *struct {
		Amount   float64 `json:"amount"`
		Currency string  `json:"currency"`
	} `json:"cost"`
}

// meta is what adapters add: Claude's names the tool call that a subagent works for; output of a terminal that an adapter
// runs itself comes in pieces.
type meta struct {
	Claude struct {
		Parent string `json:"parentToolUseId"`
		Kind   string `json:"kind"` // informational: said by the adapter, not by the model
	} `json:"claudeCode"`
	Output struct {
		Data string `json:"data"`
	} `json:"terminal_output"`
	Delta struct {
		Data string `json:"data"`
	} `json:"terminal_output_delta"`
}

// UnmarshalJSON takes what it knows; nothing in _meta makes an update unreadable.
func (m *meta) UnmarshalJSON(b []byte) error {
	type plain meta
	_ = json.Unmarshal(b, (*plain)(m))
	return nil
}

type command struct {
	Name        string `json:"name"`
	Description string `json:"description"`
	Input       *struct {
		Hint string `json:"hint"`
	} `json:"input"`
}

// maxCommands bounds the list of slash commands.
const maxCommands = 500

// update takes one update of a conversation.
func (t *transcript) update(session string, u *update) {
	t.mu.Lock()
	parent, sub := t.parents[session]
	if t.session != "" && session != t.session && !sub {
		t.mu.Unlock()
		fmt.Fprintf(quietly{t.conf.Log}, "agent: an update of an unknown conversation %s\n", clip(session, 100))
		return
	}
	if p := t.tools[u.Meta.Claude.Parent]; p != nil {
		parent = p.value.Item
	}
	t.heard = time.Now()
	var options bool
	switch u.Kind {
	case "agent_message_chunk", "agent_thought_chunk":
		if w, is := t.warning(u); is {
			if w != "" && !t.muted {
				t.put(wire.Entry{Notice: &wire.Notice{Item: t.item(), Text: w}})
			}
		} else if !t.muted {
			t.chunk(parent, kindOfText[u.Kind], u.MessageID, textOf(u.Content))
		}
	case "tool_call", "tool_call_update":
		if !t.muted {
			t.tool(parent, u)
		}
	case "plan":
		if !t.muted && !sub {
			t.showPlan(u.Entries)
		}
	case "user_message_chunk": // what we sent
	case "usage_update":
		if !sub {
			t.usage(u)
		}
	case "available_commands_update":
		if !sub {
			t.commands(u.Commands)
		}
	case "session_info_update":
		if !sub && u.Title != nil && *u.Title != "" {
			t.put(wire.Entry{Agent: &wire.Agent{Title: clip(*u.Title, 300)}})
		}
	case "config_option_update", "current_mode_update":
		options = !sub
	default:
		fmt.Fprintf(quietly{t.conf.Log}, "agent: an update of the unknown kind %q\n", clip(u.Kind, 100))
	}
	t.mu.Unlock()
	if options && t.onOptions != nil {
		t.onOptions(u)
	}
}

func (t *transcript) usage(u *update) {
	e := &wire.Usage{ContextUsed: int64(u.Used), ContextSize: int64(u.Size)}
	if u.Cost != nil && !t.free {
		e.Cost, e.Currency = u.Cost.Amount, clip(u.Cost.Currency, 10)
	}
	t.put(wire.Entry{Usage: e})
}

// warning returns what is said to the user by the agent's adapter and not by the model, "" where it is not worth saying.
func (t *transcript) warning(u *update) (text string, is bool) {
	text = textOf(u.Content)
	if u.Meta.Claude.Kind == "informational" {
		return strings.TrimSpace(text), true
	}
	text, is = strings.CutPrefix(text, "Warning: ")
	if !t.warns || u.MessageID != "" || !is {
		return "", false
	}
	if strings.HasPrefix(text, "Model metadata for") { // of a model that Codex has not in its own list
		return "", true
	}
	return strings.TrimSpace(text), true
}

func (t *transcript) commands(list []command) {
	out := make([]wire.Command, 0, len(list))
	for _, c := range list[:min(len(list), maxCommands)] {
		w := wire.Command{Name: clip(c.Name, 200), Description: clip(c.Description, 1000)}
		if c.Input != nil {
			w.Hint = clip(c.Input.Hint, 300)
		}
		out = append(out, w)
	}
	t.put(wire.Entry{Agent: &wire.Agent{Commands: out}})
}

// put hands an entry to the Sink; the lock is held, so that entries keep their order.
func (t *transcript) put(e wire.Entry) {
	if e.Delta == nil {
		t.sendJoined()
	}
	if err := t.conf.Sink.Append(e); err != nil && !t.failed {
		t.failed = true
		fmt.Fprintf(quietly{t.conf.Log}, "agent: the journal refused an entry: %v\n", err)
	}
}

// item returns a new item id.
func (t *transcript) item() string {
	t.count++
	return fmt.Sprintf("%s-%d", t.prefix, t.count)
}

// notice tells the user something.
func (t *transcript) notice(s string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.put(wire.Entry{Notice: &wire.Notice{Item: t.item(), Text: s}})
}

func (t *transcript) agent(a wire.Agent) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.put(wire.Entry{Agent: &a})
}

// follow names the conversation whose updates are taken.
func (t *transcript) follow(session string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.session = session
}

// adopt takes the updates of a subagent's conversation as part of the tool call that runs it.
func (t *transcript) adopt(session, item string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.parents[session] = item
}

func (t *transcript) mute(on bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.muted = on
}

// flush sends text that was being joined.
func (t *transcript) flush() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sendJoined()
}

// beginTurn forgets what belonged to the turn before: its plan's item and its finished tool calls.
func (t *transcript) beginTurn() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sendJoined()
	t.plan = ""
	clear(t.texts)
	t.joining = nil
	t.forgetTools(0)
	clear(t.parents)
	t.heard = time.Now()
}

// endTurn sends what was held back. Tool calls that the agent left open are closed: well, where the turn ended well.
func (t *transcript) endTurn(well bool) {
	t.flush()
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, id := range t.order {
		x := t.tools[id]
		if x.value.Status == "pending" || x.value.Status == "running" {
			x.value.Status = map[bool]string{true: "completed", false: "failed"}[well]
			x.changed = true
		}
		if x.out.retake(t.outputs, x.value.Item) {
			x.changed = true
		}
		t.sendTool(x)
	}
}

func (t *transcript) silentFor() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	return time.Since(t.heard)
}

func (t *transcript) close() {
	t.flush()
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.timer != nil {
		t.timer.Stop()
	}
	for _, id := range t.order {
		t.sendTool(t.tools[id])
	}
}
