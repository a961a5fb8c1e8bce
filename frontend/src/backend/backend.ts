import type * as t from './types'

/**
 * Backend is the one door to the native side. wails.ts fulfils it with the bound methods of app.API (each the method
 * of the same name, capitalised, arguments by position), fake.ts without a native side.
 *
 * A call that is refused rejects with a Failure: {code, message, hint}. In Go that is *session.Error, through
 * options.App.ErrorFormatter.
 */
export interface Backend {
  /**
   * Calls f with the whole state (state: true) and then with every change in order, until the returned function is
   * called. The native side of it is `State(page): Batch`, which starts or restarts the watch and whose events are the
   * one whole state, and the event "events:" + page with one Batch a frame; the first batch after State() has its seq + 1.
   * Where the state cannot be had, refused is called with the reason, and it is tried again.
   */
  watch(f: (events: t.Event[]) => void, refused: (failure: t.Failure) => void): () => void
  /** Calls f when the tray, a notification or the quick prompt asks to show something. */
  onShow(f: (show: t.Show) => void): () => void
  /** Closes the quick prompt. The main window stays as it is unless it is asked to show something. */
  endQuickPrompt(end: t.QuickPromptEnd): Promise<void>
  /** Sets the title that the desktop shows for the window. */
  setTitle(title: string): void
  /** Says which session's items and deltas are wanted; those of others are not sent. '' for none. */
  focus(session: string): Promise<void>

  addProject(path: string): Promise<t.Project>
  initProject(path: string): Promise<t.Project>
  removeProject(id: string): Promise<void>
  /** Its repository is at path now; its sessions stay. */
  moveProject(id: string, path: string): Promise<t.Project>
  saveProject(p: t.Project): Promise<void>
  projectEnvironment(id: string): Promise<t.ProjectEnvironment>
  setEnvironment(id: string, choice: t.EnvironmentChoice): Promise<t.ProjectEnvironment>
  /** Writes what the project's sandboxes have to the configuration file of the user's checkout; its path. */
  saveConfiguration(id: string): Promise<string>
  suggestions(): Promise<t.Repository[]>
  repository(id: string): Promise<t.Repository>
  /** The newest branches and tags, or those whose names hold each word of search. */
  refs(id: string, search: string): Promise<t.Refs>
  pickFolder(): Promise<string>

  create(n: t.NewSession): Promise<t.Session>
  retry(id: string): Promise<void>
  resume(id: string): Promise<void>
  rename(id: string, title: string): Promise<void>
  pin(id: string, pinned: boolean): Promise<void>
  seen(id: string): Promise<void>
  setOption(id: string, option: string, value: string): Promise<void>
  setPolicy(id: string, policy: t.Policy): Promise<void>
  setNetwork(id: string, network: t.Network): Promise<void>
  setHost(project: string, rule: t.HostRule): Promise<void>
  forgetHost(project: string, host: string): Promise<void>
  /** Rejects with `unsaved` where the sandbox alone has something, unless force is set. */
  archive(id: string, force: boolean): Promise<void>
  unarchive(id: string): Promise<void>
  unsaved(id: string): Promise<string[]>
  delete(id: string, force: boolean): Promise<void>

  prompt(id: string, p: t.NewPrompt): Promise<t.Prompt>
  editPrompt(id: string, prompt: string, text: string): Promise<void>
  movePrompt(id: string, prompt: string, to: number): Promise<void>
  cancelPrompt(id: string, prompt: string): Promise<t.Prompt>
  /** base64 is the file's bytes; a Blob must never go through the asset server. */
  attach(name: string, mime: string, base64: string): Promise<t.Attachment>
  stop(id: string): Promise<void>
  answer(id: string, permission: string, option: string): Promise<void>

  items(id: string, from: number, limit: number): Promise<t.Item[]>
  changed(id: string, since: number, limit: number): Promise<t.Item[]>
  /** offset and limit in bytes; the page never cuts a character. */
  outputPage(id: string, item: string, offset: number, limit: number): Promise<t.OutputPage>

  diff(id: string, turn: number): Promise<t.FileChange[]>
  patch(id: string, turn: number, path: string, o: t.PatchOptions): Promise<t.Patch>
  checkpoint(id: string): Promise<void>
  checkout(id: string): Promise<string>
  /** Rejects with `unsaved` where that drops commits, unless force is set. */
  restore(id: string, turn: number, force: boolean): Promise<void>
  /** What the sandbox alone has. */
  branches(id: string): Promise<t.OnlyList>
  takeBranch(id: string, name: string): Promise<t.Taken>
  edits(id: string): Promise<t.FileChange[]>
  sendEdits(id: string): Promise<void>
  undoEdits(id: string): Promise<void>

  commit(id: string, message: string): Promise<void>
  planPush(id: string, to: t.PushTarget): Promise<t.PushPlan>
  push(id: string, yes: t.Push): Promise<t.Pushed>
  planMerge(id: string, to: t.MergeTarget): Promise<t.MergePlan>
  merge(id: string, yes: t.Merge): Promise<t.Merged>
  planRebase(id: string, onto: string): Promise<t.RebasePlan>
  rebase(id: string, yes: t.Rebase): Promise<void>
  planPullRequest(id: string, to: t.PullRequestTarget): Promise<t.PullRequestPlan>
  openPullRequest(id: string, yes: t.NewPullRequest): Promise<t.PullRequest>
  readPullRequest(id: string): Promise<t.PullRequest>
  declineProposal(id: string, item: string): Promise<void>
  /** Adds what is missing to the project's environment, or never asks for it again in this project. */
  answerMissing(id: string, item: string, add: boolean): Promise<void>
  forgeLogins(): Promise<t.ForgeLogin[]>
  /** '' removes the token. None is ever given back. */
  setForgeToken(host: string, token: string): Promise<void>

  sandbox(id: string): Promise<t.Sandbox>
  /** The ledger of a session, the newest first. */
  connections(id: string, limit: number): Promise<t.Connection[]>
  setSecret(at: t.SecretScope, name: string, delivery: t.Delivery, value: string): Promise<t.SecretEntry>
  /** Of the scope, or the next wider one that has it. */
  markSecret(at: t.SecretScope, name: string, mark: t.Mark): Promise<t.SecretEntry>
  deleteSecret(at: t.SecretScope, name: string): Promise<void>
  /** Sets the secrets of a .env text. */
  pasteSecrets(at: t.SecretScope, delivery: t.Delivery, text: string): Promise<t.Pasted>
  /** Rejects with the state of a keychain that cannot keep secrets now. */
  keychain(): Promise<void>
  saveSettings(s: t.Settings): Promise<void>
  agents(): Promise<t.Agent[]>
  mounts(): Promise<t.Mount[]>
  providers(): Promise<t.Provider[]>
  saveProvider(p: t.ProviderConfig): Promise<void>
  removeProvider(id: string): Promise<void>
  /** The key goes into the keychain and never comes back; '' removes it there. */
  setProviderKey(id: string, key: string): Promise<void>
  /** Lets a provider's key go to an address that only the environment names; '' takes that back. */
  setKeyAddress(id: string, address: string): Promise<void>
  /** null: the settings' budget of a session. */
  setBudget(id: string, budget: t.Budget | null): Promise<void>
  today(): Promise<t.DayUse>
  buildImage(agent: string): Promise<void>
  cancelImage(agent: string): Promise<void>
  doctor(): Promise<t.Check[]>
  demo(): Promise<t.Session>

  openURL(url: string): Promise<void>
  /** Opens the worktree of a session in the file manager. */
  openPath(path: string): Promise<void>
  version(): Promise<t.Version>
}
