package sandboxlink

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"background-agents/backend/session"
	"background-agents/sandbox/wire"
)

// Bounds of what is in an entry. A text that is longer is cut, a list that is longer too; only what could not be
// meant (an id that is none, a text that a frame cannot hold by the protocol) is an error.
const (
	maxID      = 256
	maxLine    = 4 << 10
	maxDetail  = 64 << 10
	maxPath    = 4 << 10
	maxInput   = wire.MaxText
	maxList    = 1000
	maxOptions = 32 // of a permission
	// maxAnnounced bounds the options of an agent, and its commands, in bytes: they are in each value of the session.
	maxAnnounced = 256 << 10
)

var (
	errItem       = errors.New("an item has no valid id")
	errID         = errors.New("a prompt or a question has no valid id")
	errKinds      = errors.New("an entry does not say exactly one thing")
	errKind       = errors.New("a text is neither a message nor a thought")
	errLong       = errors.New("a text is too long")
	errCheckpoint = errors.New("a checkpoint names no commits")
	objectID      = regexp.MustCompile(`^([0-9a-f]{40}|[0-9a-f]{64})$`)
	properVersion = regexp.MustCompile(`^\d{1,4}(\.\d{1,4}){0,2}$`)
	// No item of the host's own begins with an epoch.
	properEpoch = regexp.MustCompile(`^[0-9a-f]{16}$`)
)

// translate makes a session's entry of a supervisor's, which may be anything.
func translate(e wire.Entry) (session.Entry, error) {
	item := func(id string) error { return item(e.Epoch, id) }
	optional := func(id string) error { return optional(e.Epoch, id) }
	out := session.Entry{Epoch: e.Epoch, Seq: e.Seq, At: plausible(e.At)}
	set, err := 0, error(nil)
	note := func(e error) { set, err = set+1, errors.Join(err, e) }
	if e.Delta != nil {
		var bad error
		out.Delta, bad = delta(*e.Delta)
		note(errors.Join(bad, item(e.Delta.Item), optional(e.Delta.Parent)))
	}
	if e.Tool != nil {
		var bad error
		out.Tool, bad = tool(*e.Tool)
		note(errors.Join(bad, item(e.Tool.Item), optional(e.Tool.Parent)))
	}
	if e.Plan != nil {
		out.Plan = plan(*e.Plan)
		note(item(e.Plan.Item))
	}
	if e.Permission != nil {
		out.Permission = permission(*e.Permission)
		note(errors.Join(item(e.Permission.Item), optional(e.Permission.Tool), named(e.Permission.ID)))
	}
	if e.Proposal != nil {
		out.Proposal = &session.EntryProposal{Item: session.ItemID(e.Proposal.Item), Proposal: session.Proposal{
			ID: e.Proposal.ID, Title: cut(e.Proposal.Title, maxLine), Body: cut(e.Proposal.Body, maxDetail), Base: cut(e.Proposal.Base, maxID), Draft: e.Proposal.Draft,
		}}
		note(errors.Join(item(e.Proposal.Item), named(e.Proposal.ID)))
	}
	if e.Missing != nil {
		out.Missing = &session.EntryMissing{
			Item: session.ItemID(e.Missing.Item), Command: cut(e.Missing.Command, maxID), Version: least(e.Missing.Version),
			Packages: each(e.Missing.Packages, wire.MaxMissingPackages, func(name string) string { return cut(name, maxID) }),
			Evidence: cut(e.Missing.Evidence, wire.MaxEvidence),
		}
		note(item(e.Missing.Item))
	}
	if e.Phase != nil {
		out.Phase = &session.EntryPhase{Item: session.ItemID(e.Phase.Item), Output: cut(e.Phase.Output, wire.MaxText), Phase: session.Phase{
			Name: cut(e.Phase.Name, maxID), Status: oneOf(e.Phase.Status, "running", "done", "failed", "skipped"), Millis: max(0, e.Phase.Millis),
		}}
		note(item(e.Phase.Item))
	}
	if e.Notice != nil {
		out.Notice = &session.EntryNotice{Item: session.ItemID(e.Notice.Item), Text: cut(e.Notice.Text, maxDetail)}
		note(item(e.Notice.Item))
	}
	if e.Agent != nil {
		out.Agent = agent(*e.Agent)
		note(nil)
	}
	if e.Usage != nil {
		out.Usage = &session.Usage{
			ContextUsed: max(0, e.Usage.ContextUsed), ContextSize: max(0, e.Usage.ContextSize),
			Cost: max(0, e.Usage.Cost), Currency: cut(e.Usage.Currency, 8),
		}
		note(nil)
	}
	if e.TurnBegin != nil {
		out.TurnBegin = &session.EntryTurnBegin{Prompt: session.PromptID(e.TurnBegin.Prompt)}
		note(named(e.TurnBegin.Prompt))
	}
	if e.TurnEnd != nil {
		var bad error
		out.TurnEnd, bad = turnEnd(*e.TurnEnd)
		note(errors.Join(bad, named(e.TurnEnd.Prompt)))
	}
	if set != 1 {
		err = errKinds
	}
	return out, err
}

