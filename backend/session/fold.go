package session

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// fold applies entries of a supervisor's journal to a session and its items, and returns how many: all of them, unless
// they bring back more than one batch should hold. Entries at or before the cursor are passed over; a gap is an error.
// A new epoch means that the sandbox was lost and recreated.
func fold(s *Session, b *batch, entries []Entry) (int, error) {
	defer makeRoom(b)
	for i, e := range entries {
		if b.read > maxOpenWeight {
			return i, nil
		}
		switch {
		case e.Epoch != s.Cursor.Epoch:
			if e.Seq != 1 {
				return i, fmt.Errorf("journal %s begins at entry %d", e.Epoch, e.Seq)
			}
			if s.Cursor.Epoch != "" {
				lost(s, b)
			}
		case e.Seq <= s.Cursor.Seq:
			continue
		case e.Seq != s.Cursor.Seq+1:
			return i, fmt.Errorf("journal %s goes from entry %d to %d", e.Epoch, s.Cursor.Seq, e.Seq)
		}
		s.Cursor = Cursor{e.Epoch, e.Seq}
		if passedOver(s, e) {
			continue
		}
		if why := impossible(s, b, e); why != "" {
			refuse(s, b, why)
			continue
		}
		foldEntry(s, b, e)
	}
	return len(entries), nil
}

func foldEntry(s *Session, b *batch, e Entry) {
	e = b.secrets.entry(e)
	switch {
	case e.Delta != nil:
		foldDelta(s, b, e.Delta)
	case e.Tool != nil:
		foldTool(s, b, e.Tool)
	case e.Plan != nil:
		it := b.find(e.Plan.Item)
		if it == nil {
			it = b.add(e.Plan.Item, KindPlan)
		}
		it.Plan = e.Plan.Entries
		b.change(it)
	case e.Permission != nil:
		foldPermission(b, e.Permission)
	case e.Proposal != nil:
		foldProposal(s, b, e.Proposal)
	case e.Missing != nil:
		foldMissing(s, b, e.Missing)
	case e.Phase != nil:
		foldPhase(s, b, e.Phase)
	case e.Notice != nil:
		it := b.add(e.Notice.Item, KindNotice)
		b.write(it, "The sandbox says: "+oneLine(e.Notice.Text))
		b.done(it)
	case e.Agent != nil:
		foldAgent(s, e.Agent)
	case e.Usage != nil:
		s.Usage.ContextUsed, s.Usage.ContextSize = e.Usage.ContextUsed, e.Usage.ContextSize // the rest the broker counts
	case e.TurnBegin != nil:
		foldTurnBegin(s, b, e.TurnBegin.Prompt, e.At)
	case e.TurnEnd != nil:
		foldTurnEnd(s, b, *e.TurnEnd, e.At)
	}
}

// foldDelta appends to a message or thought. One that outgrows an item goes on in another, so that nothing is lost.
func foldDelta(s *Session, b *batch, d *EntryDelta) {
	n := max(1, b.t.parts[d.Item])
	it := b.find(part(d.Item, n))
	for it != nil && len(it.text)+len(d.Text) > MaxItemText {
		n++
		next := b.find(part(d.Item, n))
		if next == nil {
			next = b.add(part(d.Item, n), d.Kind)
			next.Parent = it.Parent
			b.moveTail(it, next)
		}
		b.done(it)
		it = next
		if len(b.t.parts) > maxOpen {
			clear(b.t.parts) // they are found again from the first part on
		}
		b.t.parts[d.Item] = n
	}
	if it == nil {
		endText(b, d.Parent)
		it = b.add(d.Item, d.Kind)
		it.Parent = b.ancestor(d.Parent)
		if d.Parent == "" {
			s.Step = map[Kind]string{KindMessage: "Writing", KindThought: "Thinking"}[d.Kind]
		}
	}
	if it.DoneAt != 0 {
		it.DoneAt = 0
		b.change(it)
	}
	b.write(it, d.Text)
}

