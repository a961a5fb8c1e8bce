package sessiontest

import (
	"encoding/json"
	"testing"

	"background-agents/backend/session"
)

// fullSession returns a session in which every field holds something.
func fullSession(id session.ID) session.Session {
	return session.Session{
		ID: id, Project: "p1", Title: "Añadir \"x\"", Agent: "opencode", Model: "demo/scripted", Effort: "high",
		Mode:   "plan",
		Policy: session.Ask, Network: session.Offline, BaseRef: "main", BaseCommit: "abc", Branch: "agents/x",
		Worktree: "/w t/x",
		Status:   session.NeedsYou, Doing: session.Idle, Questions: 1, Unread: true, Queued: true, Interrupted: true,
		Pinned: true, Held: true, Named: true, Step: "step",
		Error: &session.Error{Code: session.CodeModel, Message: "m", Hint: "h"}, Sandbox: session.SandboxRunning,
		Conversation: "ses_1",
		Options: []session.Option{{ID: "model", Name: "Model", Category: "model", Value: "v",
			Choices: []session.OptionValue{{Value: "v", Name: "V"}}}},
		Commands: []session.Command{{Name: "init", Description: "d", Hint: "h"}}, Images: true, Turns: 3,
		Prompts: []session.Prompt{{ID: "q", Text: "do", At: 5, Sent: true, Stopped: true,
			Attachments: []session.Attachment{{Name: "a.png", Mime: "image/png", Size: 3, Hash: "00"}}}},
		Usage: session.Usage{ContextUsed: 1, ContextSize: 2, Input: 3, Output: 4, Cost: 0.25, Currency: "USD",
			Requests: 5, Estimated: 6},
		Diff:   session.DiffStat{Files: 1, Added: 2, Removed: 3},
		Result: session.Verified{Turn: 2, Commit: "c", Files: "f", Risky: []string{".envrc"}},
		Edits:  1, Stored: 7, Budget: &session.Budget{USD: 2},
		Refused: &session.Error{Code: session.CodeBudget, Message: "m"},
		Pending: &session.Pending{Turn: 3, Checkpoint: session.Checkpoint{Commit: "c", Files: "f"},
			Status: session.Idle},
		Pushed: &session.Pushed{Remote: "origin", URL: "u", Branch: "b", Commit: "c", At: 4},
		Merged: &session.Merged{Branch: "main", Commit: "c", Tip: "t", At: 5},
		PullRequest: &session.PullRequest{URL: "u", Number: 7, State: "open", Draft: true, Title: "t", Base: "main",
			Checks: "passed", At: 6},
		Outgoing: "Pushing", Onto: "o", Ahead: "c", Rebased: 1, Deleted: true, Halt: true, Bare: true,
		Items: 4, Rev: 1 << 40, Cursor: session.Cursor{Epoch: "epoch", Seq: 1<<53 + 1},
		Timings: map[string]int{"clone": 7},
		Tails: map[session.ItemID]session.Tail{"m1": {Secret: "secret/global/A", At: 1, Form: 2, Length: 3,
			Covered: 4}},
		Secrets: []session.SecretEntry{{Session: id, Name: "A", Delivery: session.DeliverFile, UpdatedAt: 5,
			Shown: true}}, Outdated: true,
		Has:         session.Environment{Tools: []session.Toolchain{{Name: "go", Version: "1"}}, Packages: []string{"p"}},
		Environment: "e", Limits: session.Limits{MemoryMB: 1, CPUs: 2.5, TmpMB: 3}, OldEnvironment: true,
		CreatedAt: 1, UpdatedAt: 2, WorkedSince: 3, TurnedAt: 4, TurnFrom: "f",
	}
}

