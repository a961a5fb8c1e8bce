// The JSON of backend/session, field for field. A slice is never null here: wails.ts sees to that.

export type Status = 'starting' | 'idle' | 'working' | 'needs_you' | 'stopped' | 'failed' | 'archived'
export type SandboxState = 'none' | 'preparing' | 'running' | 'paused' | 'stopped' | 'missing' | 'error'
export type Policy = 'ask' | 'allow_edits' | 'allow_all'
export type Network = 'guarded' | 'offline' | 'open'

/** What a user is told: what happened, and what to do. */
export interface Failure {
  code: string
  message: string
  hint: string
}

export interface Project {
  id: string
  name: string
  path: string
  defaults: Defaults
  missing: boolean
  createdAt: number
}

export interface Defaults {
  agent: string
  model: string
  effort: string
  mode: string
  policy: Policy | ''
  network: Network | ''
}

export interface Session {
  id: string
  project: string
  title: string
  agent: string
  model: string
  effort: string
  mode: string
  policy: Policy
  network: Network
  baseRef: string
  baseCommit: string
  branch: string
  worktree: string
  status: Status
  unread: boolean
  queued: boolean
  interrupted: boolean
  pinned: boolean
  held: boolean
  named: boolean
  step: string
  error?: Failure
  sandbox: SandboxState
  conversation: string
  options: Option[]
  commands: Command[]
  images: boolean
  turns: number
  prompts: Prompt[]
  usage: Usage
  diff: DiffStat
  result: Verified
  edits: number
  items: number
  rev: number
  timings: Record<string, number>
  createdAt: number
  updatedAt: number
  workedSince: number
}

export interface Option {
  id: string
  name: string
  category: string
  value: string
  choices: OptionValue[]
}

export interface OptionValue {
  value: string
  name: string
  description?: string
}

export interface Command {
  name: string
  description: string
  hint?: string
}

export interface Usage {
  contextUsed: number
  contextSize: number
  input: number
  output: number
  cost: number
  currency: string
}

export interface DiffStat {
  files: number
  added: number
  removed: number
}

export interface Verified {
  turn: number
  commit: string
  files: string
  risky: string[]
}

export interface Prompt {
  id: string
  text: string
  attachments: Attachment[]
  at: number
  sent: boolean
}

export interface Attachment {
  name: string
  mime: string
  size: number
  hash: string
}

export type Kind =
  'prompt' | 'message' | 'thought' | 'tool' | 'plan' | 'permission' | 'notice' | 'phase' | 'turn'

export interface Item {
  session: string
  id: string
  seq: number
  rev: number
  kind: Kind
  turn: number
  parent?: string
  at: number
  doneAt: number
  text: string
  size: number
  prompt?: { id: string; attachments: Attachment[] }
  tool?: Tool
  plan?: PlanEntry[]
  permission?: Permission
  phase?: Phase
  result?: TurnResult
  error?: Failure
}

export type ToolStatus = 'pending' | 'running' | 'completed' | 'failed'

export interface Tool {
  title: string
  kind: string
  status: ToolStatus
  paths: string[]
  input?: unknown
  edits: FileEdit[]
}

export interface FileEdit {
  path: string
  added: number
  removed: number
}

export interface PlanEntry {
  text: string
  status: string
  priority: string
}

export interface Permission {
  id: string
  title: string
  tool?: string
  detail: string
  options: PermissionOption[]
  answer: string
  by: string
}

export interface PermissionOption {
  id: string
  name: string
  kind: string
}

export interface Phase {
  name: string
  status: string
  millis: number
}

export interface TurnResult {
  stop: string
  millis: number
  commit: string
  files: string
  diff: DiffStat
  tools: number
  tokens: number
}

/** Appends text to an item that is held at revision prev, and brings it to rev. */
export interface Delta {
  session: string
  item: string
  prev: number
  rev: number
  text: string
  size: number
}

export interface Event {
  state?: boolean
  settings?: Settings
  projects?: Project[]
  sessions?: Session[]
  items?: Item[]
  deltas?: Delta[]
  gone?: string[]
  image?: ImageState
  engine?: EngineState
}

/** What the pump sends: the events of one frame. Numbers rise by one; State() gives the number it is true for. */
export interface Batch {
  seq: number
  events: Event[]
}

export interface ImageState {
  agent: string
  name: string
  status: string
  step: string
  done: number
  total: number
  size: number
  started: number
  millis: number
  log: string
  error?: Failure
}

export interface EngineState {
  ok: boolean
  name: string
  host: string
  error?: Failure
}

export interface Settings {
  concurrency: number
  idleMinutes: number
  branchPrefix: string
  worktreeDir: string
  agent: string
  policy: Policy
  network: Network
  memoryMB: number
  cpus: number
  pids: number
  theme: string
  density: string
  fontSize: number
}

export interface NewPrompt {
  id: string
  text: string
  attachments: Attachment[]
}

export interface NewSession {
  project: string
  title: string
  agent: string
  model: string
  effort: string
  mode: string
  policy: Policy | ''
  network: Network | ''
  base: string
  branch: string
  prompt: NewPrompt
}

export interface Repository {
  path: string
  name: string
  branch: string
  head: string
  bare: boolean
  remote: string
  submodules: boolean
  lfs: boolean
  dirty: boolean
}

export interface Refs {
  current: string
  local: string[]
  remote: string[]
  tags: string[]
}

export interface FileChange {
  path: string
  old: string
  status: string
  added: number
  removed: number
  binary: boolean
  risk: string
}

export interface PatchOptions {
  context: number
  ignoreWhitespace: boolean
}

export interface Patch {
  path: string
  hunks: Hunk[]
  binary: boolean
  truncated: boolean
}

export interface Hunk {
  oldStart: number
  oldLines: number
  newStart: number
  newLines: number
  heading: string
  lines: string[]
}

export interface Agent {
  id: string
  name: string
  command: string[]
  layer: string
}

export interface Provider {
  id: string
  name: string
  ready: boolean
  source: string
  hint: string
  models: OptionValue[]
}

export interface Check {
  id: string
  title: string
  status: string
  found: string
  hint: string
  needed: boolean
}

export interface Sandbox {
  session: string
  project: string
  state: SandboxState
  container: string
  image: string
  volumes: string[]
  exitCode: number
  oomKilled: boolean
  createdAt: number
  startedAt: number
  memoryMB: number
  cpu: number
  limitMB: number
}

/** One page of an item's whole text. next is the byte to go on from; end says that there is no more. */
export interface OutputPage {
  text: string
  next: number
  end: boolean
}

export interface Version {
  name: string
  version: string
  commit: string
  home: string
}

/** What to show: a session, or the quick prompt, or where both are empty the new session. */
export interface Show {
  session: string
  spawn: boolean
}
