package session

import (
	"slices"
	"strings"
	"unicode"
)

// MissingTool is a command that a sandbox lacks, with what the user may add to the project's environment for it.
// Command, Wanted and Evidence are the sandbox's word, the rest is ours.
type MissingTool struct {
	Command  string    `json:"command"`
	Wanted   string    `json:"wanted"` // the least version, where an older one is there
	Label    string    `json:"label"`  // what would be added: Go 1.24.4, postgresql-client
	Tool     Toolchain `json:"tool"`   // without a name: Packages
	Packages []string  `json:"packages"`
	From     string    `json:"from"` // the file and line of the project that asks for it
	Evidence string    `json:"evidence"`
	Answer   string    `json:"answer"` // "" while nobody answered, added or declined
}

// Answers to a MissingTool.
const (
	MissingAdded    = "added"
	MissingDeclined = "declined"
)

// EntryMissing says that a program called a command in vain. remedy is what the application makes of it.
type EntryMissing struct {
	Item     ItemID
	Command  string
	Version  string
	Packages []string // that root was to install
	Evidence string

	remedy missingRemedy
}

// missingRemedy is what a session shows of a missing command: a card, a notice, or with neither nothing.
type missingRemedy struct {
	part   string
	card   *MissingTool
	notice string
}

// maxMissing bounds the cards of one session, whatever its sandbox says is missing.
const maxMissing = 3

// printable leaves out what a screen would obey and not show.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return -1
	}, strings.ToValidUTF8(text, ""))
}

// foldMissing shows what is missing: each part once, and maxMissing cards at most. Notices are few kinds.
func foldMissing(s *Session, b *batch, e *EntryMissing) {
	r := e.remedy
	if r.card == nil && r.notice == "" || slices.Contains(s.Missing, r.part) {
		return
	}
	isCard := func(part string) bool { return !strings.HasPrefix(part, "*") }
	cards := 0
	for _, part := range s.Missing {
		if isCard(part) {
			cards++
		}
	}
	if r.card != nil && cards >= maxMissing {
		return
	}
	s.Missing = append(slices.Clone(s.Missing), r.part)
	if r.card == nil {
		it := b.add(e.Item, KindNotice)
		b.write(it, r.notice)
		b.done(it)
		return
	}
	it := b.add(e.Item, KindMissing)
	card := *r.card
	card.Evidence = printable(oneLine(e.Evidence))
	it.Missing = &card
	b.done(it)
}
