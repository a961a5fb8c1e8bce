// The JSON of backend/session, field for field. A slice is never null here: wails.ts sees to that.

import type { ProviderConfig } from './ask'
import type { AgentConfig } from './agent'
import type { Configuration, Environment, EnvironmentProposal, Limits } from './environment'
import type { Item } from './item'
import type { Merged, PullRequest, Pushed } from './outward'
import type { SecretEntry } from './secret'

export type * from './agent'
export type * from './ask'
export type * from './environment'
export type * from './item'
export type * from './outward'
export type * from './secret'

export type Status = 'starting' | 'idle' | 'working' | 'needs_you' | 'stopped' | 'failed' | 'archived'
export type SandboxState = 'none' | 'preparing' | 'running' | 'paused' | 'stopped' | 'missing' | 'error'
export type Policy = 'ask' | 'allow_edits' | 'allow_all'
export type Network = 'guarded' | 'offline' | 'open'

/** What a user is told: what happened, what to do, and the text of others that the message sums up. */
export interface Failure {
  code: string
  message: string
  hint: string
  details?: string
}

export interface Project {
  id: string
  name: string
  path: string
  defaults: Defaults
  hosts: HostRule[]
  mcp: MCPServer[]
  /** Ids of what of the user's home its sandboxes may read. */
  mounts: string[]
  secrets: SecretEntry[]
  /** What its sandboxes have beside the base image; null: nothing. */
  environment: Environment | null
  /** What its files say it needs; null where they were not read yet. */
  proposed: EnvironmentProposal | null
  /** Its user keeps the base image, and does not want to be asked. */
  noEnvironment: boolean
  /** Of each of its sandboxes; 0 means: as the settings say. */
  limits: Limits
  /** What was accepted last of its configuration file. */
  fromFile: Configuration
  /** Counts the changes: only a change of the newest is saved. */
  rev: number
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

/** The user's word on a host, or with "*." before it on all below it. */
export interface HostRule {
  host: string
  allow: boolean
}

/** A server of the Model Context Protocol: a program in the sandbox, or one that is reached by HTTP. */
export interface MCPServer {
  name: string
  command: string[]
  /** NAME=value, for command. */
  env: string[]
  url: string
  /** Name: value, for url. */
  headers: string[]
}

/** One thing that exists in a sandbox alone. name and detail are in the sandbox's words. */
export interface Only {
  kind: string
  name: string
  detail: string
  /** What takeBranch brings out; '' where it cannot. */
  commit: string
  /** Commits that are nowhere else. */
  count: number
}

export interface OnlyList {
  list: Only[]
  /** How many have no place in the list. */
  more: number
}

/** A branch of an agent's that was brought into the user's repository. */
export interface Taken {
  name: string
  commit: string
  branch: string
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
  /** With needs_you: what it does meanwhile. */
  doing: Status | ''
  /** That wait for an answer. */
  questions: number
  unread: boolean
  queued: boolean
  interrupted: boolean
  pinned: boolean
  held: boolean
  named: boolean
  step: string
  error?: Failure
  sandbox: SandboxState
  /** What of the user's home its container has mounted. */
  mounts: string[]
  conversation: string
  options: Option[]
  commands: Command[]
  images: boolean
  turns: number
  prompts: Prompt[]
  usage: Usage
  /** In place of the settings' for a session. */
  budget?: Budget
  diff: DiffStat
  result: Verified
  edits: number
  /** What the sandbox alone has, as it said last. */
  only?: OnlyList
  pushed?: Pushed
  merged?: Merged
  pullRequest?: PullRequest
  /** What goes out now, in one line; '' for nothing. */
  outgoing: string
  items: number
  rev: number
  secrets: SecretEntry[]
  /** Its sandbox restarts when no turn runs. */
  renew?: boolean
  /** Secrets were changed since its sandbox was started, which has the old ones. */
  outdated: boolean
  /** Environment or limits were changed since the sandbox was started. */
  oldEnvironment: boolean
  timings: Record<string, number>
  createdAt: number
  updatedAt: number
  workedSince: number
  /** When the last turn began or ended; before the first turn, when the session was created. */
  turnedAt: number
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
  requests: number
  /** How many of input and output are estimated: their provider did not tell. */
  estimated: number
}

/** What was asked of models. */
interface Use {
  requests: number
  input: number
  output: number
  usd: number
  estimated: number
}

export interface DayUse {
  day: string
  use: Use
}

/** 0 is no bound. */
export interface Budget {
  usd: number
  tokens: number
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
  connections?: Connection[]
  gone?: string[]
  images?: ImageState[]
  engine?: EngineState
}

/** One row of the ledger: what a sandbox reached, or was kept from. A row of the same id replaces. */
export interface Connection {
  id: number
  session: string
  at: number
  host: string
  port: number
  allowed: boolean
  rule: string
  open: boolean
  end: string
  up: number
  down: number
  millis: number
}

/** What the pump sends: the events of one frame. Numbers rise by one; State() gives the number it is true for. */
export interface Batch {
  seq: number
  events: Event[]
}

export interface ImageState {
  agent: string
  /** Of a project's environment; none for the agent's own image. */
  packages: string[]
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
  /** What it has for all sandboxes together; 0: not known. */
  memoryMB: number
  cpus: number
  error?: Failure
}

export interface Settings {
  /** Counts the changes: only a change of the newest is saved. */
  rev: number
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
  secrets: SecretEntry[]
  providers: ProviderConfig[]
  sessionBudget: Budget
  dayBudget: Budget
  /** The user's own, beside those of the application. */
  agents: AgentConfig[]
}
