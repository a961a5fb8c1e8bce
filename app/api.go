package app

import (
	"context"

	s "background-agents/backend/session"
)

// API is what the page can ask for. Its methods are bound by name (frontend/wailsjs is generated from them); each is
// one call of session.Operations. native.go has those that need the desktop.
type API struct{ w *window }

// ask does one call that gives a value.
func ask[R any](a *API, f func(context.Context, s.Operations) (R, error)) (R, error) {
	var none R
	ops, err := a.w.door.ops()
	if err != nil {
		return none, err
	}
	return f(a.w.ctx, ops)
}

// do does one call that gives none.
func do(a *API, f func(context.Context, s.Operations) error) error {
	ops, err := a.w.door.ops()
	if err != nil {
		return err
	}
	return f(a.w.ctx, ops)
}

type (
	ctx = context.Context
	ops = s.Operations
)

func (a *API) AddProject(path string) (s.Project, error) {
	return ask(a, func(c ctx, o ops) (s.Project, error) { return o.AddProject(c, path) })
}

func (a *API) InitProject(path string) (s.Project, error) {
	return ask(a, func(c ctx, o ops) (s.Project, error) { return o.InitProject(c, path) })
}

func (a *API) RemoveProject(id s.ProjectID) error {
	return do(a, func(c ctx, o ops) error { return o.RemoveProject(c, id) })
}

func (a *API) MoveProject(id s.ProjectID, path string) (s.Project, error) {
	return ask(a, func(c ctx, o ops) (s.Project, error) { return o.MoveProject(c, id, path) })
}

func (a *API) SaveProject(p s.Project) error {
	return do(a, func(c ctx, o ops) error { return o.SaveProject(c, p) })
}

func (a *API) Suggestions() ([]s.Repository, error) {
	return ask(a, func(c ctx, o ops) ([]s.Repository, error) { return o.Suggestions(c) })
}

func (a *API) Repository(id s.ProjectID) (s.Repository, error) {
	return ask(a, func(c ctx, o ops) (s.Repository, error) { return o.Repository(c, id) })
}

func (a *API) Refs(id s.ProjectID, search string) (s.Refs, error) {
	return ask(a, func(c ctx, o ops) (s.Refs, error) { return o.Refs(c, id, search) })
}

func (a *API) ProjectEnvironment(id s.ProjectID) (s.ProjectEnvironment, error) {
	return ask(a, func(c ctx, o ops) (s.ProjectEnvironment, error) { return o.ProjectEnvironment(c, id) })
}

func (a *API) SetEnvironment(id s.ProjectID, yes s.EnvironmentChoice) (s.ProjectEnvironment, error) {
	return ask(a, func(c ctx, o ops) (s.ProjectEnvironment, error) { return o.SetEnvironment(c, id, yes) })
}

func (a *API) SaveConfiguration(id s.ProjectID) (string, error) {
	return ask(a, func(c ctx, o ops) (string, error) { return o.SaveConfiguration(c, id) })
}

func (a *API) Create(n s.NewSession) (s.Session, error) {
	return ask(a, func(c ctx, o ops) (s.Session, error) { return o.Create(c, n) })
}

func (a *API) Retry(id s.ID) error {
	return do(a, func(c ctx, o ops) error { return o.Retry(c, id) })
}

func (a *API) Resume(id s.ID) error {
	return do(a, func(c ctx, o ops) error { return o.Resume(c, id) })
}

func (a *API) Rename(id s.ID, title string) error {
	return do(a, func(c ctx, o ops) error { return o.Rename(c, id, title) })
}

func (a *API) Pin(id s.ID, pinned bool) error {
	return do(a, func(c ctx, o ops) error { return o.Pin(c, id, pinned) })
}

func (a *API) Seen(id s.ID) error {
	return do(a, func(c ctx, o ops) error { return o.Seen(c, id) })
}

func (a *API) SetOption(id s.ID, option, value string) error {
	return do(a, func(c ctx, o ops) error { return o.SetOption(c, id, option, value) })
}

func (a *API) SetPolicy(id s.ID, p s.Policy) error {
	return do(a, func(c ctx, o ops) error { return o.SetPolicy(c, id, p) })
}

