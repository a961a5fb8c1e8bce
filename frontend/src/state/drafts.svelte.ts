import type { Attachment } from '../backend/types'
import { Kept } from './kept.svelte'

export interface Draft {
  text: string
  attachments: Attachment[]
}

/** Drafts and sent prompts kept; of each the oldest go first. */
const maxDrafts = 200
const maxSent = 100

/** What is written and not sent yet, per session ('new' for a session to be made), and what was sent before. */
export class Drafts {
  #drafts: Kept<{ all: Record<string, Draft> }>
  #sent: Kept<{ all: string[] }>

  /** Each window keeps its own under a prefix: one would overwrite the other's. */
  constructor(prefix = '') {
    this.#drafts = new Kept(`${prefix}drafts`, { all: {} })
    this.#sent = new Kept(`${prefix}sent`, { all: [] })
  }

  of(id: string): Draft {
    return this.#drafts.value.all[id] ?? { text: '', attachments: [] }
  }

  set(id: string, draft: Partial<Draft>): void {
    const all = this.#drafts.value.all
    const next = { ...this.of(id), ...draft }
    if (next.text || next.attachments.length) all[id] = next
    else delete all[id]
    const ids = Object.keys(all)
    if (ids.length > maxDrafts) delete all[ids[0]!]
    this.#drafts.save()
  }

  /** Adds text after what is written already. */
  add(id: string, text: string): void {
    const now = this.of(id).text
    this.set(id, { text: now && !now.endsWith('\n') ? `${now}\n${text}` : now + text })
  }

  sent(text: string): void {
    if (!text.trim()) return
    this.#sent.value.all = [...this.#sent.value.all.filter((t) => t !== text), text].slice(-maxSent)
    this.#sent.save()
  }

  get history(): string[] {
    return this.#sent.value.all
  }

  flush(): void {
    this.#drafts.flush()
    this.#sent.flush()
  }
}
