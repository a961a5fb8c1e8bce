package control

import (
	"context"

	s "background-agents/backend/session"
)

// The operations that take arguments and give one value, as calls.go serves them.

func (c *Client) AddProject(ctx context.Context, path string) (s.Project, error) {
	return ask[s.Project](ctx, c, "AddProject", path)
}

func (c *Client) InitProject(ctx context.Context, path string) (s.Project, error) {
	return ask[s.Project](ctx, c, "InitProject", path)
}

func (c *Client) RemoveProject(ctx context.Context, id s.ProjectID) error {
	return do(ctx, c, "RemoveProject", id)
}

func (c *Client) SaveProject(ctx context.Context, p s.Project) error {
	return do(ctx, c, "SaveProject", p)
}

func (c *Client) MoveProject(ctx context.Context, id s.ProjectID, path string) (s.Project, error) {
	return ask[s.Project](ctx, c, "MoveProject", id, path)
}

func (c *Client) Suggestions(ctx context.Context) ([]s.Repository, error) {
	return ask[[]s.Repository](ctx, c, "Suggestions")
}

func (c *Client) Repository(ctx context.Context, id s.ProjectID) (s.Repository, error) {
	return ask[s.Repository](ctx, c, "Repository", id)
}

func (c *Client) Refs(ctx context.Context, id s.ProjectID, search string) (s.Refs, error) {
	return ask[s.Refs](ctx, c, "Refs", id, search)
}

func (c *Client) ProjectEnvironment(ctx context.Context, id s.ProjectID) (s.ProjectEnvironment, error) {
	return ask[s.ProjectEnvironment](ctx, c, "ProjectEnvironment", id)
}

func (c *Client) SetEnvironment(ctx context.Context, id s.ProjectID, yes s.EnvironmentChoice) (s.ProjectEnvironment, error) {
	return ask[s.ProjectEnvironment](ctx, c, "SetEnvironment", id, yes)
}

func (c *Client) SaveConfiguration(ctx context.Context, id s.ProjectID) (string, error) {
	return ask[string](ctx, c, "SaveConfiguration", id)
}

func (c *Client) AnswerMissing(ctx context.Context, id s.ID, item s.ItemID, add bool) error {
	return do(ctx, c, "AnswerMissing", id, item, add)
}

func (c *Client) Create(ctx context.Context, n s.NewSession) (s.Session, error) {
	return ask[s.Session](ctx, c, "Create", n)
}

func (c *Client) Retry(ctx context.Context, id s.ID) error { return do(ctx, c, "Retry", id) }

func (c *Client) Resume(ctx context.Context, id s.ID) error { return do(ctx, c, "Resume", id) }

func (c *Client) Rename(ctx context.Context, id s.ID, title string) error {
	return do(ctx, c, "Rename", id, title)
}

func (c *Client) Pin(ctx context.Context, id s.ID, pinned bool) error {
	return do(ctx, c, "Pin", id, pinned)
}

func (c *Client) Seen(ctx context.Context, id s.ID) error { return do(ctx, c, "Seen", id) }

func (c *Client) SetOption(ctx context.Context, id s.ID, option, value string) error {
	return do(ctx, c, "SetOption", id, option, value)
}

func (c *Client) SetPolicy(ctx context.Context, id s.ID, p s.Policy) error {
	return do(ctx, c, "SetPolicy", id, p)
}

func (c *Client) SetHost(ctx context.Context, id s.ProjectID, r s.HostRule) error {
	return do(ctx, c, "SetHost", id, r)
}

func (c *Client) ForgetHost(ctx context.Context, id s.ProjectID, host string) error {
	return do(ctx, c, "ForgetHost", id, host)
}

func (c *Client) SetNetwork(ctx context.Context, id s.ID, n s.Network) error {
	return do(ctx, c, "SetNetwork", id, n)
}

func (c *Client) Connections(ctx context.Context, id s.ID, limit int) ([]s.Connection, error) {
	return ask[[]s.Connection](ctx, c, "Connections", id, limit)
}

func (c *Client) Archive(ctx context.Context, id s.ID, force bool) error {
	return do(ctx, c, "Archive", id, force)
}

func (c *Client) Unarchive(ctx context.Context, id s.ID) error { return do(ctx, c, "Unarchive", id) }

func (c *Client) Unsaved(ctx context.Context, id s.ID) ([]string, error) {
	return ask[[]string](ctx, c, "Unsaved", id)
}

func (c *Client) Delete(ctx context.Context, id s.ID, force bool) error {
	return do(ctx, c, "Delete", id, force)
}

func (c *Client) Prompt(ctx context.Context, id s.ID, p s.NewPrompt) (s.Prompt, error) {
	return ask[s.Prompt](ctx, c, "Prompt", id, p)
}

func (c *Client) EditPrompt(ctx context.Context, id s.ID, prompt s.PromptID, text string) error {
	return do(ctx, c, "EditPrompt", id, prompt, text)
}

func (c *Client) MovePrompt(ctx context.Context, id s.ID, prompt s.PromptID, to int) error {
	return do(ctx, c, "MovePrompt", id, prompt, to)
}

func (c *Client) CancelPrompt(ctx context.Context, id s.ID, prompt s.PromptID) (s.Prompt, error) {
	return ask[s.Prompt](ctx, c, "CancelPrompt", id, prompt)
}

func (c *Client) Stop(ctx context.Context, id s.ID) error { return do(ctx, c, "Stop", id) }

func (c *Client) Answer(ctx context.Context, id s.ID, permission, option string) error {
	return do(ctx, c, "Answer", id, permission, option)
}

