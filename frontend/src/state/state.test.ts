import { describe, expect, it } from 'vitest'
import type { Backend } from '../backend/backend'
import * as made from '../backend/fake/made'
import type { Item, Prompt, Session } from '../backend/types'
import { blockOf, RowBuilder, rowsOfTurn } from '../transcript/rows'
import { grouped, groupOf, matches, type Group } from './groups'
import { busySince, lookOf, nextPrompt, queue } from './status'
import { Store } from './store.svelte'
import { Cell } from './transcript.svelte'

const session = (s: Partial<Session>): Session => ({ ...made.session, id: 'a', turnedAt: 1000, ...s })
const item = (seq: number, rev: number, text = '', more: Partial<Item> = {}): Item => ({
  session: 'a',
  id: `i${seq}`,
  seq,
  rev,
  kind: 'message',
  turn: 1,
  at: 0,
  doneAt: 0,
  text,
  size: text.length,
  ...more,
})

/** A backend that has these items, and counts what it is asked. A page of it has no more than `most`. */
function holding(items: Item[], most = Infinity) {
  const asked: string[] = []
  const backend = {
    items: async (_: string, from: number, limit: number) => {
      asked.push(`items ${from}`)
      return items.filter((i) => i.seq >= from).slice(0, Math.min(limit, most))
    },
    changed: async (_: string, since: number, limit: number) => {
      asked.push(`changed ${since}`)
      return items
        .filter((i) => i.rev > since)
        .sort((a, b) => a.rev - b.rev)
        .slice(0, Math.min(limit, most))
    },
  } as unknown as Backend
  return { backend, asked, items }
}

const settle = () => new Promise((done) => setTimeout(done, 5))

describe('the store', () => {
  it('forgets what is not in the whole state', () => {
    const store = new Store(holding([]).backend)
    store.apply({
      state: true,
      sessions: [session({ id: 'a' }), session({ id: 'b' })],
      projects: [made.project('/x')],
    })
    store.apply({ state: true, sessions: [session({ id: 'b' })] })
    expect([...store.sessions.keys()]).toEqual(['b'])
    expect(store.projects.size).toBe(0)
  })

  it('drops what is gone', () => {
    const store = new Store(holding([]).backend)
    store.apply({ state: true, sessions: [session({ id: 'a' })] })
    store.apply({ gone: ['a'] })
    expect(store.sessions.size).toBe(0)
  })
})

