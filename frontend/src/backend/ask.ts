// What is given to the application, and what it answers, as backend/session writes it.

import type { Attachment, Network, OptionValue, Policy, Protocol, SandboxState } from './types'

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
  /** The linked worktree that was asked about, or ''. */
  worktree: string
  branch: string
  head: string
  bare: boolean
  remote: string
  /** The paths of HEAD's submodules: their folders are empty in a sandbox. */
  submodules: string[]
  lfs: boolean
  dirty: boolean
}

export interface Refs {
  current: string
  local: string[]
  remote: string[]
  tags: string[]
  /** There are others: a search finds them. */
  more: boolean
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

/** known and more: by their address; login: of another program; own: added by the user; local: on this computer. */
type ProviderKind = 'known' | 'more' | 'login' | 'own' | 'local' | 'demo'

export interface Provider {
  id: string
  name: string
  kind: ProviderKind
  ready: boolean
  source: string
  hint: string
  protocols: Protocol[]
  url: string
  /** Its key is in the keychain, where it can be removed. */
  kept: boolean
  /** The variable of the environment that names the address, '' if it is the provider's own. */
  elsewhere: string
  /** A key that was entered, or of a login, may go there. */
  agreed: boolean
  /** Ids of the agents that may use it; empty for all. */
  agents: string[]
  models: OptionValue[]
}

/** A source of models that the user added. */
export interface ProviderConfig {
  id: string
  name: string
  /** openai or anthropic */
  protocol: string
  url: string
  models: string[]
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

/** What to show: a session, a page of the settings, the check of this computer, or where all are empty a new session. */
export interface Show {
  session: string
  view: '' | 'settings' | 'start'
  page: string
}

/** Why the quick prompt closes: a session was started, the main window is to show something, or (empty) it was cancelled. */
export interface QuickPromptEnd {
  started?: string
  title?: string
  show?: Show
}