func (a *API) SetHost(id s.ProjectID, r s.HostRule) error {
	return do(a, func(c ctx, o ops) error { return o.SetHost(c, id, r) })
}

func (a *API) ForgetHost(id s.ProjectID, host string) error {
	return do(a, func(c ctx, o ops) error { return o.ForgetHost(c, id, host) })
}

func (a *API) SetNetwork(id s.ID, n s.Network) error {
	return do(a, func(c ctx, o ops) error { return o.SetNetwork(c, id, n) })
}

func (a *API) Archive(id s.ID, force bool) error {
	return do(a, func(c ctx, o ops) error { return o.Archive(c, id, force) })
}

func (a *API) Unarchive(id s.ID) error {
	return do(a, func(c ctx, o ops) error { return o.Unarchive(c, id) })
}

func (a *API) Unsaved(id s.ID) ([]string, error) {
	return ask(a, func(c ctx, o ops) ([]string, error) { return o.Unsaved(c, id) })
}

func (a *API) Delete(id s.ID, force bool) error {
	return do(a, func(c ctx, o ops) error { return o.Delete(c, id, force) })
}

func (a *API) Prompt(id s.ID, p s.NewPrompt) (s.Prompt, error) {
	return ask(a, func(c ctx, o ops) (s.Prompt, error) { return o.Prompt(c, id, p) })
}

func (a *API) EditPrompt(id s.ID, prompt s.PromptID, text string) error {
	return do(a, func(c ctx, o ops) error { return o.EditPrompt(c, id, prompt, text) })
}

func (a *API) MovePrompt(id s.ID, prompt s.PromptID, to int) error {
	return do(a, func(c ctx, o ops) error { return o.MovePrompt(c, id, prompt, to) })
}

func (a *API) CancelPrompt(id s.ID, prompt s.PromptID) (s.Prompt, error) {
	return ask(a, func(c ctx, o ops) (s.Prompt, error) { return o.CancelPrompt(c, id, prompt) })
}

func (a *API) Stop(id s.ID) error {
	return do(a, func(c ctx, o ops) error { return o.Stop(c, id) })
}

func (a *API) Answer(id s.ID, permission, option string) error {
	return do(a, func(c ctx, o ops) error { return o.Answer(c, id, permission, option) })
}

func (a *API) Items(id s.ID, from uint64, limit int) ([]s.Item, error) {
	return ask(a, func(c ctx, o ops) ([]s.Item, error) { return o.Items(c, id, from, limit) })
}

func (a *API) Changed(id s.ID, since uint64, limit int) ([]s.Item, error) {
	return ask(a, func(c ctx, o ops) ([]s.Item, error) { return o.Changed(c, id, since, limit) })
}

func (a *API) Diff(id s.ID, turn int) ([]s.FileChange, error) {
	return ask(a, func(c ctx, o ops) ([]s.FileChange, error) { return o.Diff(c, id, turn) })
}

func (a *API) Patch(id s.ID, turn int, path string, p s.PatchOptions) (s.Patch, error) {
	return ask(a, func(c ctx, o ops) (s.Patch, error) { return o.Patch(c, id, turn, path, p) })
}

func (a *API) Checkpoint(id s.ID) error {
	return do(a, func(c ctx, o ops) error { return o.Checkpoint(c, id) })
}

func (a *API) Checkout(id s.ID) (string, error) {
	return ask(a, func(c ctx, o ops) (string, error) { return o.Checkout(c, id) })
}

func (a *API) Restore(id s.ID, turn int, force bool) error {
	return do(a, func(c ctx, o ops) error { return o.Restore(c, id, turn, force) })
}

func (a *API) Branches(id s.ID) (s.OnlyList, error) {
	return ask(a, func(c ctx, o ops) (s.OnlyList, error) { return o.Branches(c, id) })
}

func (a *API) TakeBranch(id s.ID, name string) (s.Taken, error) {
	return ask(a, func(c ctx, o ops) (s.Taken, error) { return o.TakeBranch(c, id, name) })
}

func (a *API) Edits(id s.ID) ([]s.FileChange, error) {
	return ask(a, func(c ctx, o ops) ([]s.FileChange, error) { return o.Edits(c, id) })
}

func (a *API) SendEdits(id s.ID) error {
	return do(a, func(c ctx, o ops) error { return o.SendEdits(c, id) })
}

