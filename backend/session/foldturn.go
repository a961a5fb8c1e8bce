package session

import (
	"cmp"
	"slices"
	"strconv"
)

func promptItem(id PromptID) ItemID { return ItemID("prompt-" + string(id)) }
func turnItem(turn int) ItemID      { return ItemID("turn-" + strconv.Itoa(turn)) }

func foldTurnBegin(s *Session, b *batch, id PromptID, at Millis) {
	s.Turns++
	s.Tools = 0
	s.Status, s.Interrupted, s.Error = Working, false, nil
	s.WorkedSince = turnTime(b, at)
	s.TurnedAt = s.WorkedSince
	s.TurnFrom = cmp.Or(s.Result.Files, s.BaseCommit)
	s.Step = "Thinking"
	it := b.add(promptItem(id), KindPrompt)
	it.Prompt = &PromptInfo{ID: id, Attachments: []Attachment{}}
	for _, p := range s.Prompts {
		if p.ID == id {
			it.Prompt.Attachments = append(it.Prompt.Attachments, p.Attachments...)
			it.text, it.Size = []byte(p.Text), int64(len(p.Text)) // kept whole, as the user wrote it: MaxPromptText bounds it
		}
	}
	b.done(it)
}

// turnTime is when a turn began or ended: as the journal says, so that a turn that went on without the application
// keeps its time, but never later than now.
func turnTime(b *batch, at Millis) Millis {
	now := b.m.now()
	return min(cmp.Or(at, now), now)
}

// foldTurnEnd closes the turn. Its result is received afterwards; until then the session is still at work.
func foldTurnEnd(s *Session, b *batch, e EntryTurnEnd, at Millis) {
	if e.Only != nil {
		sayOnly(s, b, *e.Only)
		setOnly(s, *e.Only)
	}
	if it := b.find(turnItem(s.Turns)); it != nil {
		foldLateEnd(s, b, it, e)
		return
	}
	endItems(b)
	takenBack := slices.ContainsFunc(s.Prompts, func(p Prompt) bool { return p.ID == e.Prompt && p.Stopped })
	if takenBack && e.Stop == "interrupted" { // by Stop, before its begin was heard of: that is how it ended
		e.Stop = "cancelled"
	}
	s.Prompts = withoutPrompt(s.Prompts, e.Prompt)
	if e.Stop == "error" {
		e.Error = b.explained(e.Error)
	}
	if s.Refused != nil { // whatever the agent made of it
		e.Stop, e.Error, s.Refused = "error", s.Refused, nil
	}
	it := b.add(turnItem(s.Turns), KindTurn)
	it.Result = &TurnResult{Stop: e.Stop, Tokens: e.Input + e.Output, Tools: s.Tools}
	s.TurnedAt = turnTime(b, at)
	if s.WorkedSince != 0 {
		it.Result.Millis = int(s.TurnedAt - s.WorkedSince)
	}
	it.Error = e.Error
	s.WorkedSince, s.Step = 0, ""

	after := Idle
	switch e.Stop {
	case "error":
		after, s.Held, s.Error = Failed, true, e.Error
		if s.Error == nil {
			s.Error = newError(CodeAgent, "The agent's turn failed.", "Try again.", nil)
		}
	case "interrupted":
		s.Interrupted, s.Held = true, true
	case "cancelled":
		s.Held = len(s.Prompts) > 0 && (s.Held || !takenBack)
	}
	if e.Checkpoint.Commit == "" {
		b.done(it)
		settle(s, after)
		return
	}
	s.Step = "Checking the result"
	s.Pending = &Pending{Turn: s.Turns, Checkpoint: e.Checkpoint, Status: after}
}

// foldLateEnd folds the end of a turn that the host has ended already, as Stop does where it ends the container. The
// turn stays as the user saw it; what it had done comes out with its checkpoint.
func foldLateEnd(s *Session, b *batch, it *openItem, e EntryTurnEnd) {
	endItems(b)
	if s.Pending != nil || s.WorkedSince != 0 || e.Checkpoint.Commit == "" || it.Result == nil || it.Result.Commit != "" {
		return // it is no turn of that kind
	}
	s.Step = "Checking the result"
	s.Pending = &Pending{Turn: s.Turns, Checkpoint: e.Checkpoint, Status: Idle}
}

