import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { failureOf } from './failure'
import { Sequence } from './sequence'
import type { Batch, Event } from './types'

const batch = (seq: number): Batch => ({ seq, events: [{ gone: [`e${seq}`] }] })
const names = (events: Event[]) => events.flatMap((e) => e.gone ?? [])

function setUp(states: (Batch | Error)[]) {
  const applied: string[] = []
  const refused: string[] = []
  const s = new Sequence(
    async () => {
      const next = states.shift()
      if (!next || next instanceof Error) throw next ?? new Error('no more')
      return next
    },
    (events) => applied.push(...names(events)),
    (f) => refused.push(f.message),
  )
  return { s, applied, refused }
}

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

describe('batches', () => {
  it('that overtake each other are applied in order', async () => {
    const { s, applied } = setUp([batch(10)])
    await s.begin()
    for (const n of [13, 11, 12, 15, 14]) s.take(batch(n))
    expect(applied).toEqual(['e10', 'e11', 'e12', 'e13', 'e14', 'e15'])
  })

  it('that came before the state are dropped, those after it kept', async () => {
    const { s, applied } = setUp([batch(10)])
    const begun = s.begin()
    for (const n of [9, 12, 10, 11]) s.take(batch(n))
    await begun
    expect(applied).toEqual(['e10', 'e11', 'e12'])
  })

  it('that come twice are applied once', async () => {
    const { s, applied } = setUp([batch(1)])
    await s.begin()
    for (const n of [2, 2, 3, 2]) s.take(batch(n))
    expect(applied).toEqual(['e1', 'e2', 'e3'])
  })

  it('of which one is missing cost one more state', async () => {
    const { s, applied } = setUp([batch(1), batch(5)])
    await s.begin()
    s.take(batch(3))
    expect(applied).toEqual(['e1'])
    await vi.advanceTimersByTimeAsync(300)
    expect(applied).toEqual(['e1', 'e5'])
    s.take(batch(6))
    expect(applied.at(-1)).toBe('e6')
  })

  it('are waited for no more when a late one closes the gap', async () => {
    const { s, applied } = setUp([batch(1)])
    await s.begin()
    s.take(batch(3))
    s.take(batch(2))
    await vi.advanceTimersByTimeAsync(1000)
    expect(applied).toEqual(['e1', 'e2', 'e3'])
  })

  it('come after a state that was refused first, with the reason told', async () => {
    const { s, applied, refused } = setUp([new Error('locked'), batch(1)])
    await s.begin()
    expect(refused).toEqual(['Something went wrong: locked'])
    await vi.advanceTimersByTimeAsync(2500)
    expect(applied).toEqual(['e1'])
  })

  it('end with close', async () => {
    const { s, applied } = setUp([batch(1)])
    await s.begin()
    s.close()
    s.take(batch(2))
    expect(applied).toEqual(['e1'])
  })
})

it('reads failures in each form in which they come', () => {
  const f = { code: 'conflict', message: 'm', hint: 'h' }
  expect(failureOf(f)).toBe(f)
  expect(failureOf(new Error(JSON.stringify(f)))).toEqual(f)
  expect(failureOf(JSON.stringify(f))).toEqual(f)
  expect(failureOf('boom').code).toBe('internal')
})
