package journal

import (
	"unicode/utf8"

	"background-agents/sandbox/wire"
)

// join makes one entry of neighbours that say one thing: text of one message, output of one phase, and the values of one
// running tool call, of which the last is enough. It only happens while entries come faster than the disk takes them.
func join(batch []*record) []*record {
	out := batch[:0]
	for _, r := range batch {
		if n := len(out); n == 0 || !joined(out[n-1], r) {
			out = append(out, r)
		}
	}
	clear(batch[len(out):])
	return out
}

// joined takes r into last where it can.
func joined(last, r *record) bool {
	if last.entry == nil || r.entry == nil || last.done != nil || r.done != nil {
		return false
	}
	a, b := last.entry, r.entry
	switch {
	case a.Delta != nil && b.Delta != nil:
		if a.Delta.Item != b.Delta.Item || a.Delta.Kind != b.Delta.Kind || a.Delta.Parent != b.Delta.Parent ||
			len(a.Delta.Text)+len(b.Delta.Text) > maxJoined {
			return false
		}
		d := *a.Delta
		d.Text += b.Delta.Text
		a.Delta = &d
	case a.Phase != nil && b.Phase != nil:
		if a.Phase.Item != b.Phase.Item || a.Phase.Status != "running" || len(a.Phase.Output)+len(b.Phase.Output) > maxJoined {
			return false
		}
		p := *b.Phase
		p.Output = a.Phase.Output + p.Output
		a.Phase = &p
	case a.Tool != nil && b.Tool != nil:
		if a.Tool.Item != b.Tool.Item || a.Tool.Status != "running" {
			return false
		}
		a.Tool = b.Tool
	default:
		return false
	}
	return true
}

// afford returns the entry to write for e: past MaxUnacked nothing in the place of text and output, once a notice in
// their place. The caller holds mu.
func (j *Journal) afford(e *wire.Entry) *wire.Entry {
	spare := e.Delta != nil || e.Phase != nil && e.Phase.Status == "running" || e.Tool != nil && e.Tool.Status == "running"
	if !spare {
		return e
	}
	var size int64
	for _, s := range j.segments {
		size += s.size
	}
	if size < MaxUnacked {
		j.full = false
		return e
	}
	if j.full {
		return nil
	}
	j.full = true
	return &wire.Entry{At: e.At, Notice: &wire.Notice{
		Item: "full-" + newEpoch(),
		Text: "The agent wrote more while the application was away than the sandbox keeps; text from here on was left out.",
	}}
}

// cut returns at most n bytes of s without cutting a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// split returns s in parts of at most n bytes, none of them cutting a character where s is UTF-8.
func split(s string, n int) []string {
	var parts []string
	for len(s) > n {
		part := cut(s, n)
		if part == "" {
			part = s[:n]
		}
		parts = append(parts, part)
		s = s[len(part):]
	}
	return append(parts, s)
}
