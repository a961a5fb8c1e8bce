package sessiontest

import (
	"context"
	"fmt"
	"hash/fnv"
	"strconv"
	"time"

	"background-agents/backend/session"
)

// Turn is one prompt's work, as a test scripts it. Its methods end the turn's goroutine where the turn was stopped.
type Turn struct {
	Prompt session.PromptCommand

	s       *Supervisor
	ctx     context.Context
	cancel  context.CancelFunc
	dead    bool // the container died: nothing is written any more
	hard    bool // it does not end when it is asked to
	answers chan string
	asked   string
	misses  int
	fail    *session.Error
}

func newTurn(s *Supervisor, p session.PromptCommand) *Turn {
	t := &Turn{Prompt: p, s: s, answers: make(chan string, 1)}
	t.ctx, t.cancel = context.WithCancel(context.Background())
	return t
}

type stopped struct{}

func (t *Turn) run() {
	stop := "end_turn"
	func() {
		defer func() {
			if e := recover(); e != nil {
				if _, ok := e.(stopped); !ok {
					panic(e)
				}
				stop = "cancelled"
			}
		}()
		t.s.e.Agent(t)
	}()
	t.s.mu.Lock()
	dead := t.dead
	if !dead {
		t.s.turn = nil
	}
	t.s.mu.Unlock()
	if dead {
		return
	}
	if t.fail != nil {
		stop = "error"
	}
	t.s.append(session.Entry{TurnEnd: &session.EntryTurnEnd{Prompt: t.Prompt.ID, Stop: stop, Error: t.fail, Checkpoint: t.s.checkpoint(), Only: t.s.only()}})
}

// Leave makes the sandbox alone have this, from now on.
func (t *Turn) Leave(list ...session.Only) {
	t.s.mu.Lock()
	defer t.s.mu.Unlock()
	t.s.Only = &session.OnlyList{List: list}
}

// stop and kill are called with the supervisor's mu held.
func (t *Turn) stop() {
	if !t.hard {
		t.cancel()
	}
}
func (t *Turn) kill() { t.dead = true; t.cancel() }

func (t *Turn) check() {
	if t.ctx.Err() != nil {
		panic(stopped{})
	}
}

// Say streams text as part of the message of this name.
func (t *Turn) Say(message, text string) {
	t.check()
	t.s.append(session.Entry{Delta: &session.EntryDelta{Item: t.item(message), Kind: session.KindMessage, Text: text}})
}

func (t *Turn) item(name string) session.ItemID {
	h := fnv.New64a() // a supervisor's ids say nothing of what is in the item
	_, _ = h.Write([]byte(name))
	return session.ItemID(fmt.Sprintf("%s-%s-%x", t.s.epoch, t.Prompt.ID, h.Sum64()))
}

// Item returns the id of the item of a name, for Entry.
func (t *Turn) Item(name string) session.ItemID { return t.item(name) }

// Entry says whatever a test likes, as what took the supervisor's place would.
func (t *Turn) Entry(e session.Entry) {
	t.check()
	t.s.append(e)
}

// Tool reports a tool call.
func (t *Turn) Tool(name string, status session.ToolStatus, output string) {
	t.check()
	t.s.append(session.Entry{Tool: &session.EntryTool{Item: t.item(name), Tool: session.Tool{Title: name, Kind: "execute", Status: status}, Output: output, Size: int64(len(output))}})
}

// Miss says that a command is missing, or with a version that it is older; packages are those that it was to install.
func (t *Turn) Miss(command, version string, packages ...string) {
	t.check()
	t.misses++
	t.s.append(session.Entry{Missing: &session.EntryMissing{
		Item: t.item("missing-" + strconv.Itoa(t.misses)), Command: command,
		Version: version, Packages: packages, Evidence: "bash: \u202eline 1: " + command + ": command not found",
	}})
}

// Output reports a finished tool call of which this is a part of size bytes.
func (t *Turn) Output(name, part string, size int64) {
	t.check()
	t.s.append(session.Entry{Tool: &session.EntryTool{Item: t.item(name), Tool: session.Tool{Title: name, Kind: "execute", Status: session.ToolCompleted}, Output: part, Size: size}})
}

// Ask requests a permission and waits for its answer.
func (t *Turn) Ask(title string) string {
	t.check()
	p := session.Permission{ID: title, Title: title, Options: []session.PermissionOption{{ID: "yes", Name: "Yes", Kind: "allow_once"}, {ID: "no", Name: "No", Kind: "reject_once"}}}
	t.s.mu.Lock()
	t.asked = title
	t.s.mu.Unlock()
	t.s.append(session.Entry{Permission: &session.EntryPermission{Item: t.item("ask-" + title), Permission: p}})
	select {
	case p.Answer = <-t.answers:
		p.By = "user"
		t.s.append(session.Entry{Permission: &session.EntryPermission{Item: t.item("ask-" + title), Permission: p}})
		return p.Answer
	case <-t.ctx.Done():
		panic(stopped{})
	}
}

// Draft leaves files that are not committed, from now on.
func (t *Turn) Draft() {
	t.s.mu.Lock()
	defer t.s.mu.Unlock()
	t.s.draft = true
}

// Stubborn makes the turn go on when it is asked to end: only the end of its container ends it.
func (t *Turn) Stubborn() {
	t.s.mu.Lock()
	defer t.s.mu.Unlock()
	t.hard = true
}

// Propose asks for a pull request and waits for the answer, at most for a time; "" then.
func (t *Turn) Propose(title, body string, limit time.Duration) string {
	t.check()
	t.s.mu.Lock()
	t.asked = title
	t.s.mu.Unlock()
	t.s.append(session.Entry{Proposal: &session.EntryProposal{Item: t.item("pr"), Proposal: session.Proposal{ID: title, Title: title, Body: body, Draft: true}}})
	select {
	case answer := <-t.answers:
		return answer
	case <-time.After(limit):
		t.s.mu.Lock()
		defer t.s.mu.Unlock()
		t.asked = ""
		return ""
	case <-t.ctx.Done():
		panic(stopped{})
	}
}

func (t *Turn) answer(permission, option string) bool {
	t.s.mu.Lock()
	defer t.s.mu.Unlock()
	if t.asked != permission {
		return false
	}
	t.asked = ""
	t.answers <- option
	return true
}

// Wait lets time pass.
func (t *Turn) Wait(d time.Duration) {
	select {
	case <-time.After(d):
	case <-t.ctx.Done():
		panic(stopped{})
	}
}

// Fail makes the turn end with an error.
func (t *Turn) Fail(message string) {
	t.fail = &session.Error{Code: session.CodeModel, Message: message, Hint: "Try again."}
}

// Count streams n numbered chunks, a millisecond apart: what a test counts to see that each arrived once.
func (t *Turn) Count(n int) {
	for i := range n {
		t.Say("count", strconv.Itoa(i)+" ")
		t.Wait(time.Millisecond)
	}
}