describe('a transcript', () => {
  const text = (store: Store) => store.transcript('a').order.map((c) => c.item.text)

  it('applies a delta on the revision it follows', async () => {
    const { backend } = holding([item(1, 1, 'a')])
    const store = new Store(backend)
    await store.transcript('a').open(1)
    store.apply({ deltas: [{ session: 'a', item: 'i1', prev: 1, rev: 2, text: 'b', size: 2 }] })
    store.apply({ deltas: [{ session: 'a', item: 'i1', prev: 1, rev: 2, text: 'b', size: 2 }] })
    expect(text(store)).toEqual(['ab'])
  })

  it('draws the words that are added to a paragraph', async () => {
    const store = new Store(holding([item(1, 1, 'I')]).backend)
    const t = store.transcript('a')
    await t.open(1)
    const rows = new RowBuilder(t).build(() => undefined)
    const drawn = () => rows.map((r) => (r.type === 'block' ? blockOf(r)?.token.raw : '')).join('')
    expect(drawn()).toBe('I')
    store.apply({ deltas: [{ session: 'a', item: 'i1', prev: 1, rev: 2, text: ' sleep', size: 7 }] })
    expect(drawn()).toBe('I sleep')
  })

  it('keeps what is added to an item that is being asked for', async () => {
    const held = holding([item(1, 1, 'a')])
    const store = new Store(held.backend)
    await store.transcript('a').open(1)
    held.items.push(item(2, 2, 'b'), item(3, 3, 'c'))
    store.apply({ items: [item(3, 3, 'c')] }) // the one before is missing, and asked for
    held.items[2] = item(3, 4, 'cd')
    store.apply({ deltas: [{ session: 'a', item: 'i3', prev: 3, rev: 4, text: 'd', size: 2 }] })
    await settle()
    expect(text(store)).toEqual(['a', 'b', 'cd'])
  })

  it('asks again when a delta is missing', async () => {
    const held = holding([item(1, 1, 'a')])
    const store = new Store(held.backend)
    await store.transcript('a').open(1)
    held.items[0] = item(1, 4, 'abcd')
    store.apply({ deltas: [{ session: 'a', item: 'i1', prev: 3, rev: 4, text: 'd', size: 4 }] })
    await settle()
    expect(text(store)).toEqual(['abcd'])
    expect(held.asked).toContain('changed 1')
  })

  it('keeps what comes while the first page is on its way', async () => {
    const { backend } = holding([item(1, 1, 'a')])
    const store = new Store(backend)
    const opening = store.transcript('a').open(1)
    store.apply({
      items: [item(2, 2, 'b')],
      deltas: [{ session: 'a', item: 'i1', prev: 1, rev: 3, text: '!', size: 2 }],
    })
    await opening
    expect(text(store)).toEqual(['a!', 'b'])
  })

  it('fills a gap of items', async () => {
    const held = holding([item(1, 1, 'a')])
    const store = new Store(held.backend)
    await store.transcript('a').open(1)
    held.items.push(item(2, 2, 'b'), item(3, 3, 'c'))
    store.apply({ items: [item(3, 3, 'c')] })
    await settle()
    expect(text(store)).toEqual(['a', 'b', 'c'])
  })

  it('fills a gap though a later item changed first', async () => {
    const held = holding([item(1, 1, 'a')])
    const store = new Store(held.backend)
    await store.transcript('a').open(1)
    held.items.push(item(2, 9, 'b'), item(3, 3, 'c'))
    await store.transcript('a').open(3)
    expect(text(store)).toEqual(['a', 'b', 'c'])
  })

  it('never takes an older value', async () => {
    const { backend } = holding([item(1, 5, 'new')])
    const store = new Store(backend)
    await store.transcript('a').open(1)
    store.apply({ items: [item(1, 4, 'old')] })
    expect(text(store)).toEqual(['new'])
  })

  it('reads earlier pages up to the first item', async () => {
    const { backend } = holding(Array.from({ length: 1000 }, (_, i) => item(i + 1, i + 1, String(i))))
    const store = new Store(backend)
    const t = store.transcript('a')
    await t.open(1000)
    expect([t.first, t.last]).toEqual([801, 1000])
    while (t.first > 1) await t.earlier()
    expect(t.order.map((c) => c.item.seq)).toEqual(Array.from({ length: 1000 }, (_, i) => i + 1))
  })

  it('reads on where a page is short because its items are large', async () => {
    const held = holding(
      Array.from({ length: 1000 }, (_, i) => item(i + 1, i + 1, String(i))),
      7,
    )
    const store = new Store(held.backend)
    const t = store.transcript('a')
    await t.open(1000)
    expect([t.first, t.last]).toEqual([801, 1000])
    while (t.first > 1) await t.earlier()
    for (const it of held.items.slice(900)) Object.assign(it, { rev: it.rev + 1000, text: 'new' })
    await t.open(1000)
    expect(t.order.map((c) => c.item.seq)).toEqual(Array.from({ length: 1000 }, (_, i) => i + 1))
    expect(t.order.filter((c) => c.item.text === 'new').length).toBe(100)
  })

  it('catches up after it was out of view', async () => {
    const held = holding([item(1, 1, 'a')])
    const store = new Store(held.backend)
    await store.transcript('a').open(1)
    held.items[0] = item(1, 7, 'abc')
    for (let i = 2; i <= 450; i++) held.items.push(item(i, 10 + i, String(i)))
    await store.transcript('a').open(450)
    expect(store.transcript('a').last).toBe(450)
    expect(text(store)[0]).toBe('abc')
  })
})

