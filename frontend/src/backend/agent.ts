// Agents, and what belongs to them, as backend/session writes them.

/** How a provider of models is talked to. */
export type Protocol = 'anthropic' | 'openai'

/** How an agent is told of a provider: the names of variables, empty where the application knows how. */
export interface ModelAccess {
  protocol: Protocol
  baseURL: string
  key: string
  model: string
}

/** An agent of the user's: any program that speaks the Agent Client Protocol. */
export interface AgentConfig {
  id: string
  name: string
  command: string[]
  /** npm, apt or shell. */
  install: string
  package: string
  version: string
  /** NAME=value */
  env: string[]
  models: ModelAccess[]
}

export interface Agent {
  id: string
  name: string
  command: string[]
  layer: string
  models: ModelAccess[]
  own: boolean
}

/** Something of the user's home that a project can let its sandboxes read. */
export interface Mount {
  id: string
  name: string
  path: string
  warning: string
  found: boolean
}