func (a *API) UndoEdits(id s.ID) error {
	return do(a, func(c ctx, o ops) error { return o.UndoEdits(c, id) })
}

func (a *API) Sandbox(id s.ID) (s.Sandbox, error) {
	return ask(a, func(c ctx, o ops) (s.Sandbox, error) { return o.Sandbox(c, id) })
}

func (a *API) Connections(id s.ID, limit int) ([]s.Connection, error) {
	return ask(a, func(c ctx, o ops) ([]s.Connection, error) { return o.Connections(c, id, limit) })
}

func (a *API) Secrets(at s.SecretScope) ([]s.SecretEntry, error) {
	return ask(a, func(c ctx, o ops) ([]s.SecretEntry, error) { return o.Secrets(c, at) })
}

// SetSecret and PasteSecrets take values from the page; nothing gives one back.
func (a *API) SetSecret(at s.SecretScope, name string, d s.Delivery, value string) (s.SecretEntry, error) {
	return ask(a, func(c ctx, o ops) (s.SecretEntry, error) { return o.SetSecret(c, at, name, d, s.NewSecret(value)) })
}

func (a *API) PasteSecrets(at s.SecretScope, d s.Delivery, text string) (s.Pasted, error) {
	return ask(a, func(c ctx, o ops) (s.Pasted, error) { return o.PasteSecrets(c, at, d, s.NewSecret(text)) })
}

func (a *API) MarkSecret(at s.SecretScope, name string, m s.Mark) (s.SecretEntry, error) {
	return ask(a, func(c ctx, o ops) (s.SecretEntry, error) { return o.MarkSecret(c, at, name, m) })
}

func (a *API) DeleteSecret(at s.SecretScope, name string) error {
	return do(a, func(c ctx, o ops) error { return o.DeleteSecret(c, at, name) })
}

func (a *API) Keychain() error {
	return do(a, func(c ctx, o ops) error { return o.Keychain(c) })
}

func (a *API) SaveSettings(v s.Settings) error {
	return do(a, func(c ctx, o ops) error { return o.SaveSettings(c, v) })
}

func (a *API) SetBudget(id s.ID, b *s.Budget) error {
	return do(a, func(c ctx, o ops) error { return o.SetBudget(c, id, b) })
}

func (a *API) Today() (s.DayUse, error) {
	return ask(a, func(c ctx, o ops) (s.DayUse, error) { return o.Today(c) })
}

func (a *API) Agents() ([]s.Agent, error) {
	return ask(a, func(c ctx, o ops) ([]s.Agent, error) { return o.Agents(c) })
}

func (a *API) Mounts() ([]s.Mount, error) {
	return ask(a, func(c ctx, o ops) ([]s.Mount, error) { return o.Mounts(c) })
}

func (a *API) Providers() ([]s.Provider, error) {
	return ask(a, func(c ctx, o ops) ([]s.Provider, error) { return o.Providers(c) })
}

func (a *API) SaveProvider(p s.ProviderConfig) error {
	return do(a, func(c ctx, o ops) error { return o.SaveProvider(c, p) })
}

func (a *API) RemoveProvider(id string) error {
	return do(a, func(c ctx, o ops) error { return o.RemoveProvider(c, id) })
}

func (a *API) SetProviderKey(id, key string) error {
	return do(a, func(c ctx, o ops) error { return o.SetProviderKey(c, id, key) })
}

// SetKeyAddress does as session.Operations says.
func (a *API) SetKeyAddress(id, address string) error {
	return do(a, func(c ctx, o ops) error { return o.SetKeyAddress(c, id, address) })
}

func (a *API) BuildImage(agent string) error {
	return do(a, func(c ctx, o ops) error { return o.BuildImage(c, agent) })
}

func (a *API) CancelImage(agent string) error {
	return do(a, func(c ctx, o ops) error { return o.CancelImage(c, agent) })
}

func (a *API) Doctor() ([]s.Check, error) {
	return ask(a, func(c ctx, o ops) ([]s.Check, error) { return o.Doctor(c) })
}

func (a *API) Demo() (s.Session, error) {
	return ask(a, func(c ctx, o ops) (s.Session, error) { return o.Demo(c) })
}