describe('rows of a turn', () => {
  const cell = (seq: number, kind: Item['kind'], more: Partial<Item> = {}) =>
    new Cell(item(seq, seq, 'words', { kind, doneAt: 1, ...more }))
  const tool = { title: 't', kind: 'read', status: 'completed' as const, paths: [], edits: [] }
  const turn = [
    cell(1, 'prompt'),
    cell(2, 'thought'),
    cell(3, 'tool', { tool }),
    cell(4, 'message', { parent: 'i3' }),
    cell(5, 'message'),
    cell(6, 'tool', { tool }),
    cell(7, 'message'),
    cell(8, 'turn', {
      result: {
        stop: 'end_turn',
        millis: 1,
        commit: '',
        files: '',
        diff: { files: 0, added: 0, removed: 0 },
        tools: 2,
        tokens: 0,
      },
    }),
  ]
  const kinds = (cells: Cell[], open: string[] = []) =>
    rowsOfTurn(cells, (k) => open.includes(k) || undefined).map((r) => r.type)

  it('fold to the prompt, the last words and the result', () => {
    expect(kinds(turn)).toEqual(['prompt', 'worked', 'block', 'turn'])
  })
  it('keep a question open that outlives the turn', () => {
    const permission = { id: 'host:1', title: '', detail: '', options: [], answer: '', by: '' }
    const asked = (p: object) => [
      ...turn.slice(0, 6),
      cell(9, 'permission', { permission: p as never }),
      ...turn.slice(6),
    ]
    expect(kinds(asked(permission))).toEqual(['prompt', 'worked', 'permission', 'block', 'turn'])
    expect(kinds(asked({ ...permission, answer: 'once' }))).toEqual(['prompt', 'worked', 'block', 'turn'])
  })
  it('keep a proposal that nobody answered', () => {
    const proposal = { id: 'p', title: '', base: '', draft: false, body: '', answer: '', url: '' }
    const asked = (p: object) => [
      ...turn.slice(0, 3),
      cell(9, 'proposal', { proposal: p as never }),
      ...turn.slice(3),
    ]
    expect(kinds(asked(proposal))).toEqual(['prompt', 'worked', 'proposal', 'block', 'turn'])
    expect(kinds(asked({ ...proposal, answer: 'declined' }))).toEqual(['prompt', 'worked', 'block', 'turn'])
  })
  it('keep a missing tool that nobody answered', () => {
    const asked = (answer: string) => [
      ...turn.slice(0, 3),
      cell(9, 'missing', { missing: { answer } as never }),
      ...turn.slice(3),
    ]
    expect(kinds(asked(''))).toEqual(['prompt', 'worked', 'missing', 'block', 'turn'])
    expect(kinds(asked('declined'))).toEqual(['prompt', 'worked', 'block', 'turn'])
  })
  it('keep what the agent said last in a turn that was stopped', () => {
    const stopped = [...turn.slice(0, 6), turn[7]!] // it ends with a tool call
    expect(kinds(stopped)).toEqual(['prompt', 'worked', 'block', 'turn'])
    const parts = [...turn.slice(0, 5), cell(10, 'message'), turn[5]!, turn[7]!]
    expect(kinds(parts)).toEqual(['prompt', 'worked', 'block', 'block', 'turn'])
    expect(kinds([turn[0]!, turn[1]!, turn[2]!, turn[7]!])).toEqual(['prompt', 'worked', 'turn'])
  })
  it('show all when opened, the subagent only when asked for', () => {
    expect(kinds(turn, ['worked:i8'])).toEqual([
      'prompt',
      'worked',
      'thought',
      'tool',
      'block',
      'tool',
      'block',
      'turn',
    ])
    expect(kinds(turn, ['worked:i8', 'sub:i3'])).toEqual([
      'prompt',
      'worked',
      'thought',
      'tool',
      'block',
      'block',
      'tool',
      'block',
      'turn',
    ])
  })
  it('show all while the turn runs', () => {
    expect(kinds(turn.slice(0, 7))).toEqual(['prompt', 'thought', 'tool', 'block', 'tool', 'block'])
  })
  it('gather the phases of a start', () => {
    const phase = (name: string) => ({ phase: { name, status: 'done', millis: 1 } as never })
    expect(
      kinds([cell(1, 'phase', phase('clone')), cell(2, 'phase', phase('agent')), cell(3, 'prompt')]),
    ).toEqual(['startup', 'prompt'])
  })
  it('are one startup for each attempt', () => {
    const phase = (name: string, status: string, seq: number) =>
      cell(seq, 'phase', { phase: { name, status, millis: 1 } as never })
    const attempts = [
      phase('clone', 'done', 1),
      phase('setup', 'failed', 2),
      phase('setup', 'failed', 3),
      phase('setup', 'running', 4),
    ]
    const rows = rowsOfTurn(attempts, () => undefined)
    expect(rows.map((r) => r.type === 'startup' && [r.cells.length, r.past ?? false])).toEqual([
      [2, true],
      [1, true],
      [1, false],
    ])
  })
  it('keep what comes after the end', () => {
    expect(kinds([...turn, cell(9, 'notice')])).toEqual(['prompt', 'worked', 'block', 'turn', 'notice'])
  })
})

const waiting: Prompt = { id: 'p1', text: 'one', attachments: [], at: 2000, sent: false }

