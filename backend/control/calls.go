package control

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"

	"background-agents/backend/session"
)

// calls are the operations that take arguments and give one value; the client calls them by the same names.
var calls = map[string]handler{
	"AddProject":         ask1(session.Operations.AddProject),
	"InitProject":        ask1(session.Operations.InitProject),
	"RemoveProject":      do1(session.Operations.RemoveProject),
	"MoveProject":        ask2(session.Operations.MoveProject),
	"SaveProject":        do1(session.Operations.SaveProject),
	"Suggestions":        ask0(session.Operations.Suggestions),
	"Repository":         ask1(session.Operations.Repository),
	"Refs":               ask2(session.Operations.Refs),
	"ProjectEnvironment": ask1(session.Operations.ProjectEnvironment),
	"SetEnvironment":     ask2(session.Operations.SetEnvironment),
	"SaveConfiguration":  ask1(session.Operations.SaveConfiguration),
	"AnswerMissing":      do3(session.Operations.AnswerMissing),

	"Create":      ask1(session.Operations.Create),
	"Retry":       do1(session.Operations.Retry),
	"Resume":      do1(session.Operations.Resume),
	"Rename":      do2(session.Operations.Rename),
	"Pin":         do2(session.Operations.Pin),
	"Seen":        do1(session.Operations.Seen),
	"SetOption":   do3(session.Operations.SetOption),
	"SetPolicy":   do2(session.Operations.SetPolicy),
	"SetNetwork":  do2(session.Operations.SetNetwork),
	"SetHost":     do2(session.Operations.SetHost),
	"ForgetHost":  do2(session.Operations.ForgetHost),
	"Connections": ask2(session.Operations.Connections),
	"Archive":     do2(session.Operations.Archive),
	"Unarchive":   do1(session.Operations.Unarchive),
	"Unsaved":     ask1(session.Operations.Unsaved),
	"Delete":      do2(session.Operations.Delete),

	"Prompt":       ask2(session.Operations.Prompt),
	"EditPrompt":   do3(session.Operations.EditPrompt),
	"MovePrompt":   do3(session.Operations.MovePrompt),
	"CancelPrompt": ask2(session.Operations.CancelPrompt),
	"Stop":         do1(session.Operations.Stop),
	"Answer":       do3(session.Operations.Answer),

	"Items":   ask3(session.Operations.Items),
	"Changed": ask3(session.Operations.Changed),

	"Diff":       ask2(session.Operations.Diff),
	"Patch":      ask4(session.Operations.Patch),
	"Checkpoint": do1(session.Operations.Checkpoint),
	"Checkout":   ask1(session.Operations.Checkout),
	"Restore":    do3(session.Operations.Restore),
	"Branches":   ask1(session.Operations.Branches),
	"TakeBranch": ask2(session.Operations.TakeBranch),
	"Edits":      ask1(session.Operations.Edits),
	"SendEdits":  do1(session.Operations.SendEdits),
	"UndoEdits":  do1(session.Operations.UndoEdits),

	"Commit":          do2(session.Operations.Commit),
	"PlanPush":        ask2(session.Operations.PlanPush),
	"Push":            ask2(session.Operations.Push),
	"PlanMerge":       ask2(session.Operations.PlanMerge),
	"Merge":           ask2(session.Operations.Merge),
	"PlanRebase":      ask2(session.Operations.PlanRebase),
	"Rebase":          do2(session.Operations.Rebase),
	"PlanPullRequest": ask2(session.Operations.PlanPullRequest),
	"OpenPullRequest": ask2(session.Operations.OpenPullRequest),
	"ReadPullRequest": ask1(session.Operations.ReadPullRequest),
	"DeclineProposal": do2(session.Operations.DeclineProposal),
	"ForgeLogins":     ask0(session.Operations.ForgeLogins),
	"SetForgeToken":   do2(session.Operations.SetForgeToken),

	"Sandbox":        ask1(session.Operations.Sandbox),
	"Secrets":        ask1(session.Operations.Secrets),
	"SetSecret":      ask4(session.Operations.SetSecret),
	"MarkSecret":     ask3(session.Operations.MarkSecret),
	"DeleteSecret":   do2(session.Operations.DeleteSecret),
	"PasteSecrets":   ask3(session.Operations.PasteSecrets),
	"Keychain":       do0(session.Operations.Keychain),
	"SaveSettings":   do1(session.Operations.SaveSettings),
	"SetBudget":      do2(session.Operations.SetBudget),
	"Today":          ask0(session.Operations.Today),
	"Agents":         ask0(session.Operations.Agents),
	"Mounts":         ask0(session.Operations.Mounts),
	"Providers":      ask0(session.Operations.Providers),
	"SaveProvider":   do1(session.Operations.SaveProvider),
	"RemoveProvider": do1(session.Operations.RemoveProvider),
	"SetProviderKey": do2(session.Operations.SetProviderKey),
	"SetKeyAddress":  do2(session.Operations.SetKeyAddress),
	"BuildImage":     do1(session.Operations.BuildImage),
	"CancelImage":    do1(session.Operations.CancelImage),
	"Doctor":         ask0(session.Operations.Doctor),
	"Demo":           ask0(session.Operations.Demo),
}