func delta(d wire.Delta) (*session.EntryDelta, error) {
	if d.Kind != string(session.KindMessage) && d.Kind != string(session.KindThought) {
		return nil, errKind
	}
	if len(d.Text) > wire.MaxText {
		return nil, errLong
	}
	return &session.EntryDelta{Item: session.ItemID(d.Item), Kind: session.Kind(d.Kind), Parent: session.ItemID(d.Parent), Text: d.Text}, nil
}

func turnEnd(t wire.TurnEnd) (*session.EntryTurnEnd, error) {
	out := &session.EntryTurnEnd{
		Prompt: session.PromptID(t.Prompt),
		Stop:   oneOf(t.Stop, "end_turn", "cancelled", "max_tokens", "refusal", "error", "interrupted"),
		Input:  max(0, t.Input), Output: max(0, t.Output),
	}
	if t.Error != nil {
		out.Error = sessionError(t.Error)
	}
	out.Only = only(t.Only)
	if t.Checkpoint == (wire.Checkpoint{}) {
		return out, nil
	}
	c, err := checkpoint(t.Checkpoint)
	out.Checkpoint = c
	return out, err
}

// only translates what a sandbox alone has; what names no commit properly can only be told.
func only(l *wire.OnlyList) *session.OnlyList {
	if l == nil {
		return nil
	}
	list := each(l.List, wire.MaxOnly, func(o wire.Only) session.Only {
		out := session.Only{
			Kind: oneOf(o.Kind, wire.OnlyBranch, wire.OnlyTag, wire.OnlyStash, wire.OnlyWorktree, wire.OnlyFile, wire.OnlyFolder, wire.OnlyRepository, wire.OnlyRef),
			Name: cut(o.Name, wire.MaxOnlyText), Detail: cut(o.Detail, wire.MaxOnlyText), Count: max(0, o.Count),
		}
		if objectID.MatchString(o.Commit) {
			out.Commit = o.Commit
		}
		return out
	})
	return &session.OnlyList{List: list, More: max(0, l.More) + len(l.List) - len(list)}
}

// least returns a version that is numbers alone, "" for anything else.
func least(version string) string {
	if !properVersion.MatchString(version) {
		return ""
	}
	return version
}

// checkpoint checks that a checkpoint names two objects and nothing that git would take for more.
func checkpoint(c wire.Checkpoint) (session.Checkpoint, error) {
	if !objectID.MatchString(c.Commit) || !objectID.MatchString(c.Files) {
		return session.Checkpoint{}, errCheckpoint
	}
	return session.Checkpoint(c), nil
}

// item checks an item's id: it begins with the journal's epoch.
func item(epoch, id string) error {
	if !strings.HasPrefix(id, epoch) || len(id) > maxID || strings.ContainsFunc(id, func(r rune) bool { return r <= ' ' || r == utf8.RuneError }) {
		return errItem
	}
	return nil
}

// optional checks an item's id that may be missing.
func optional(epoch, id string) error {
	if id == "" {
		return nil
	}
	return item(epoch, id)
}

func named(id string) error {
	if id == "" || len(id) > maxID {
		return errID
	}
	return nil
}

// why returns a reason in words that are our own, whatever the entry holds.
func why(err error) string {
	for _, known := range []error{errKinds, errItem, errID, errKind, errLong, errCheckpoint} {
		if errors.Is(err, known) {
			return known.Error()
		}
	}
	return "an entry is not valid"
}

// plausible returns a time that a session can have: the sandbox's clock is the host's, more or less.
func plausible(at int64) session.Millis {
	now := time.Now()
	if at < 0 || at > now.Add(24*time.Hour).UnixMilli() {
		return session.Millis(now.UnixMilli())
	}
	return session.Millis(at)
}

// oneOf returns s where it is one of the values, else the last of them.
func oneOf(s string, values ...string) string {
	if slices.Contains(values, s) {
		return s
	}
	return values[len(values)-1]
}

// cut returns at most n bytes of s without cutting a character.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return strings.Clone(s[:n])
}