// settle ends the work of a turn: the session is what it became, and its user has something to look at.
func settle(s *Session, after Status) {
	s.Pending, s.Step, s.TurnFrom = nil, "", ""
	s.Unread = true
	s.Status = after
	if after == Idle && !s.Held && slices.ContainsFunc(s.Prompts, func(p Prompt) bool { return !p.Sent }) {
		s.Status = Working // the next prompt follows at once
	}
}

// Bounds of what is open in one session at a time: many times what agents have.
const (
	maxOpen       = 256      // items
	maxOpenWeight = 16 << 20 // bytes
)

// makeRoom ends the items of which nothing was told for the longest time, where more are open than a session may have.
// A sandbox that began items without end would fill the host's memory with them; an update that does come opens its
// item again.
func makeRoom(b *batch) {
	weight := int64(0)
	for _, it := range b.t.open {
		weight += it.weight()
	}
	if len(b.t.open) <= maxOpen && weight <= maxOpenWeight {
		return
	}
	rev := map[ItemID]uint64{} // what it will be
	for i, id := range b.order {
		rev[id] = b.s.Rev + uint64(i) + 1
	}
	all := openItems(b)
	slices.SortStableFunc(all, func(x, y *openItem) int { return cmp.Compare(max(x.Rev, rev[x.ID]), max(y.Rev, rev[y.ID])) })
	for i, left := 0, len(all); i < len(all) && (left > maxOpen || weight > maxOpenWeight); i++ {
		if isHostAsk(all[i]) {
			continue
		}
		weight -= all[i].weight()
		left--
		end(b, all[i])
	}
}

// endItems ends whatever is still open of a turn.
func endItems(b *batch) {
	for _, it := range openItems(b) {
		if !isHostAsk(it) { // not the turn's: what runs in the background asks, too
			end(b, it)
		}
	}
}

// end ends an item that was cut short.
func end(b *batch, it *openItem) {
	switch {
	case it.Tool != nil && (it.Tool.Status == ToolPending || it.Tool.Status == ToolRunning):
		tool := *it.Tool
		tool.Status = ToolFailed
		it.Tool = &tool
	case it.Permission != nil && it.Permission.Answer == "":
		request := *it.Permission
		request.Answer = "cancelled"
		it.Permission = &request
	case it.Phase != nil && it.Phase.Status == "running":
		phase := *it.Phase
		phase.Status = "failed"
		it.Phase = &phase
	}
	b.done(it)
}

// lost closes what a sandbox that is gone had begun: its journal will never say how it ended. A prompt that it had
// not begun is sent again.
func lost(s *Session, b *batch) {
	endItems(b)
	s.Conversation, s.Pending, s.Only, s.Announced = "", nil, nil, ""
	s.Bare = true
	for _, p := range s.Prompts {
		switch {
		case !p.Sent:
		case s.WorkedSince == 0:
			s.Prompts = withPrompt(s.Prompts, p.ID, func(p *Prompt) { p.Sent = false })
		default:
			foldTurnEnd(s, b, EntryTurnEnd{Prompt: p.ID, Stop: "interrupted", Error: newError(CodeSandboxGone,
				"The sandbox was removed while the agent worked; what it had not finished is lost.",
				"The files of the last finished turn are back. Send the prompt again.", nil)}, 0)
		}
	}
}

// phaseStep says what a phase does, for the session's one line. The window has the same words for its transcript.
func phaseStep(name string) string {
	if step, ok := map[string]string{
		"image": "Preparing the sandbox image", "tool": "Fetching a tool", "mirror": "Copying the project history", "container": "Creating the sandbox",
		"clone": "Checking out the files", "setup": "Running the setup hook", "start": "Running the start hook", "agent": "Starting the agent",
	}[name]; ok {
		return step
	}
	return "Starting"
}
