package main

import (
	"fmt"
	"io"
	"regexp"
	"strings"

	"background-agents/backend/session"
)

// transcript prints items as people read them. Text is printed as it comes; a tool call, a plan and a phase when they
// are done.
type transcript struct {
	w       io.Writer
	live    bool // items come again as they change
	open    session.ItemID
	column  int // 0 at the beginning of a line
	printed map[session.ItemID]int
}

// show prints what is new of an item.
func (t *transcript) show(it session.Item) {
	if t.printed == nil {
		t.printed = map[session.ItemID]int{}
	}
	switch it.Kind {
	case session.KindMessage:
		t.stream(it, "", it.Text)
	case session.KindThought:
		t.stream(it, "~ ", it.Text)
	case session.KindPrompt:
		t.once(it, func() {
			t.line("")
			for l := range strings.Lines(it.Text) {
				t.line("> " + strings.TrimRight(l, "\n"))
			}
			for _, a := range it.Prompt.Attachments {
				t.line("> [" + a.Name + ", " + sized(a.Size) + "]")
			}
			t.line("")
		})
	case session.KindNotice:
		t.once(it, func() { t.line("! " + it.Text) })
	case session.KindPermission:
		t.permission(it)
	case session.KindProposal:
		t.proposal(it)
	case session.KindMissing:
		t.missing(it)
	default:
		if it.DoneAt != 0 {
			t.leave(it)
		}
	}
}

// leave prints what is printed once, as it stands: because it is done, or because no more will come.
func (t *transcript) leave(it session.Item) {
	switch it.Kind {
	case session.KindTool:
		t.once(it, func() { t.tool(it) })
	case session.KindPlan:
		t.once(it, func() {
			for _, p := range it.Plan {
				t.line(map[string]string{"completed": "[x] ", "in_progress": "[>] "}[p.Status] + orElse(p.Status, p.Text))
			}
		})
	case session.KindPhase:
		t.once(it, func() { t.phase(it) })
	case session.KindTurn:
		t.once(it, func() { t.turn(it) })
	}
}

func orElse(status, text string) string {
	if status == "completed" || status == "in_progress" {
		return text
	}
	return "[ ] " + text
}

// stream prints the part of a text that has not been printed.
func (t *transcript) stream(it session.Item, mark, text string) {
	from := min(t.printed[it.ID], len(text))
	if rest := text[from:]; rest != "" {
		if t.open != it.ID {
			t.close()
			t.open = it.ID
			t.write(indent(it) + mark)
		}
		t.write(rest)
		t.printed[it.ID] = len(text)
	}
	if it.DoneAt != 0 && t.open == it.ID {
		if it.Size > int64(len(it.Text)) {
			t.write(fmt.Sprintf("\n[%s more]", sized(it.Size-int64(len(it.Text)))))
		}
		t.close()
	}
}

func (t *transcript) once(it session.Item, f func()) {
	if t.printed[it.ID] == 0 {
		t.printed[it.ID] = 1
		f()
	}
}

func (t *transcript) permission(it session.Item) {
	p := it.Permission
	t.once(it, func() { t.line("? " + visible(p.Title) + optionList(*p)) })
	if p.Answer != "" && t.printed[it.ID] == 1 {
		t.printed[it.ID] = 2
		name := p.Answer
		for _, o := range p.Options {
			if o.ID == p.Answer {
				name = o.Name
			}
		}
		t.line("  " + name + " (" + orUser(p.By) + ")")
	}
}

// proposal prints the agent's request for a pull request, and once it is there how it was answered.
func (t *transcript) proposal(it session.Item) {
	p := it.Proposal
	t.once(it, func() { t.line("? Open a pull request: " + p.Title) })
	if p.Answer != "" && t.printed[it.ID] == 1 {
		t.printed[it.ID] = 2
		t.line(strings.TrimRight("  "+p.Answer+" "+p.URL, " "))
	}
}

func orUser(by string) string {
	if by == "" {
		return "user"
	}
	return by
}

func (t *transcript) tool(it session.Item) {
	mark := map[session.ToolStatus]string{session.ToolCompleted: "*", session.ToolFailed: "x"}[it.Tool.Status]
	if mark == "" {
		mark = "."
	}
	line := indent(it) + mark + " " + short(it.Tool.Title, 160)
	for _, e := range it.Tool.Edits {
		line += fmt.Sprintf("  %s +%d −%d", e.Path, e.Added, e.Removed)
	}
	t.line(line)
	if it.Tool.Status == session.ToolFailed {
		lines := strings.Split(strings.TrimSpace(it.Text), "\n")
		for _, l := range lines[max(0, len(lines)-5):] {
			t.line(indent(it) + "    " + l)
		}
	}
}

func (t *transcript) phase(it session.Item) {
	line := "- " + it.Phase.Name + " " + took(it.Phase.Millis)
	if it.Phase.Status != "done" {
		line += " " + it.Phase.Status
	}
	t.line(line)
	if it.Error != nil {
		t.line("  " + it.Error.Message)
	}
}

func (t *transcript) turn(it session.Item) {
	if it.Error != nil {
		t.line("! " + it.Error.Message)
	}
	if it.Result == nil {
		return
	}
	line := "= " + strings.ReplaceAll(it.Result.Stop, "_", " ") + " after " + took(it.Result.Millis)
	if d := it.Result.Diff; d.Files > 0 {
		line += ", " + files(d.Files) + " " + counts(d)
	}
	t.line(line)
}

func indent(it session.Item) string {
	if it.Parent != "" {
		return "  "
	}
	return ""
}

func (t *transcript) line(s string) {
	t.close()
	t.write(s + "\n")
}

// close ends the line of a text that was streamed.
func (t *transcript) close() {
	t.open = ""
	if t.column > 0 {
		t.write("\n")
	}
}

// write prints text of an agent: a terminal's control sequences in it do nothing.
func (t *transcript) write(s string) {
	if s == "" {
		return
	}
	_, _ = io.WriteString(t.w, printable(s)) // an output that is closed shows when the program ends
	t.column = 1
	if strings.HasSuffix(s, "\n") {
		t.column = 0
	}
}

// visible shows as escapes what printable leaves out: what a user decides upon must be all there.
func visible(s string) string {
	var b strings.Builder
	for _, r := range s {
		if printable(string(r)) == "" {
			fmt.Fprintf(&b, "\\u%04x", r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}

var controls = regexp.MustCompile("\x1b(\\[[0-?]*[ -/]*[@-~]|\\][^\x07\x1b]*(\x07|\x1b\\\\)?)")

// printable leaves out what a terminal would obey, and what makes text read in another order than it is.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 || bidi(r) {
			return -1
		}
		return r
	}, controls.ReplaceAllString(s, ""))
}

// bidi reports whether a character turns the order in which what follows is shown.
func bidi(r rune) bool {
	return r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 || r == 0x200e || r == 0x200f || r == 0x061c
}
