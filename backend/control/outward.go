package control

import (
	"context"

	s "background-agents/backend/session"
)

// The operations by which something of a session goes out, as calls.go serves them.

func (c *Client) Commit(ctx context.Context, id s.ID, message string) error {
	return do(ctx, c, "Commit", id, message)
}

func (c *Client) PlanPush(ctx context.Context, id s.ID, t s.PushTarget) (s.PushPlan, error) {
	return ask[s.PushPlan](ctx, c, "PlanPush", id, t)
}

func (c *Client) Push(ctx context.Context, id s.ID, yes s.Push) (s.Pushed, error) {
	return ask[s.Pushed](ctx, c, "Push", id, yes)
}

func (c *Client) PlanMerge(ctx context.Context, id s.ID, t s.MergeTarget) (s.MergePlan, error) {
	return ask[s.MergePlan](ctx, c, "PlanMerge", id, t)
}

func (c *Client) Merge(ctx context.Context, id s.ID, yes s.Merge) (s.Merged, error) {
	return ask[s.Merged](ctx, c, "Merge", id, yes)
}

func (c *Client) PlanRebase(ctx context.Context, id s.ID, onto string) (s.RebasePlan, error) {
	return ask[s.RebasePlan](ctx, c, "PlanRebase", id, onto)
}

func (c *Client) Rebase(ctx context.Context, id s.ID, yes s.Rebase) error {
	return do(ctx, c, "Rebase", id, yes)
}

func (c *Client) PlanPullRequest(ctx context.Context, id s.ID, t s.PullRequestTarget) (s.PullRequestPlan, error) {
	return ask[s.PullRequestPlan](ctx, c, "PlanPullRequest", id, t)
}

func (c *Client) OpenPullRequest(ctx context.Context, id s.ID, yes s.NewPullRequest) (s.PullRequest, error) {
	return ask[s.PullRequest](ctx, c, "OpenPullRequest", id, yes)
}

func (c *Client) ReadPullRequest(ctx context.Context, id s.ID) (s.PullRequest, error) {
	return ask[s.PullRequest](ctx, c, "ReadPullRequest", id)
}

func (c *Client) DeclineProposal(ctx context.Context, id s.ID, item s.ItemID) error {
	return do(ctx, c, "DeclineProposal", id, item)
}

func (c *Client) ForgeLogins(ctx context.Context) ([]s.ForgeLogin, error) {
	return ask[[]s.ForgeLogin](ctx, c, "ForgeLogins")
}

func (c *Client) SetForgeToken(ctx context.Context, host, token string) error {
	return do(ctx, c, "SetForgeToken", host, token)
}
