/** What a project's sandboxes set and run beside their tools. */
export interface Configuration {
  /** NAME=value. */
  variables?: string[]
  setup?: string[]
  start?: string[]
  run?: string[]
  test?: string[]
  archive?: string[]
}

/** The project's .background-agents/config.yaml. With problems, nothing of it is used. */
interface ConfigFile {
  path: string
  hash: string
  /** Of its keys. */
  lines: Record<string, number>
  problems: { line: number; text: string }[]
}

/** What a project's sandboxes have beside the base image. */
export interface Environment extends Configuration {
  tools: Toolchain[]
  packages: string[]
}

/** What one sandbox may use. /tmp is part of its memory. */
export interface Limits {
  memoryMB: number
  cpus: number
  tmpMB: number
}

export interface Toolchain {
  name: string
  version: string
}

/** What a project's files say it needs. Its hash names what a yes is for. */
export interface EnvironmentProposal extends Environment {
  hash: string
  commit: string
  reasons: NeedReason[]
  parts: ProjectPart[]
  unknown: (NeedReason & { why: string })[]
  config?: ConfigFile | null
}

export interface NeedReason {
  /** A tool's name, or a Debian package. */
  tool: string
  wanted: string
  rule: 'pin' | 'minimum' | 'any'
  path: string
  line: number
}

export interface ProjectPart {
  dir: string
  kind: string
  install: string
  test: string
}

/** accepted is null where sandboxes have the base image alone. */
export interface ProjectEnvironment extends EnvironmentProposal {
  accepted: Environment | null
  never: boolean
  /** What each of its sandboxes gets. */
  limits: Limits
  /** The proposal waits for an answer. */
  open: boolean
  /** Tools that were never fetched from their makers when this version was tested. */
  untried: Toolchain[]
}

/** What the user says to a proposal: one of these. */
export interface EnvironmentChoice {
  accept?: string
  set?: Environment
  never?: boolean
}