func (c *Client) Items(ctx context.Context, id s.ID, from uint64, limit int) ([]s.Item, error) {
	return ask[[]s.Item](ctx, c, "Items", id, from, limit)
}

func (c *Client) Changed(ctx context.Context, id s.ID, since uint64, limit int) ([]s.Item, error) {
	return ask[[]s.Item](ctx, c, "Changed", id, since, limit)
}

func (c *Client) Diff(ctx context.Context, id s.ID, turn int) ([]s.FileChange, error) {
	return ask[[]s.FileChange](ctx, c, "Diff", id, turn)
}

func (c *Client) Patch(ctx context.Context, id s.ID, turn int, path string, o s.PatchOptions) (s.Patch, error) {
	return ask[s.Patch](ctx, c, "Patch", id, turn, path, o)
}

func (c *Client) Checkpoint(ctx context.Context, id s.ID) error { return do(ctx, c, "Checkpoint", id) }

func (c *Client) Checkout(ctx context.Context, id s.ID) (string, error) {
	return ask[string](ctx, c, "Checkout", id)
}

func (c *Client) Restore(ctx context.Context, id s.ID, turn int, force bool) error {
	return do(ctx, c, "Restore", id, turn, force)
}

func (c *Client) Branches(ctx context.Context, id s.ID) (s.OnlyList, error) {
	return ask[s.OnlyList](ctx, c, "Branches", id)
}

func (c *Client) TakeBranch(ctx context.Context, id s.ID, name string) (s.Taken, error) {
	return ask[s.Taken](ctx, c, "TakeBranch", id, name)
}

func (c *Client) Edits(ctx context.Context, id s.ID) ([]s.FileChange, error) {
	return ask[[]s.FileChange](ctx, c, "Edits", id)
}

func (c *Client) SendEdits(ctx context.Context, id s.ID) error { return do(ctx, c, "SendEdits", id) }

func (c *Client) UndoEdits(ctx context.Context, id s.ID) error { return do(ctx, c, "UndoEdits", id) }

func (c *Client) Sandbox(ctx context.Context, id s.ID) (s.Sandbox, error) {
	return ask[s.Sandbox](ctx, c, "Sandbox", id)
}

func (c *Client) Secrets(ctx context.Context, at s.SecretScope) ([]s.SecretEntry, error) {
	return ask[[]s.SecretEntry](ctx, c, "Secrets", at)
}

// SetSecret and PasteSecrets are the two requests that carry a value, to nobody but the user's own application.

func (c *Client) SetSecret(ctx context.Context, at s.SecretScope, name string, d s.Delivery, value s.Secret) (s.SecretEntry, error) {
	return ask[s.SecretEntry](ctx, c, "SetSecret", at, name, d, value.Reveal())
}

func (c *Client) PasteSecrets(ctx context.Context, at s.SecretScope, d s.Delivery, text s.Secret) (s.Pasted, error) {
	return ask[s.Pasted](ctx, c, "PasteSecrets", at, d, text.Reveal())
}

func (c *Client) MarkSecret(ctx context.Context, at s.SecretScope, name string, m s.Mark) (s.SecretEntry, error) {
	return ask[s.SecretEntry](ctx, c, "MarkSecret", at, name, m)
}

func (c *Client) DeleteSecret(ctx context.Context, at s.SecretScope, name string) error {
	return do(ctx, c, "DeleteSecret", at, name)
}

func (c *Client) Keychain(ctx context.Context) error { return do(ctx, c, "Keychain") }

func (c *Client) SaveSettings(ctx context.Context, v s.Settings) error {
	return do(ctx, c, "SaveSettings", v)
}

func (c *Client) SetBudget(ctx context.Context, id s.ID, b *s.Budget) error {
	return do(ctx, c, "SetBudget", id, b)
}

func (c *Client) Today(ctx context.Context) (s.DayUse, error) {
	return ask[s.DayUse](ctx, c, "Today")
}

func (c *Client) Mounts(ctx context.Context) ([]s.Mount, error) {
	return ask[[]s.Mount](ctx, c, "Mounts")
}

func (c *Client) Agents(ctx context.Context) ([]s.Agent, error) {
	return ask[[]s.Agent](ctx, c, "Agents")
}

func (c *Client) Providers(ctx context.Context) ([]s.Provider, error) {
	return ask[[]s.Provider](ctx, c, "Providers")
}

func (c *Client) SaveProvider(ctx context.Context, p s.ProviderConfig) error {
	return do(ctx, c, "SaveProvider", p)
}

func (c *Client) RemoveProvider(ctx context.Context, id string) error {
	return do(ctx, c, "RemoveProvider", id)
}

func (c *Client) SetProviderKey(ctx context.Context, id string, key string) error {
	return do(ctx, c, "SetProviderKey", id, key)
}

// SetKeyAddress implements session.Operations.
func (c *Client) SetKeyAddress(ctx context.Context, id, address string) error {
	return do(ctx, c, "SetKeyAddress", id, address)
}

func (c *Client) BuildImage(ctx context.Context, agent string) error {
	return do(ctx, c, "BuildImage", agent)
}

func (c *Client) CancelImage(ctx context.Context, agent string) error {
	return do(ctx, c, "CancelImage", agent)
}

func (c *Client) Doctor(ctx context.Context) ([]s.Check, error) {
	return ask[[]s.Check](ctx, c, "Doctor")
}

func (c *Client) Demo(ctx context.Context) (s.Session, error) { return ask[s.Session](ctx, c, "Demo") }
