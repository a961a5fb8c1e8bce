import * as API from '../../wailsjs/go/app/API'
import { EventsOn, WindowSetTitle } from '../../wailsjs/runtime/runtime'
import type { Backend } from './backend'
import { Sequence } from './sequence'
import type {
  OnlyList,
  Agent,
  Batch,
  Event,
  Item,
  MergePlan,
  Pasted,
  Patch,
  Project,
  Prompt,
  Provider,
  PullRequestPlan,
  PushPlan,
  Refs,
  Sandbox,
  Session,
  Settings,
  Show,
} from './types'

/** Go writes an empty slice that was never made as null; here it is an empty list. */
const list = <T>(v: T[] | null | undefined): T[] => v ?? []

const session = (s: Session): Session => ({
  ...s,
  options: list(s.options).map((o) => ({ ...o, choices: list(o.choices) })),
  commands: list(s.commands),
  mounts: list(s.mounts),
  prompts: list(s.prompts).map((p) => ({ ...p, attachments: list(p.attachments) })),
  result: { ...s.result, risky: list(s.result.risky) },
  timings: s.timings ?? {},
  secrets: list(s.secrets),
})

function item(i: Item): Item {
  const out = { ...i }
  if (i.prompt) out.prompt = { ...i.prompt, attachments: list(i.prompt.attachments) }
  if (i.tool) out.tool = { ...i.tool, paths: list(i.tool.paths), edits: list(i.tool.edits) }
  if (i.permission) out.permission = { ...i.permission, options: list(i.permission.options) }
  return out
}

const pushPlan = (p: PushPlan): PushPlan => ({
  ...p,
  commits: list(p.commits),
  uncommitted: list(p.uncommitted),
  stored: { ...p.stored, paths: list(p.stored.paths) },
  raw: list(p.raw),
  removes: list(p.removes),
  risky: list(p.risky),
  secrets: list(p.secrets),
  remotes: list(p.remotes),
})

const project = (p: Project): Project => ({
  ...p,
  hosts: list(p.hosts),
  mcp: list(p.mcp).map((m) => ({
    ...m,
    command: list(m.command),
    env: list(m.env),
    headers: list(m.headers),
  })),
  mounts: list(p.mounts),
  secrets: list(p.secrets),
  fromFile: p.fromFile ?? {}, // of a project that an earlier version stored
})

const settings = (s: Settings): Settings => ({
  ...s,
  secrets: list(s.secrets),
  agents: list(s.agents).map((a) => ({
    ...a,
    command: list(a.command),
    env: list(a.env),
    models: list(a.models),
  })),
})

function event(e: Event): Event {
  const out = { ...e }
  if (e.settings) out.settings = settings(e.settings)
  if (e.projects) out.projects = e.projects.map(project)
  if (e.sessions) out.sessions = e.sessions.map(session)
  if (e.items) out.items = e.items.map(item)
  return out
}

