import { failureOf } from './failure'
import type { Batch, Event, Failure } from './types'

/** How long a missing batch is waited for, and how many may wait for it, before the whole state is asked again. */
const patience = 250
const maxHeld = 500
/** How long after a refusal the state is asked for again. */
const again = 2000

/**
 * Puts batches back in order. The development server sends each event from a goroutine of its own, so they overtake
 * each other; a batch that does not come at all costs one more State().
 */
export class Sequence {
  #next = 0
  #held = new Map<number, Event[]>()
  #asking = false
  #timer: ReturnType<typeof setTimeout> | undefined
  #closed = false

  constructor(
    private state: () => Promise<Batch>,
    private apply: (events: Event[], seq: number) => void,
    private refused: (failure: Failure) => void,
  ) {}

  /** Asks for the whole state, again and again until there is one. */
  async begin(): Promise<void> {
    if (this.#asking || this.#closed) return
    this.#asking = true
    clearTimeout(this.#timer)
    try {
      const batch = await this.state()
      this.#asking = false
      if (this.#closed) return
      this.#next = batch.seq + 1
      this.apply(batch.events, batch.seq)
      this.#drain()
    } catch (e) {
      this.#asking = false
      if (this.#closed) return
      this.refused(failureOf(e))
      this.#timer = setTimeout(() => void this.begin(), again)
    }
  }

  take(batch: Batch): void {
    if (this.#closed || batch.seq < this.#next) return
    this.#held.set(batch.seq, batch.events)
    if (!this.#asking) this.#drain()
    if (this.#held.size > maxHeld) {
      this.#held.clear()
      void this.begin()
    }
  }

  close(): void {
    this.#closed = true
    clearTimeout(this.#timer)
  }

  #drain(): void {
    clearTimeout(this.#timer)
    for (const seq of this.#held.keys()) if (seq < this.#next) this.#held.delete(seq)
    for (let events = this.#held.get(this.#next); events; events = this.#held.get(this.#next)) {
      const seq = this.#next++
      this.#held.delete(seq)
      this.apply(events, seq)
    }
    if (this.#held.size) this.#timer = setTimeout(() => void this.begin(), patience)
  }
}