describe('the queue', () => {
  const two = { ...waiting, id: 'p2' }
  const shown = (s: Partial<Session>) => {
    const it = session({ prompts: [waiting, two], ...s })
    return [
      nextPrompt(it)?.id ?? '',
      queue(it)
        .map((p) => p.id)
        .join(' '),
      lookOf(it).text,
    ]
  }
  it.each([
    ['a first start', { status: 'starting' }, ['p1', 'p2', 'Starting']],
    ['a start with a question', { status: 'needs_you', doing: 'starting' }, ['p1', 'p2', 'Needs you']],
    ['a wait for a slot', { status: 'starting', queued: true }, ['p1', 'p2', 'Queued']],
    ['a prompt on its way', { status: 'working' }, ['p1', 'p2', 'Working']],
    [
      'a turn',
      { status: 'working', workedSince: 1, prompts: [{ ...waiting, sent: true }, two] },
      ['', 'p2', 'Working'],
    ],
    ['a stop', { status: 'idle', held: true }, ['', 'p1 p2', 'Queue held']],
    ['an archived session', { status: 'archived', held: true }, ['', 'p1 p2', 'Archived']],
  ] as [string, Partial<Session>, string[]][])('in %s', (_, s, want) => expect(shown(s)).toEqual(want))

  it('tells since when the session is busy', () => {
    const since = (s: Partial<Session>) => busySince(session({ prompts: [waiting], ...s }))
    expect(since({ status: 'working', workedSince: 5000 })).toBe(5000)
    expect(since({ status: 'starting' })).toBe(2000)
    expect(since({ status: 'working', turnedAt: 3000 })).toBe(3000) // between two turns
    expect(since({ status: 'starting', prompts: [] })).toBe(0)
    expect(since({ status: 'idle', workedSince: 5000 })).toBe(0)
  })
})

describe('groups', () => {
  const now = 1000 + 60_000
  it.each([
    [{ status: 'needs_you' }, 'needs'],
    [{ status: 'needs_you', doing: 'idle' }, 'needs'],
    [{ status: 'failed' }, 'needs'],
    [{ status: 'stopped', interrupted: true }, 'needs'],
    [{ status: 'idle', held: true, prompts: [waiting] }, 'needs'],
    [{ status: 'idle', held: true }, 'idle'],
    [{ status: 'starting', queued: true }, 'working'],
    [{ status: 'idle', diff: { files: 1, added: 1, removed: 0 } }, 'ready'],
    [{ status: 'idle' }, 'idle'],
    [{ status: 'stopped', turnedAt: now - 8 * 86_400_000 }, 'older'],
    [{ status: 'stopped', turnedAt: now - 8 * 86_400_000, pinned: true }, 'idle'],
    [{ status: 'archived', interrupted: true }, 'archived'],
  ] as [Partial<Session>, string][])('%o is under %s', (s, group) =>
    expect(groupOf(session(s), now)).toBe(group),
  )

  const ids = (all: Session[], group: Group) =>
    grouped(all, now)
      .get(group)!
      .map((s) => s.id)

  it('put pinned sessions first, then the newest', () => {
    const all = [
      session({ id: 'old', createdAt: 1, turnedAt: 9 }),
      session({ id: 'new', createdAt: 9, turnedAt: 1 }),
      session({ id: 'pin', createdAt: 0, pinned: true }),
    ]
    expect(ids(all, 'idle')).toEqual(['pin', 'new', 'old'])
  })
  it('keep their order whatever their sessions do', () => {
    const work = { status: 'working' as const, workedSince: now }
    const all = [3, 2, 1].map((n) => session({ id: `s${n}`, createdAt: n, ...work }))
    const changes: Partial<Session>[] = [
      { updatedAt: now },
      { turnedAt: now },
      { step: 'make test', rev: 9 },
      { unread: true },
      { unread: false },
      { diff: { files: 1, added: 1, removed: 0 } },
    ]
    for (const change of changes)
      for (const i of all.keys()) {
        const changed = all.map((s, n) => (n === i ? { ...s, ...change } : s))
        expect(ids(changed.reverse(), 'working')).toEqual(['s3', 's2', 's1'])
      }
  })
  it('are searched by every word', () => {
    const s = session({ title: 'Fix the login', branch: 'agents/fix' })
    expect([matches(s, 'shop', 'LOGIN shop'), matches(s, 'shop', 'login other'), matches(s, '', '')]).toEqual(
      [true, false, true],
    )
  })
  it('have a look each', () => {
    expect(lookOf(session({ status: 'working', queued: true })).glyph).toBe('clock')
    expect(lookOf(session({ status: 'stopped', interrupted: true })).glyph).toBe('broken')
    expect(lookOf(session({ status: 'needs_you', doing: 'idle', interrupted: true })).glyph).toBe('bang')
    expect(lookOf(session({ status: 'idle', diff: { files: 1, added: 1, removed: 0 } })).tone).toBe('green')
  })
})
