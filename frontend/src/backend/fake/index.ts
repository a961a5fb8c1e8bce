import type { Backend } from '../backend'
import { configurationOf } from '../../text/environment'
import type * as t from '../types'
import { hostile } from './hostile'
import { agents, mounts } from './agents'
import * as made from './made'
import { answerMissing } from './missing'
import { Outward } from './outward'
import { Models } from './models'
import { fileChanges, patchOf } from './patches'
import { runTurn, startUp } from './play'
import { scenes } from './scenes'
import { deleteSecret, markSecret, pasteSecrets, setSecret } from './secrets'
import { World } from './world'

const wait = (ms: number) => new Promise((done) => setTimeout(done, ms))

const refuse = (code: string, message: string, hint: string): never => {
  const failure: t.Failure = { code, message, hint }
  throw failure
}

/** The fake with the given scene; "hostile" is a busy one in which every text attacks the page. */
export const fake = (scene: string): Backend =>
  scene === 'hostile' ? hostile(new Fake('busy')) : new Fake(scene)

/** A Backend without a native side: it makes up what the real one would do, for work on the window and its tests. */
class Fake implements Backend {
  #world: World
  #scene: string
  #outward: Outward
  #models: Models

  constructor(scene: string) {
    this.#scene = scene
    this.#world = new World()
    this.#outward = new Outward(this.#world)
    this.#models = new Models(this.#world, scene)
    ;(scenes[scene] ?? scenes['busy']!)(this.#world)
  }

  watch(f: (events: t.Event[]) => void, refused: (failure: t.Failure) => void) {
    performance.mark('watch') // for a test to count
    if (this.#scene === 'refused') {
      refused({
        code: 'database_newer',
        message: 'The database was written by a newer version.',
        hint: 'Install that version again, or set BGA_HOME to another folder.',
      })
      return () => undefined
    }
    return this.#world.watch(f)
  }
  onShow = () => () => undefined
  endQuickPrompt = async () => undefined
  setTitle = (title: string) => void (document.documentElement.dataset['nativeTitle'] = title)
  focus = async (id: string) => void (this.#world.focus = id)

  async addProject(path: string) {
    await wait(60)
    if (path.includes('empty'))
      refuse(
        'repository_empty',
        'This repository has no commit yet.',
        'A session needs one to start from: make a first, empty commit.',
      )
    if (!path.startsWith('/'))
      refuse(
        'not_a_repository',
        `${path} is not in a git repository.`,
        'Choose a folder that holds one, or run git init there.',
      )
    return this.#world.addProject(path)
  }
  initProject = async (path: string) => this.#world.addProject(path)
  removeProject = async (id: string) => {
    if ([...this.#world.sessions.values()].some((s) => s.project === id))
      refuse('conflict', 'The project still has sessions.', 'Delete them first, or archive them.')
    this.#world.gone(id)
  }
  moveProject = async (id: string, path: string) => {
    const moved = { ...this.#world.projects.get(id)!, path, missing: false }
    this.#world.emit({ projects: [moved] })
    return moved
  }
  async saveProject(p: t.Project) {
    const { limits } = this.#world.projects.get(p.id)!
    if (p.limits.memoryMB > made.engine.memoryMB)
      refuse(
        'invalid',
        `A sandbox can't have ${p.limits.memoryMB} MB of memory: the engine has 16 GB.`,
        'Choose less, or give the engine more memory.',
      )
    this.#world.emit({ projects: [p] })
    if (JSON.stringify(limits) !== JSON.stringify(p.limits)) this.#world.oldEnvironment(p.id)
  }
  projectEnvironment = async (id: string) => made.environmentOf(this.#world.projects.get(id)!)
  async setEnvironment(id: string, choice: t.EnvironmentChoice) {
    const p = this.#world.projects.get(id)!
    const environment = choice.never ? p.environment : choice.accept ? p.proposed : (choice.set ?? null)
    const fromFile = choice.accept ? configurationOf(p.proposed) : p.fromFile
    const changed = { ...p, environment, fromFile, noEnvironment: !!choice.never }
    this.#world.emit({ projects: [changed] })
    if (environment !== p.environment) this.#world.oldEnvironment(id)
    return made.environmentOf(changed)
  }
  saveConfiguration = async (id: string) =>
    `${this.#world.projects.get(id)!.path}/.background-agents/config.yaml`
  suggestions = async () => made.suggestions
  async repository(id: string) {
    const p = this.#world.projects.get(id)!
    const special = p.name === 'orchard' ? { dirty: true, submodules: ['vendor/apples'] } : {}
    return { ...made.suggestions[0]!, path: p.path, name: p.name, ...special }
  }
  /** One branch is too old for the list. */
  async refs(_: string, search: string): Promise<t.Refs> {
    if (!search) return made.refs
    const old = 'long-ago/rewrite'
    return { ...made.refs, local: old.includes(search) ? [old] : [], remote: [], tags: [], more: false }
  }
  pickFolder = async () => '/home/ada/code/lantern'

  async create(n: t.NewSession) {
    const s = this.#world.create(n)
    void startUp(this.#world, s.id).then(() => runTurn(this.#world, s.id))
    return s
  }
  retry = async (id: string) => {
    this.#world.change(id, { status: 'starting', error: undefined, interrupted: false, held: false })
    void startUp(this.#world, id).then(() => runTurn(this.#world, id))
  }
  resume = async (id: string) => {
    this.#world.change(id, { status: 'starting', interrupted: false, held: false })
    void startUp(this.#world, id).then(() => runTurn(this.#world, id))
  }
  rename = async (id: string, title: string) => this.#world.change(id, { title, named: true })
  pin = async (id: string, pinned: boolean) => this.#world.change(id, { pinned })
  seen = async (id: string) => this.#world.change(id, { unread: false })
  setOption = async (id: string, option: string, value: string) => {
    const s = this.#world.session(id)
    this.#world.change(id, { options: s.options.map((o) => (o.id === option ? { ...o, value } : o)) })
  }
  setPolicy = async (id: string, policy: t.Policy) => this.#world.change(id, { policy })
  setNetwork = async (id: string, network: t.Network) => this.#world.change(id, { network })
  setHost = async (id: string, rule: t.HostRule) => {
    const host = rule.host.trim().toLowerCase()
    if (!/^(\*\.)?[^\s/.]+\.[^\s/]+$/.test(host))
      refuse(
        'invalid',
        `"${rule.host}" is not a host.`,
        'Write example.com, *.example.com or example.com:8080.',
      )
    this.#world.hosts(id, (hosts) => [...hosts.filter((r) => r.host !== host), { ...rule, host }])
  }
  forgetHost = async (id: string, host: string) =>
    this.#world.hosts(id, (hosts) => hosts.filter((r) => r.host !== host))
  connections = async (id: string) => made.connections(id)
  archive = async (id: string, force: boolean) => {
    if (this.#world.session(id).only && !force)
      refuse('unsaved', 'Only the sandbox has branch feature/login (1 commit).', 'Bring it out first.')
    this.#world.change(id, { status: 'archived', sandbox: 'stopped' })
  }
  unarchive = async (id: string) => this.#world.change(id, { status: 'stopped' })
  unsaved = async (id: string) => {
    await wait(80)
    const s = this.#world.session(id)
    return s.diff.files
      ? [`2 commits on ${s.branch} that are on no other branch`, 'src/session.ts (not committed)']
      : []
  }
  delete = async (id: string) => this.#world.gone(id)

  async prompt(id: string, p: t.NewPrompt) {
    if (p.text.includes('refuse this'))
      refuse('disk_full', 'The disk is almost full.', 'Free some space and send it again.')
    const prompt = this.#world.queue(id, p)
    void runTurn(this.#world, id)
    return prompt
  }
  editPrompt = async (id: string, prompt: string, text: string) =>
    this.#world.prompts(id, (all) => all.map((p) => (p.id === prompt ? { ...p, text } : p)))
  movePrompt = async (id: string, prompt: string, to: number) =>
    this.#world.prompts(id, (all) => {
      const rest = all.filter((p) => p.id !== prompt)
      return [...rest.slice(0, to), all.find((p) => p.id === prompt)!, ...rest.slice(to)]
    })
  cancelPrompt = async (id: string, prompt: string) => {
    const p = this.#world.session(id).prompts.find((o) => o.id === prompt)!
    this.#world.prompts(id, (all) => all.filter((o) => o !== p))
    return p
  }
  attach = async (name: string, mime: string, base64: string) => ({
    name,
    mime,
    size: Math.floor(base64.length * 0.75),
    hash: String(Math.random()),
  })
  stop = async (id: string) => this.#world.stop(id)
  answer = async (id: string, permission: string, option: string) =>
    this.#world.answer(id, permission, option)

  async items(id: string, from: number, limit: number) {
    return this.#world.items(id).slice(from - 1, from - 1 + limit)
  }
  async changed(id: string, since: number, limit: number) {
    return this.#world
      .items(id)
      .filter((it) => it.rev > since)
      .sort((a, b) => a.rev - b.rev)
      .slice(0, limit)
  }
  async outputPage(id: string, item: string, offset: number, limit: number) {
    const line = (n: number) => `${String(n).padStart(7)}  ${item} of ${id}: a line of the whole output\n`
    const all = 40_000
    const from = Math.floor(offset / 60)
    const lines = Math.min(Math.floor(limit / 60), all - from)
    const text = Array.from({ length: lines }, (_, i) => line(from + i)).join('')
    return { text, next: (from + lines) * 60, end: from + lines >= all }
  }

  diff = async (id: string, turn: number) => fileChanges(this.#world.session(id), turn)
  patch = async (_id: string, _turn: number, path: string, o: t.PatchOptions) => patchOf(path, o)
  checkpoint = async (id: string) => {
    await wait(100)
    const s = this.#world.session(id)
    const edited = this.#world
      .items(id)
      .filter((it) => it.turn === s.turns && it.tool?.kind === 'edit').length
    if (!s.workedSince || !edited) return
    const result = { ...s.result, turn: s.turns, files: `live-${s.turns}-${edited}` }
    this.#world.change(id, { result, diff: { files: 3, added: 104, removed: 16 } })
  }
  checkout = async (id: string) => this.#world.session(id).worktree
  restore = async (id: string, turn: number, force: boolean) => {
    if (!force && this.#world.session(id).result.commit)
      refuse(
        'unsaved',
        'This would take 1 commit (a51167d2c9 “Sort what was late”) off the branch.',
        'Push it first.',
      )
    this.#world.notice(id, `The files are again as they were before turn ${turn}.`)
  }
  branches = async (id: string) => this.#world.session(id).only ?? { list: [], more: 0 }
  takeBranch = async (id: string, name: string) => {
    this.#world.change(id, { only: undefined })
    return { name, commit: 'a51167d2c9e0', branch: `agents/${name}` }
  }
  edits = async (id: string) =>
    fileChanges(this.#world.session(id), 1).slice(0, this.#world.session(id).edits)
  undoEdits = async (id: string) => this.#world.change(id, { edits: 0 })
  sendEdits = async (id: string) => {
    this.#world.change(id, { edits: 0 })
    this.#world.notice(id, 'Your changes were given to the agent: 2 files.')
  }
  commit: Backend['commit'] = (id, message) => this.#outward.commit(id, message)
  planPush: Backend['planPush'] = (id, to) => this.#outward.planPush(id, to)
  push: Backend['push'] = (id, yes) => this.#outward.push(id, yes)
  planMerge: Backend['planMerge'] = (id, to) => this.#outward.planMerge(id, to)
  merge: Backend['merge'] = (id, yes) => this.#outward.merge(id, yes)
  planRebase: Backend['planRebase'] = (_, onto) => this.#outward.planRebase(onto)
  rebase: Backend['rebase'] = (id) => this.#outward.rebase(id)
  planPullRequest: Backend['planPullRequest'] = (id, to) => this.#outward.planPullRequest(id, to)
  openPullRequest: Backend['openPullRequest'] = (id, yes) => this.#outward.openPullRequest(id, yes)
  readPullRequest: Backend['readPullRequest'] = (id) => this.#outward.readPullRequest(id)
  declineProposal: Backend['declineProposal'] = (id, item) => this.#outward.declineProposal(id, item)
  answerMissing: Backend['answerMissing'] = (id, item, add) => answerMissing(this.#world, id, item, add)
  forgeLogins: Backend['forgeLogins'] = () => this.#outward.forgeLogins()
  setForgeToken: Backend['setForgeToken'] = (host, token) => this.#outward.setForgeToken(host, token)
  sandbox = async (id: string) => made.sandbox(this.#world.session(id))
  setSecret = async (at: t.SecretScope, name: string, delivery: t.Delivery, value: string) =>
    setSecret(this.#world, at, name, delivery, value)
  markSecret = async (at: t.SecretScope, name: string, mark: t.Mark) =>
    markSecret(this.#world, at, name, mark)
  deleteSecret = async (at: t.SecretScope, name: string) => deleteSecret(this.#world, at, name)
  pasteSecrets = async (at: t.SecretScope, delivery: t.Delivery, text: string) =>
    pasteSecrets(this.#world, at, delivery, text)
  async keychain() {
    await wait(60)
    if (this.#scene === 'nodocker')
      refuse(
        'keychain_locked',
        'The keychain is locked.',
        'Unlock it and try again. Sessions without secrets go on.',
      )
  }
  saveSettings = async (settings: t.Settings) =>
    this.#world.emit({ settings: { ...settings, secrets: this.#world.settings.secrets } })
  agents = async () => [
    ...agents,
    ...this.#world.settings.agents.map((a) => ({ ...a, layer: 'own', own: true })),
  ]
  mounts = async () => mounts
  providers = async () => this.#models.all()
  saveProvider = async (p: t.ProviderConfig) => {
    if (!/^https?:/.test(p.url))
      refuse('invalid', 'The address is not an http or https URL.', 'Give it as https://host/path.')
    this.#models.save(p)
  }
  removeProvider = async (id: string) => this.#models.remove(id)
  setProviderKey = async (id: string, key: string) => this.#models.key(id, key)
  setKeyAddress = async (id: string, address: string) => this.#models.agree(id, address)
  setBudget = async (id: string, budget: t.Budget | null) =>
    this.#world.change(id, { budget: budget ?? undefined })
  today = async () => ({
    day: '2026-11-25',
    use: { requests: 214, input: 2_104_000, output: 88_000, usd: 3.84, estimated: 0 },
  })
  buildImage = async (agent: string) => this.#world.build(agent)
  cancelImage = async (agent: string) => this.#world.emit({ images: [made.missing(agent)] })
  doctor = async () => {
    await wait(120)
    return made.checks(this.#scene === 'nodocker')
  }
  async demo() {
    const p = this.#world.addProject('/home/ada/.local/share/background-agents/sample')
    return this.create({
      ...made.newSession,
      project: p.id,
      title: 'A first look',
      prompt: {
        id: 'demo',
        text: 'Have a look at this project, and add what it is missing to get a newcomer started.',
        attachments: [],
      },
    })
  }
  /** Where nothing can be opened, the console says what would have been. */
  openURL = async (url: string) => console.info('open', url)
  openPath = async (path: string) => console.info('open', path)
  version = async () => ({
    name: 'Background Agents',
    version: '0.1.0',
    commit: 'f80a412c0de',
    home: '/home/ada/.local/share/background-agents',
  })
}