// fullItems returns an item of each kind.
func fullItems(id session.ID) []session.Item {
	kinds := []session.Item{
		{Kind: session.KindPrompt, Prompt: &session.PromptInfo{ID: "q",
			Attachments: []session.Attachment{{Name: "a"}}}},
		{Kind: session.KindMessage, Parent: "t1"},
		{Kind: session.KindThought, Error: &session.Error{Code: session.CodeModel, Message: "m", Hint: "h"}},
		{Kind: session.KindTool, Tool: &session.Tool{
			Title: "t", Kind: "edit", Status: session.ToolFailed, Paths: []string{"a b"},
			Input: json.RawMessage(`{"a":[1,"<&>"]}`),
			Edits: []session.FileEdit{{Path: "a", Added: 1, Removed: 2}},
		}},
		{Kind: session.KindPlan, Plan: []session.PlanEntry{{Text: "one", Status: "pending", Priority: "high"}}},
		{Kind: session.KindPermission, Permission: &session.Permission{ID: "p",
			Options: []session.PermissionOption{{ID: "once", Kind: "allow_once"}}, By: "user"}},
		{Kind: session.KindProposal, Proposal: &session.Proposal{ID: "p", Title: "t", Body: "b", Base: "main",
			Draft: true, Answer: "opened", URL: "u"}},
		{Kind: session.KindMissing, Missing: &session.MissingTool{Command: "go", Wanted: "1.26", Label: "Go 1.26.4",
			Tool: session.Toolchain{Name: "go", Version: "1.26.4"}, Packages: []string{"p"}, From: "go.mod:3", Evidence: "e",
			Answer: "added"}},
		{Kind: session.KindNotice},
		{Kind: session.KindPhase, Phase: &session.Phase{Name: "clone", Status: "done", Millis: 4}},
		{Kind: session.KindTurn, Result: &session.TurnResult{Stop: "end_turn", Millis: 5, Commit: "c",
			Diff: session.DiffStat{Files: 1}, Tokens: 1 << 40}},
	}
	for i := range kinds {
		it := message(id, uint64(i+1), "text")
		kinds[i].Session, kinds[i].ID, kinds[i].Seq, kinds[i].Rev = it.Session, it.ID, it.Seq, it.Rev
		kinds[i].Turn, kinds[i].At, kinds[i].DoneAt, kinds[i].Text, kinds[i].Size = 2, 10, 20, "text", 4000
	}
	return kinds
}

func storeKeepsValues(t *testing.T, open OpenStore) {
	b := newBox(t, open)
	settings := session.Settings{
		Concurrency: 3, IdleMinutes: 4, BranchPrefix: "x/", WorktreeDir: "/w", Agent: "opencode",
		Policy:  session.AllowEdits,
		Network: session.OpenNetwork, MemoryMB: 5, CPUs: 1.5, Pids: 6, Theme: "dark", Density: "compact", FontSize: 7,
		Secrets: []session.SecretEntry{{Name: "A", Delivery: session.DeliverEnv, UpdatedAt: 5}},
		Providers: []session.ProviderConfig{{ID: "gateway", Name: "Gateway", Protocol: "openai",
			URL: "https://host/v1", Models: []string{"m"}}},
		SessionBudget: session.Budget{USD: 1.5, Tokens: 2}, DayBudget: session.Budget{USD: 3},
	}
	project := session.Project{ID: "p1", Name: "ñ", Path: "/a b/ñ",
		Defaults: session.Defaults{Agent: "a", Policy: session.Ask}, Missing: true, CreatedAt: 9,
		Limits:  session.Limits{MemoryMB: 8192, CPUs: 0.5, TmpMB: 64},
		Secrets: []session.SecretEntry{{Project: "p1", Name: "B", Delivery: session.DeliverEnv, UpdatedAt: 6}}}
	full, bare := fullSession("one"), session.Session{ID: "two", CreatedAt: 2}
	b.save(session.Change{Settings: &settings, Project: &project, Session: &full, Items: fullItems("one")})
	b.save(session.Change{Session: &bare})
	for range 2 {
		gotSettings, projects, sessions, err := b.Load(t.Context())
		equal(t, "error", err, nil)
		equal(t, "settings", gotSettings, settings)
		equal(t, "projects", projects, []session.Project{project})
		equal(t, "sessions", sessions, []session.Session{full, bare})
		equal(t, "items", b.items("one", 1, 100), fullItems("one"))
		equal(t, "one item", b.item("one", "m4"), fullItems("one")[3])
		b.reopen()
	}
}

func storeReplaces(t *testing.T, open OpenStore) {
	b := newBox(t, open)
	full := fullSession("one")
	items := fullItems("one")
	b.save(session.Change{Settings: &session.Settings{Theme: "dark"}, Project: &session.Project{ID: "p1", Name: "a"},
		Session: &full, Items: items})
	less := session.Session{ID: "one", Title: "less"}
	for i := range items {
		items[i].Tool, items[i].Plan, items[i].Error, items[i].Text, items[i].DoneAt, items[i].Rev = nil, nil, nil, "",
			0, items[i].Rev+50
	}
	b.save(session.Change{Settings: &session.Settings{Theme: "light"}, Project: &session.Project{ID: "p1", Name: "b"},
		Session: &less, Items: items})
	b.reopen()
	settings, projects, sessions, err := b.Load(t.Context())
	equal(t, "error", err, nil)
	equal(t, "settings", settings, session.Settings{Theme: "light"})
	equal(t, "projects", projects, []session.Project{{ID: "p1", Name: "b"}})
	equal(t, "sessions", sessions, []session.Session{less})
	equal(t, "items", b.items("one", 1, 100), items)
}
