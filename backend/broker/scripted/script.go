package scripted

import (
	"strconv"
	"strings"
	"time"
)

// step is one step of a script. Do names it; the rest is what that one needs.
type step struct {
	Do      string // text, think, write, edit, read, bash, todo, subagent, pr, tool, repeat, chunks, sleep, error, drop, hang, empty
	Path    string
	Text    string // words, content, command, prompt
	Old     string
	N       int // chunks, characters, or status
	Pause   time.Duration
	Until   time.Time // error, drop, hang: passed over from then on
	Entries []entry
	Call    *call // the tool call that does it, once it is known what the agent offers
}

// entry is one line of a plan. Status is pending, in_progress or completed.
type entry struct{ Text, Status string }

// Bounds, so that a prompt cannot keep the host busy for ever.
const (
	maxRepeat = 1_000_000
	maxPause  = 10 * time.Minute
)

// directive begins a line of a prompt that is a step.
const directive = "demo:"

// parse returns the steps in a prompt; none where it has no line that is one.
func parse(prompt string) []step {
	var steps []step
	for line := range strings.Lines(prompt) {
		if rest, found := strings.CutPrefix(strings.TrimSpace(line), directive); found {
			steps = append(steps, parseStep(strings.TrimSpace(rest)))
		}
	}
	return steps
}

// parseStep reads one step. What it does not understand it answers with, so that a slip shows in the transcript.
func parseStep(line string) step {
	do, rest, _ := strings.Cut(line, " ")
	rest = strings.TrimSpace(rest)
	switch do {
	case "text", "think":
		return step{Do: do, Text: unescape(rest) + "\n"}
	case "bash":
		return step{Do: do, Text: rest}
	case "pr":
		title, body, _ := strings.Cut(rest, " | ")
		return step{Do: do, Path: unescape(strings.TrimSpace(title)), Text: unescape(body)}
	case "subagent":
		return step{Do: do, Text: childPrompt(rest)}
	case "tool":
		name, args := cutPath(rest)
		return step{Do: do, Path: name, Text: args}
	case "read":
		path, _ := cutPath(rest)
		return step{Do: do, Path: path}
	case "write":
		path, text := cutPath(rest)
		return step{Do: do, Path: path, Text: unescape(text)}
	case "edit":
		path, change := cutPath(rest)
		if old, text, found := strings.Cut(change, " => "); found {
			return step{Do: do, Path: path, Old: unescape(old), Text: unescape(text)}
		}
	case "todo":
		return step{Do: do, Entries: entries(rest)}
	case "repeat":
		count, text, _ := strings.Cut(rest, " ")
		if n, err := strconv.Atoi(count); err == nil {
			return step{Do: do, N: min(max(n, 0), maxRepeat), Text: unescape(text)}
		}
	case "chunks":
		size, pause, _ := strings.Cut(rest, " ")
		if n, err := strconv.Atoi(size); err == nil && n > 0 {
			return step{Do: do, N: n, Pause: millis(pause)}
		}
	case "sleep":
		return step{Do: do, Pause: millis(rest)}
	case "error", "drop", "hang", "empty":
		if s, ok := parseFault(do, strings.Fields(rest)); ok {
			return s
		}
	}
	return step{Do: "text", Text: "I do not understand the step `" + line + "`.\n"}
}

// parseFault reads `error STATUS`, `drop`, `hang` and `empty`, each with `until MILLIS` after it or without.
func parseFault(do string, words []string) (step, bool) {
	s := step{Do: do}
	if do == "error" {
		if len(words) == 0 {
			return s, false
		}
		n, err := strconv.Atoi(words[0])
		if err != nil || n < 400 || n > 599 {
			return s, false
		}
		s.N, words = n, words[1:]
	}
	if len(words) == 0 {
		return s, true
	}
	if len(words) != 2 || words[0] != "until" {
		return s, false
	}
	n, err := strconv.ParseInt(words[1], 10, 64)
	s.Until = time.UnixMilli(n)
	return s, err == nil
}

// cutPath takes a path off the front of a line; one with spaces stands in double quotes.
func cutPath(line string) (path, rest string) {
	if quoted, found := strings.CutPrefix(line, `"`); found {
		if path, rest, found := strings.Cut(quoted, `"`); found {
			return path, strings.TrimSpace(rest)
		}
	}
	path, rest, _ = strings.Cut(line, " ")
	return path, strings.TrimSpace(rest)
}

var escapes = strings.NewReplacer(`\\`, `\`, `\n`, "\n", `\t`, "\t")

func unescape(text string) string { return escapes.Replace(text) }

func millis(text string) time.Duration {
	n, err := strconv.Atoi(strings.TrimSpace(text))
	if err != nil || n < 0 {
		return 0
	}
	return min(time.Duration(n)*time.Millisecond, maxPause)
}

// entries reads `A; x B; > C`: x is done, > in progress, and where none is marked the first is in progress.
func entries(line string) []entry {
	var list []entry
	marked := false
	for text := range strings.SplitSeq(line, ";") {
		e := entry{strings.TrimSpace(text), "pending"}
		if done, found := strings.CutPrefix(e.Text, "x "); found {
			e, marked = entry{done, "completed"}, true
		} else if now, found := strings.CutPrefix(e.Text, "> "); found {
			e, marked = entry{now, "in_progress"}, true
		}
		if e.Text != "" {
			list = append(list, e)
		}
	}
	if !marked && len(list) > 0 {
		list[0].Status = "in_progress"
	}
	return list
}

// childPrompt returns what a subagent is asked: `A | B` is the script of its own, anything else a question that it
// answers after a look at the repository.
func childPrompt(text string) string {
	if !strings.Contains(text, " | ") {
		return text + "\n\n" + directive + " bash git log --oneline -5\n" + directive + " text I looked at the last commits for: " + text
	}
	var b strings.Builder
	for part := range strings.SplitSeq(text, " | ") {
		b.WriteString(directive + " " + strings.TrimSpace(part) + "\n")
	}
	return b.String()
}

// turn returns the steps of one answer: those after the tool calls that have results, as far as the next call or the
// end of the answer. The pace is what steps before them have set.
func turn(steps []step, results int) (pace step, now []step) {
	for len(steps) > 0 && results > 0 {
		switch s := steps[0]; {
		case s.Call != nil:
			results--
		case s.Do == "chunks":
			pace = s
		}
		steps = steps[1:]
	}
	for i, s := range steps {
		if s.Call != nil || s.Do == "error" || s.Do == "drop" || s.Do == "hang" || s.Do == "empty" {
			return pace, steps[:i+1]
		}
	}
	return pace, steps
}
