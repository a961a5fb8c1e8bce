import { failureOf } from '../backend/failure'
import type { Failure } from '../backend/types'

/** A plan that is asked for, shown, and said yes to. */
export class Planned<P> {
  plan = $state.raw<P | null>(null)
  failure = $state.raw<Failure | null>(null)
  going = $state(false)
  #asked = 0

  /** Asks for the plan; one that was asked for before it and comes later is dropped. */
  async ask(plan: () => Promise<P>): Promise<void> {
    const mine = ++this.#asked
    this.failure = null
    try {
      const got = await plan()
      if (mine === this.#asked) this.plan = got
    } catch (e) {
      if (mine === this.#asked) this.failure = failureOf(e)
    }
  }

  /** Does what was planned. It returns undefined where that was refused. */
  async go<T>(work: () => Promise<T>): Promise<T | undefined> {
    this.going = true
    this.failure = null
    try {
      return await work()
    } catch (e) {
      this.failure = failureOf(e)
      return undefined
    } finally {
      this.going = false
    }
  }
}
