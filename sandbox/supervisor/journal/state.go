package journal

import (
	"errors"
	"slices"

	"background-agents/sandbox/wire"
)

// ErrBusy says that too many prompts wait already.
var ErrBusy = errors.New("too many prompts wait already")

// Bounds of a State.
const (
	maxKnown       = 10_000  // prompt ids; the oldest are forgotten
	maxAccepted    = 16      // prompts that wait
	maxPromptBytes = 8 << 20 // text of them
	maxOpen        = 256     // tools, permissions and phases that are open, each
	maxOpenOutput  = 1 << 20 // output of open tools that is remembered
)

// State is what the journal's entries come to: what a supervisor must know when it starts again. It is written at the
// head of every segment, so that older ones can be deleted.
type State struct {
	Known       []string          `json:"known,omitempty"`    // ids of all prompts ever accepted
	Accepted    []wire.Prompt     `json:"accepted,omitempty"` // not begun, in order
	Running     string            `json:"running,omitempty"`  // id of the prompt whose turn runs
	Tools       []wire.Tool       `json:"tools,omitempty"`    // open ones
	Permissions []wire.Permission `json:"permissions,omitempty"`
	Phases      []wire.Phase      `json:"phases,omitempty"` // without output
}

func (s State) clone() State {
	s.Known = slices.Clone(s.Known)
	s.Accepted = slices.Clone(s.Accepted)
	s.Tools = slices.Clone(s.Tools)
	s.Permissions = slices.Clone(s.Permissions)
	s.Phases = slices.Clone(s.Phases)
	return s
}

func (s *State) accept(p wire.Prompt) (fresh bool, err error) {
	if slices.Contains(s.Known, p.ID) {
		return false, nil
	}
	size := len(p.Text)
	for _, a := range s.Accepted {
		size += len(a.Text)
	}
	if len(s.Accepted) >= maxAccepted || size > maxPromptBytes {
		return false, ErrBusy
	}
	s.take(p)
	return true, nil
}

func (s *State) take(p wire.Prompt) {
	s.Known = append(s.Known, p.ID)
	if len(s.Known) > maxKnown {
		s.Known = slices.Delete(s.Known, 0, len(s.Known)-maxKnown)
	}
	s.Accepted = append(s.Accepted, p)
}

func (s *State) apply(e wire.Entry) {
	switch {
	case e.TurnBegin != nil:
		s.Running = e.TurnBegin.Prompt
		s.Accepted = slices.DeleteFunc(s.Accepted, func(p wire.Prompt) bool { return p.ID == s.Running })
	case e.TurnEnd != nil:
		s.Running, s.Tools, s.Permissions, s.Phases = "", nil, nil, nil
	case e.Tool != nil:
		open := e.Tool.Status == "pending" || e.Tool.Status == "running"
		s.Tools = replace(s.Tools, *e.Tool, open, func(t wire.Tool) string { return t.Item })
		s.trimOutput()
	case e.Permission != nil:
		s.Permissions = replace(s.Permissions, *e.Permission, e.Permission.Answer == "", func(p wire.Permission) string { return p.Item })
	case e.Phase != nil:
		p := *e.Phase
		p.Output = ""
		s.Phases = replace(s.Phases, p, p.Status == "running", func(p wire.Phase) string { return p.Item })
	}
}

// trimOutput forgets the output of the oldest open tools where there is too much of it.
func (s *State) trimOutput() {
	size := 0
	for i := len(s.Tools) - 1; i >= 0; i-- {
		if size += len(s.Tools[i].Output); size > maxOpenOutput {
			s.Tools[i].Output = ""
		}
	}
}

// replace puts v last in list in the place of what has its id, or only takes that away where v is not open.
func replace[T any](list []T, v T, open bool, id func(T) string) []T {
	list = slices.DeleteFunc(list, func(o T) bool { return id(o) == id(v) })
	if !open {
		return list
	}
	if len(list) >= maxOpen {
		list = slices.Delete(list, 0, 1)
	}
	return append(list, v)
}