// part is the id of a text's nth item.
func part(id ItemID, n int) ItemID {
	if n == 1 {
		return id
	}
	return id + ItemID("~"+strconv.Itoa(n))
}

// endText ends the open messages and thoughts of one thread of work: the agent went on to something else.
func endText(b *batch, parent ItemID) {
	for _, it := range b.t.open {
		if it.Parent == parent && (it.Kind == KindMessage || it.Kind == KindThought) {
			b.done(it)
		}
	}
}

func foldTool(s *Session, b *batch, t *EntryTool) {
	it := b.find(t.Item)
	if it == nil {
		endText(b, t.Parent)
		parent := b.ancestor(t.Parent)
		it = b.add(t.Item, KindTool)
		it.Parent = parent
		s.Tools++
	}
	b.change(it)
	tool := t.Tool
	it.Tool = &tool
	ended := tool.Status == ToolCompleted || tool.Status == ToolFailed
	it.text, it.Size = b.secrets.output(t.Output, t.Size, ended)
	it.DoneAt = 0
	if ended {
		b.done(it)
	}
	if t.Parent == "" && tool.Title != "" {
		s.Step = firstLine(tool.Title, 120)
	}
}

func foldPermission(b *batch, p *EntryPermission) {
	if strings.HasPrefix(p.Permission.ID, hostAsk) {
		return // the application alone asks about hosts
	}
	it := b.find(p.Item)
	if it == nil {
		it = b.add(p.Item, KindPermission)
	}
	b.change(it)
	request := p.Permission
	it.Permission = &request
	if request.Answer != "" {
		b.done(it)
	}
}

func foldPhase(s *Session, b *batch, p *EntryPhase) {
	it := b.find(p.Item)
	if it == nil {
		it = b.add(p.Item, KindPhase)
	}
	b.change(it)
	b.write(it, p.Output)
	phase := p.Phase
	it.Phase = &phase
	if phase.Status == "running" {
		s.Step = phaseStep(phase.Name)
		return
	}
	b.done(it)
	if _, known := s.Timings[phase.Name]; known || len(s.Timings) < maxTimings {
		setTiming(s, phase.Name, phase.Millis)
	}
}

// maxTimings bounds the phases whose times are kept; a start has seven.
const maxTimings = 32

func setTiming(s *Session, name string, millis int) {
	timings := map[string]int{name: millis}
	for k, v := range s.Timings {
		if k != name {
			timings[k] = v
		}
	}
	s.Timings = timings
}

func foldAgent(s *Session, a *EntryAgent) {
	if a.Conversation != "" {
		s.Conversation = a.Conversation
	}
	if len(a.Commands) > 0 {
		s.Commands = a.Commands
	}
	if a.Title != "" && !s.Named {
		s.Title = firstLine(a.Title, 80)
	}
	s.Images = s.Images || a.Images
	if len(a.Options) == 0 {
		return
	}
	s.Options = a.Options
	for _, o := range a.Options {
		switch o.Category {
		case "model":
			s.Model = o.Value
		case "thought_level":
			s.Effort = o.Value
		case "mode":
			s.Mode = o.Value
		}
	}
}

func openItems(b *batch) []*openItem {
	all := make([]*openItem, 0, len(b.t.open))
	for _, it := range b.t.open {
		all = append(all, it)
	}
	slices.SortFunc(all, func(x, y *openItem) int { return int(x.Seq) - int(y.Seq) })
	return all
}

// oneLine returns text without line ends: what a sandbox says does not look like a line of the application's.
func oneLine(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("\r\n\v\f\u0085\u2028\u2029", r) }), " ")
}

// firstLine returns the first line of text with anything in it, at most n bytes.
func firstLine(text string, n int) string {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			if len(line) > n {
				line = validPrefix(line, n-3) + "…"
			}
			return line
		}
	}
	return ""
}
