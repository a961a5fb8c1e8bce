import { describe, expect, it } from 'vitest'
import { Rows } from './virtual'

const make = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => ({ key: `k${from + i}` }))

/** What the class must agree with, worked out the slow way. */
function check(list: Rows<{ key: string }>, heights: Map<string, number>) {
  let y = 0
  list.rows.forEach((r, i) => {
    expect(list.offset(i)).toBeCloseTo(y)
    y += heights.get(r.key) ?? 30
  })
  expect(list.total).toBeCloseTo(y)
}

describe('rows of unlike height', () => {
  it('keep their heights when others come before, behind, between, or go', () => {
    const list = new Rows<{ key: string }>(() => 30)
    const heights = new Map<string, number>()
    const measure = (i: number, h: number) => {
      list.measure(i, h)
      heights.set(list.rows[i]!.key, h)
    }
    const rows = make(100, 200)
    list.set(rows)
    check(list, heights)
    measure(3, 77)
    measure(99, 12)
    check(list, heights)
    const more = [...make(0, 100), ...rows, ...make(200, 1000)]
    list.set(more)
    check(list, heights)
    measure(500, 5)
    list.set(more.filter((_, i) => i % 3))
    check(list, heights)
    list.set([])
    expect(list.range(0, 100)).toEqual([0, 0])
    list.set(make(0, 5))
    check(list, heights)
  })

  it('say which are in view', () => {
    const list = new Rows<{ key: string }>(() => 10)
    list.set(make(0, 100))
    expect(list.range(95, 125)).toEqual([9, 13])
    expect(list.range(-50, 5)).toEqual([0, 1])
    expect(list.range(5000, 9000)).toEqual([99, 100])
    expect([list.at(0), list.at(9.9), list.at(10), list.at(1e9)]).toEqual([0, 0, 1, 99])
  })

  it('are found after a page came before them', () => {
    const list = new Rows<{ key: string }>(() => 10)
    list.set(make(0, 100))
    expect(list.find('k40', 41)).toBe(40)
    expect(list.find('k90', 0)).toBe(90)
    expect(list.find('none', 5)).toBe(-1)
  })

  it('stay cheap with 50,000: a page before, a height measured, a place found', () => {
    const list = new Rows<{ key: string }>(() => 30)
    let rows = make(0, 200)
    const started = performance.now()
    for (let page = 1; page <= 250; page++) {
      rows = [...make(page * 200, (page + 1) * 200), ...rows]
      list.set(rows)
      list.measure(10, 40 + page)
      list.at(list.total / 2)
    }
    expect(rows.length).toBe(50_200)
    // The slow way takes minutes; the bound is wide for a machine that does other things.
    expect(performance.now() - started).toBeLessThan(5000)
  })
})
