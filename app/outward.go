package app

import s "background-agents/backend/session"

// By which something of a session goes out.

func (a *API) Commit(id s.ID, message string) error {
	return do(a, func(c ctx, o ops) error { return o.Commit(c, id, message) })
}

func (a *API) PlanPush(id s.ID, t s.PushTarget) (s.PushPlan, error) {
	return ask(a, func(c ctx, o ops) (s.PushPlan, error) { return o.PlanPush(c, id, t) })
}

func (a *API) Push(id s.ID, yes s.Push) (s.Pushed, error) {
	return ask(a, func(c ctx, o ops) (s.Pushed, error) { return o.Push(c, id, yes) })
}

func (a *API) PlanMerge(id s.ID, t s.MergeTarget) (s.MergePlan, error) {
	return ask(a, func(c ctx, o ops) (s.MergePlan, error) { return o.PlanMerge(c, id, t) })
}

func (a *API) Merge(id s.ID, yes s.Merge) (s.Merged, error) {
	return ask(a, func(c ctx, o ops) (s.Merged, error) { return o.Merge(c, id, yes) })
}

func (a *API) PlanRebase(id s.ID, onto string) (s.RebasePlan, error) {
	return ask(a, func(c ctx, o ops) (s.RebasePlan, error) { return o.PlanRebase(c, id, onto) })
}

func (a *API) Rebase(id s.ID, yes s.Rebase) error {
	return do(a, func(c ctx, o ops) error { return o.Rebase(c, id, yes) })
}

func (a *API) PlanPullRequest(id s.ID, t s.PullRequestTarget) (s.PullRequestPlan, error) {
	return ask(a, func(c ctx, o ops) (s.PullRequestPlan, error) { return o.PlanPullRequest(c, id, t) })
}

func (a *API) OpenPullRequest(id s.ID, yes s.NewPullRequest) (s.PullRequest, error) {
	return ask(a, func(c ctx, o ops) (s.PullRequest, error) { return o.OpenPullRequest(c, id, yes) })
}

func (a *API) ReadPullRequest(id s.ID) (s.PullRequest, error) {
	return ask(a, func(c ctx, o ops) (s.PullRequest, error) { return o.ReadPullRequest(c, id) })
}

func (a *API) DeclineProposal(id s.ID, item s.ItemID) error {
	return do(a, func(c ctx, o ops) error { return o.DeclineProposal(c, id, item) })
}

func (a *API) AnswerMissing(id s.ID, item s.ItemID, add bool) error {
	return do(a, func(c ctx, o ops) error { return o.AnswerMissing(c, id, item, add) })
}

func (a *API) ForgeLogins() ([]s.ForgeLogin, error) {
	return ask(a, func(c ctx, o ops) ([]s.ForgeLogin, error) { return o.ForgeLogins(c) })
}

func (a *API) SetForgeToken(host, token string) error {
	return do(a, func(c ctx, o ops) error { return o.SetForgeToken(c, host, token) })
}
