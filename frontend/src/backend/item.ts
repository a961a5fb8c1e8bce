// Items of a transcript, as backend/session writes them.

import type { Toolchain } from './environment'
import type { Attachment, DiffStat, Failure, Proposal } from './types'

export type Kind =
  | 'prompt'
  | 'message'
  | 'thought'
  | 'tool'
  | 'plan'
  | 'permission'
  | 'proposal'
  | 'missing'
  | 'notice'
  | 'phase'
  | 'turn'

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
  proposal?: Proposal
  missing?: MissingTool
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

/** A command that the sandbox lacks, and what would be added for it. */
export interface MissingTool {
  command: string
  /** The least version, where an older one is there. */
  wanted: string
  label: string
  /** Without a name: packages. */
  tool: Toolchain
  packages: string[]
  /** The file and line of the project that asks for it. */
  from: string
  evidence: string
  answer: '' | 'added' | 'declined'
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