/** The Backend that is the Go application around this window. */
export function wails(): Backend {
  // The generated types are classes with methods of their own; what comes is their JSON.
  const as = <T>(answer: Promise<unknown>) => answer as Promise<T>
  const given = (v: object) => v as never
  const many = async <T>(answer: Promise<unknown>) => list((await answer) as T[] | null)

  const page = crypto.getRandomValues(new Uint32Array(2)).join('-')

  return {
    watch(f, refused) {
      const sequence = new Sequence(
        () => as<Batch>(API.State(page)),
        (events, seq) => {
          f(list(events).map(event))
          void API.Ack(page, seq)
        },
        refused,
      )
      const off = EventsOn(`events:${page}`, (batch: Batch) => sequence.take(batch))
      void sequence.begin()
      return () => {
        off()
        sequence.close()
      }
    },
    onShow: (f) => EventsOn('show', (show: Show) => f(show)),
    endQuickPrompt: (end) => API.EndQuickPrompt(given(end)),
    setTitle: (title) => WindowSetTitle(title),
    focus: (id) => as(API.Focus(page, id)),
    addProject: async (path) => project(await as(API.AddProject(path))),
    initProject: async (path) => project(await as(API.InitProject(path))),
    removeProject: (id) => as(API.RemoveProject(id)),
    moveProject: (id, path) => as(API.MoveProject(id, path)),
    saveProject: (p) => as(API.SaveProject(given(p))),
    projectEnvironment: (id) => as(API.ProjectEnvironment(id)),
    setEnvironment: (id, choice) => as(API.SetEnvironment(id, given(choice))),
    saveConfiguration: (id) => as(API.SaveConfiguration(id)),
    suggestions: () => many(API.Suggestions()),
    repository: (id) => as(API.Repository(id)),
    refs: async (id, search) => {
      const r = await as<Refs>(API.Refs(id, search))
      return { ...r, local: list(r.local), remote: list(r.remote), tags: list(r.tags) }
    },
    pickFolder: () => as(API.PickFolder()),
    create: async (n) => session(await as(API.Create(given(n)))),
    retry: (id) => as(API.Retry(id)),
    resume: (id) => as(API.Resume(id)),
    rename: (id, title) => as(API.Rename(id, title)),
    pin: (id, pinned) => as(API.Pin(id, pinned)),
    seen: (id) => as(API.Seen(id)),
    setOption: (id, option, value) => as(API.SetOption(id, option, value)),
    setPolicy: (id, policy) => as(API.SetPolicy(id, policy)),
    setNetwork: (id, network) => as(API.SetNetwork(id, network)),
    setHost: (id, rule) => as(API.SetHost(id, given(rule))),
    forgetHost: (id, host) => as(API.ForgetHost(id, host)),
    connections: (id, limit) => many(API.Connections(id, limit)),
    archive: (id, force) => as(API.Archive(id, force)),
    unarchive: (id) => as(API.Unarchive(id)),
    unsaved: (id) => many(API.Unsaved(id)),
    delete: (id, force) => as(API.Delete(id, force)),
    prompt: (id, p) => as(API.Prompt(id, given(p))),
    editPrompt: (id, prompt, text) => as(API.EditPrompt(id, prompt, text)),
    movePrompt: (id, prompt, to) => as(API.MovePrompt(id, prompt, to)),
    cancelPrompt: async (id, prompt) => {
      const p = await as<Prompt>(API.CancelPrompt(id, prompt))
      return { ...p, attachments: list(p.attachments) }
    },
    attach: (name, mime, base64) => as(API.Attach(name, mime, base64)),
    stop: (id) => as(API.Stop(id)),
    answer: (id, permission, option) => as(API.Answer(id, permission, option)),
    items: async (id, from, limit) => (await many<Item>(API.Items(id, from, limit))).map(item),
    changed: async (id, since, limit) => (await many<Item>(API.Changed(id, since, limit))).map(item),
    outputPage: (id, i, offset, limit) => as(API.OutputPage(id, i, offset, limit)),
    diff: (id, turn) => many(API.Diff(id, turn)),
    patch: async (id, turn, path, o) => {
      const p = await as<Patch>(API.Patch(id, turn, path, o))
      return { ...p, hunks: list(p.hunks).map((h) => ({ ...h, lines: list(h.lines) })) }
    },
    checkpoint: (id) => as(API.Checkpoint(id)),
    checkout: (id) => as(API.Checkout(id)),
    restore: (id, turn, force) => as(API.Restore(id, turn, force)),
    branches: async (id) => {
      const o = await as<OnlyList>(API.Branches(id))
      return { ...o, list: list(o.list) }
    },
    takeBranch: (id, name) => as(API.TakeBranch(id, name)),
    edits: (id) => many(API.Edits(id)),
    sendEdits: (id) => as(API.SendEdits(id)),
    undoEdits: (id) => as(API.UndoEdits(id)),
    commit: (id, message) => as(API.Commit(id, message)),
    planPush: async (id, to) => pushPlan(await as(API.PlanPush(id, given(to)))),
    push: (id, yes) => as(API.Push(id, given(yes))),
    planMerge: async (id, to) => {
      const p = await as<MergePlan>(API.PlanMerge(id, given(to)))
      return {
        ...p,
        commits: list(p.commits),
        conflicts: list(p.conflicts),
        uncommitted: list(p.uncommitted),
        risky: list(p.risky),
        branches: list(p.branches),
      }
    },
    merge: (id, yes) => as(API.Merge(id, given(yes))),
    planRebase: (id, onto) => as(API.PlanRebase(id, onto)),
    rebase: (id, yes) => as(API.Rebase(id, given(yes))),
    planPullRequest: async (id, to) => {
      const p = await as<PullRequestPlan>(API.PlanPullRequest(id, given(to)))
      return { ...p, push: pushPlan(p.push) }
    },
    openPullRequest: (id, yes) => as(API.OpenPullRequest(id, given(yes))),
    readPullRequest: (id) => as(API.ReadPullRequest(id)),
    declineProposal: (id, item) => as(API.DeclineProposal(id, item)),
    answerMissing: (id, item, add) => as(API.AnswerMissing(id, item, add)),
    forgeLogins: () => many(API.ForgeLogins()),
    setForgeToken: (host, token) => as(API.SetForgeToken(host, token)),
    sandbox: async (id) => {
      const s = await as<Sandbox>(API.Sandbox(id))
      return { ...s, volumes: list(s.volumes) }
    },
    setSecret: (at, name, delivery, value) => as(API.SetSecret(given(at), name, delivery, value)),
    markSecret: (at, name, mark) => as(API.MarkSecret(given(at), name, mark)),
    deleteSecret: (at, name) => as(API.DeleteSecret(given(at), name)),
    pasteSecrets: async (at, delivery, text) => {
      const p = await as<Pasted>(API.PasteSecrets(given(at), delivery, text))
      return { set: list(p.set), skipped: list(p.skipped) }
    },
    keychain: () => as(API.Keychain()),
    saveSettings: (s) => as(API.SaveSettings(given(s))),
    agents: async () => (await many<Agent>(API.Agents())).map((a) => ({ ...a, models: list(a.models) })),
    mounts: () => many(API.Mounts()),
    providers: async () =>
      (await many<Provider>(API.Providers())).map((p) => ({
        ...p,
        models: list(p.models),
        agents: list(p.agents),
        protocols: list(p.protocols),
      })),
    saveProvider: (p) => as(API.SaveProvider(given(p))),
    removeProvider: (id) => as(API.RemoveProvider(id)),
    setProviderKey: (id, key) => as(API.SetProviderKey(id, key)),
    setKeyAddress: (id, address) => as(API.SetKeyAddress(id, address)),
    setBudget: (id, budget) => as(API.SetBudget(id, budget as never)),
    today: () => as(API.Today()),
    buildImage: (agent) => as(API.BuildImage(agent)),
    cancelImage: (agent) => as(API.CancelImage(agent)),
    doctor: () => many(API.Doctor()),
    demo: async () => session(await as(API.Demo())),
    openURL: (url) => as(API.OpenURL(url)),
    openPath: (path) => as(API.OpenPath(path)),
    version: () => as(API.Version()),
  }
}

/** What only the window of the quick prompt asks for. */
export const quickPrompt = {
  snapshot: async (): Promise<Event> => event((await API.Snapshot()) as unknown as Event),
  onopen: (f: () => void) => void EventsOn('quick', f),
  ready: () => API.QuickPromptReady(),
  resize: (height: number) => API.ResizeQuickPrompt(height),
}
