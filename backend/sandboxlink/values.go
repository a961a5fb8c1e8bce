package sandboxlink

import (
	"slices"
	"strings"

	"background-agents/backend/session"
	"background-agents/sandbox/wire"
)

func tool(t wire.Tool) (*session.EntryTool, error) {
	if len(t.Output) > wire.MaxText {
		return nil, errLong
	}
	out := &session.EntryTool{
		Item: session.ItemID(t.Item), Parent: session.ItemID(t.Parent), Output: t.Output, Size: max(t.Size, int64(len(t.Output))),
		Tool: session.Tool{
			Title:  cut(t.Title, maxLine),
			Kind:   oneOf(t.Kind, "read", "edit", "delete", "move", "search", "execute", "think", "fetch", "other"),
			Status: session.ToolStatus(oneOf(t.Status, "pending", "running", "completed", "failed")),
			Paths:  each(t.Paths, maxList, func(p string) string { return cut(p, maxPath) }),
			Edits: each(t.Edits, maxList, func(e wire.Edit) session.FileEdit {
				return session.FileEdit{Path: cut(e.Path, maxPath), Added: max(0, e.Added), Removed: max(0, e.Removed)}
			}),
		},
	}
	if len(t.Input) <= maxInput {
		out.Tool.Input = slices.Clone(t.Input)
	}
	return out, nil
}

func plan(p wire.Plan) *session.EntryPlan {
	return &session.EntryPlan{Item: session.ItemID(p.Item), Entries: each(p.Entries, maxList, func(e wire.PlanEntry) session.PlanEntry {
		return session.PlanEntry{
			Text: cut(e.Text, maxLine), Priority: cut(e.Priority, maxID),
			Status: oneOf(e.Status, "in_progress", "completed", "pending"),
		}
	})}
}

func permission(p wire.Permission) *session.EntryPermission {
	out := &session.EntryPermission{Item: session.ItemID(p.Item), Permission: session.Permission{
		ID: p.ID, Title: cut(p.Title, maxLine), Tool: session.ItemID(p.Tool), Detail: cut(p.Detail, maxDetail),
		Answer: cut(p.Answer, maxID),
		Options: each(p.Options, maxOptions, func(o wire.PermissionOption) session.PermissionOption {
			return session.PermissionOption{
				ID: cut(o.ID, maxID), Name: cut(o.Name, maxID),
				Kind: oneOf(o.Kind, "allow_once", "allow_always", "reject_always", "reject_once"),
			}
		}),
	}}
	if p.By != "" {
		out.Permission.By = oneOf(p.By, "user", "policy")
	}
	return out
}

func agent(a wire.Agent) *session.EntryAgent {
	return &session.EntryAgent{
		Conversation: cut(a.Conversation, maxID), Title: cut(a.Title, maxLine), Images: a.Images,
		Options: options(a.Options), Commands: commands(a.Commands),
	}
}

// room is how many bytes a list of what the agent announces may still take.
type room int

// holds reports whether one with these texts fits, and takes its place.
func (r *room) holds(texts ...string) bool {
	for _, t := range texts {
		*r -= room(len(t) + 24)
	}
	return *r >= 0
}

func options(list []wire.Choice) (out []session.Option) {
	left := room(maxAnnounced)
	for _, c := range list {
		o := session.Option{ID: cut(c.ID, maxID), Name: cut(c.Name, maxID), Category: cut(c.Category, maxID), Value: cut(c.Value, maxID), Choices: []session.OptionValue{}}
		if !left.holds(o.ID, o.Name, o.Category, o.Value) {
			break
		}
		for _, v := range c.Choices {
			choice := session.OptionValue{Value: cut(v.Value, maxID), Name: cut(v.Name, maxID), Description: cut(v.Description, maxLine)}
			if !left.holds(choice.Value, choice.Name, choice.Description) {
				break
			}
			o.Choices = append(o.Choices, choice)
		}
		out = append(out, o)
	}
	return out
}

func commands(list []wire.Command) (out []session.Command) {
	left := room(maxAnnounced)
	for _, c := range list {
		command := session.Command{Name: cut(c.Name, maxID), Description: cut(c.Description, maxLine), Hint: cut(c.Hint, maxLine)}
		if !left.holds(command.Name, command.Description, command.Hint) {
			break
		}
		out = append(out, command)
	}
	return out
}

// each translates at most n values of a list; the result is never nil.
func each[A, B any](list []A, n int, f func(A) B) []B {
	list = list[:min(len(list), n)]
	out := make([]B, len(list))
	for i, v := range list {
		out[i] = f(v)
	}
	return out
}

// codes are those that a sandbox may give; another is CodeSandbox.
var codes = []session.Code{
	session.CodeInvalid, session.CodeNotFound, session.CodeConflict, session.CodeDiskFull, session.CodeSandbox, session.CodeOutOfMemory,
	session.CodeBaseMissing, session.CodeAgent, session.CodeModel, session.CodeEmptyTurn, session.CodeHook, session.CodeTimeout,
	session.CodeCancelled, session.CodeInterrupted, session.CodeSeal,
}

// hints say what to do about an error in a sandbox. They are the application's own: what a sandbox advises is part of
// what it says.
var hints = map[session.Code]string{
	session.CodeModel: "Send the prompt again, or choose another model.",
	session.CodeAgent: "Send the prompt again.",
	session.CodeHook:  "Change the hook, then Retry.",
}

// sessionError makes a session's error of a supervisor's. What a sandbox says is quoted: whatever took the supervisor's
// place, its words are not taken for the application's.
func sessionError(e *wire.Error) *session.Error {
	out := &session.Error{Code: session.Code(e.Code)}
	if !slices.Contains(codes, out.Code) {
		out.Code = session.CodeSandbox
	}
	who := "The sandbox says"
	switch out.Code {
	case session.CodeAgent, session.CodeModel:
		who = "The agent reports"
	}
	said := session.Quoted(cut(strings.TrimSpace(e.Message+" "+e.Hint), maxLine))
	if said != "" {
		said = who + ": “" + said + "”"
	}
	switch {
	case out.Code == session.CodeModel: // agents repeat what the provider sent, often as JSON
		out.Message, out.Details = "The agent got no answer from its model.", said
	case said == "":
		out.Message = "Something went wrong in the sandbox."
	default:
		out.Message = said
	}
	if out.Hint = hints[out.Code]; out.Hint == "" {
		out.Hint = "Try again. What stands in quotes comes from the sandbox."
	}
	return out
}