// handler does one operation with arguments as they came.
type handler func(ctx context.Context, ops session.Operations, args []json.RawMessage) (any, error)

func (h handler) serve(ops session.Operations) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var args []json.RawMessage
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxArguments)).Decode(&args); err != nil {
			writeError(w, malformed(err))
			return
		}
		result, err := h(r.Context(), ops, args)
		if err != nil {
			writeError(w, err)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(result)
	}
}

func malformed(cause error) error {
	return &session.Error{
		Code: session.CodeInvalid, Message: "The request has other arguments than the operation takes.",
		Hint: "Use a `bga` of the same version as the application.", Err: cause,
	}
}

// decode fills the targets from as many arguments.
func decode(args []json.RawMessage, targets ...any) error {
	if len(args) != len(targets) {
		return malformed(nil)
	}
	for i, t := range targets {
		d := json.NewDecoder(bytes.NewReader(args[i]))
		d.DisallowUnknownFields()
		if err := d.Decode(t); err != nil {
			return malformed(err)
		}
	}
	return nil
}

type ops = session.Operations

func ask0[R any](f func(ops, context.Context) (R, error)) handler {
	return func(ctx context.Context, o ops, args []json.RawMessage) (any, error) {
		if err := decode(args); err != nil {
			return nil, err
		}
		return f(o, ctx)
	}
}

func ask1[A, R any](f func(ops, context.Context, A) (R, error)) handler {
	return func(ctx context.Context, o ops, args []json.RawMessage) (any, error) {
		var a A
		if err := decode(args, &a); err != nil {
			return nil, err
		}
		return f(o, ctx, a)
	}
}

func ask2[A, B, R any](f func(ops, context.Context, A, B) (R, error)) handler {
	return func(ctx context.Context, o ops, args []json.RawMessage) (any, error) {
		var a A
		var b B
		if err := decode(args, &a, &b); err != nil {
			return nil, err
		}
		return f(o, ctx, a, b)
	}
}

func ask3[A, B, C, R any](f func(ops, context.Context, A, B, C) (R, error)) handler {
	return func(ctx context.Context, o ops, args []json.RawMessage) (any, error) {
		var a A
		var b B
		var c C
		if err := decode(args, &a, &b, &c); err != nil {
			return nil, err
		}
		return f(o, ctx, a, b, c)
	}
}

func ask4[A, B, C, D, R any](f func(ops, context.Context, A, B, C, D) (R, error)) handler {
	return func(ctx context.Context, o ops, args []json.RawMessage) (any, error) {
		var a A
		var b B
		var c C
		var d D
		if err := decode(args, &a, &b, &c, &d); err != nil {
			return nil, err
		}
		return f(o, ctx, a, b, c, d)
	}
}

func do0(f func(ops, context.Context) error) handler {
	return ask0(func(o ops, ctx context.Context) (any, error) { return nil, f(o, ctx) })
}

func do1[A any](f func(ops, context.Context, A) error) handler {
	return ask1(func(o ops, ctx context.Context, a A) (any, error) { return nil, f(o, ctx, a) })
}

func do2[A, B any](f func(ops, context.Context, A, B) error) handler {
	return ask2(func(o ops, ctx context.Context, a A, b B) (any, error) { return nil, f(o, ctx, a, b) })
}

func do3[A, B, C any](f func(ops, context.Context, A, B, C) error) handler {
	return ask3(func(o ops, ctx context.Context, a A, b B, c C) (any, error) { return nil, f(o, ctx, a, b, c) })
}
