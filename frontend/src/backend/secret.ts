// Secrets as backend/session writes them. No answer ever holds a value.

/** What the user said of a secret: not one, or one though it looks ordinary. */
export type Mark = 'plain' | 'hidden'

export type Delivery = 'env' | 'file'

/** Whose a secret is: with neither field every session's. */
export interface SecretScope {
  project: string
  session: string
}

export interface SecretEntry {
  project?: string
  session?: string
  name: string
  delivery: Delivery
  updatedAt: number
  /** Transcripts show it, and commits with it may be pushed: it looks ordinary, or the user said that it is not a secret. */
  shown: boolean
  marked?: Mark
}

/** A line of a .env text that became no secret. */
export interface Skipped {
  line: number
  name: string
  reason: string
}

export interface Pasted {
  set: SecretEntry[]
  skipped: Skipped[]
}
