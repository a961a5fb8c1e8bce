import { SvelteMap } from 'svelte/reactivity'
import type { Backend } from '../backend/backend'
import type { Connection } from '../backend/types'

/** Rows held for the session in view; the oldest go first. */
const most = 500

/** What the sandbox of one session reached, or was kept from. put is called by Store.apply alone. */
export class Ledger {
  session = ''
  readonly #rows = new SvelteMap<number, Connection>()

  constructor(private backend: Backend) {}

  get rows(): Connection[] {
    return [...this.#rows.values()].sort((a, b) => b.id - a.id)
  }

  /** Reads a session's newest rows. */
  async open(session: string): Promise<void> {
    if (session !== this.session) this.#rows.clear()
    this.session = session
    for (const c of await this.backend.connections(session, most)) this.put(c)
  }

  put(c: Connection): void {
    if (c.session !== this.session) return
    this.#rows.set(c.id, c)
    if (this.#rows.size > most) this.#rows.delete(Math.min(...this.#rows.keys()))
  }
}
