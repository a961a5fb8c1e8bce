// Secrets as backend/session writes them. No answer ever holds a value.

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
  /** Transcripts show it where it occurs: it is too short or too common a word to be told from other text. */
  shown: boolean
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
