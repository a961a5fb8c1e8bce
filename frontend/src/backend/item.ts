// Items of a transcript, as backend/session writes them.

import type { Attachment, DiffStat, Failure, Proposal } from './types'

export type Kind =
  'prompt' | 'message' | 'thought' | 'tool' | 'plan' | 'permission' | 'proposal' | 'notice' | 'phase' | 'turn'

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
