import type { Prompt } from '../backend/types'
import type { Cell, Transcript } from '../state/transcript.svelte'
import type { Block } from '../text/markdown'

/** One line or card of the transcript as it is drawn. */
export type Row =
  | {
      key: string
      type: 'prompt' | 'thought' | 'tool' | 'plan' | 'permission' | 'proposal' | 'missing' | 'notice' | 'turn'
      cell: Cell
      depth: number
      /** Items of the subagent that this tool call started. */
      below?: number
    }
  | { key: string; type: 'block'; cell: Cell; at: number; depth: number; first: boolean; last: boolean }
  | { key: string; type: 'worked'; cell: Cell; steps: number; open: boolean }
  /** past: another attempt to start follows. */
  | { key: string; type: 'startup'; cells: Cell[]; past?: boolean }
  /** A prompt whose turn has not begun. */
  | { key: string; type: 'next'; prompt: Prompt }
  | { key: string; type: 'earlier' }
  | { key: string; type: 'foot' }

/** Whether a thing that folds is open; undefined where the user has not said. */
export type Opened = (key: string) => boolean | undefined

/** Makes rows from items, turn by turn, and makes only those turns again that changed. */
export class RowBuilder {
  #turns = new Map<number, { rows: Row[]; cells: number }>()
  #first = 0

  constructor(private transcript: Transcript) {}

  build(opened: Opened, changed: Iterable<number> = []): Row[] {
    const t = this.transcript
    for (const turn of t.dirty) this.#turns.delete(turn)
    for (const turn of changed) this.#turns.delete(turn)
    t.dirty.clear()
    if (t.first !== this.#first) {
      this.#first = t.first
      this.#turns.delete(t.order[0]?.item.turn ?? 0)
    }
    const out: Row[] = t.first > 1 ? [{ key: '~earlier', type: 'earlier' }] : []
    for (let from = 0; from < t.order.length;) {
      const turn = t.order[from]!.item.turn
      const known = this.#turns.get(turn)
      let to = known ? from + known.cells : from
      if (!known || t.order[to - 1]?.item.turn !== turn) {
        to = from
        while (to < t.order.length && t.order[to]!.item.turn === turn) to++
        this.#turns.set(turn, { rows: rowsOfTurn(t.order.slice(from, to), opened), cells: to - from })
      }
      for (const row of this.#turns.get(turn)!.rows) out.push(row)
      from = to
    }
    out.push({ key: 'foot', type: 'foot' })
    return out
  }
}

/** The rows of one turn. One that has ended shows its prompt, the agent's last words, what needs the user, and its result; the rest folds. */
export function rowsOfTurn(cells: Cell[], opened: Opened): Row[] {
  const prompt = cells.findIndex((c) => c.item.kind === 'prompt')
  const end = cells.findLastIndex((c) => c.item.kind === 'turn')
  if (end < 0) return flat(cells, opened)
  const turn = cells[end]!
  const key = `worked:${turn.item.id}`
  const middle = cells.slice(prompt + 1, end)
  const words = lastWords(middle)
  const hidden = middle.slice(0, words)
  const rows = flat(cells.slice(0, prompt + 1), opened)
  const steps = hidden.filter((c) => c.item.kind === 'tool' && !c.item.parent).length
  if (hidden.length) {
    const open = opened(key) ?? false
    rows.push({ key, type: 'worked', cell: turn, steps, open })
    const words = said(hidden, middle)
    rows.push(...flat(open ? hidden : hidden.filter((c) => asks(c) || words.includes(c)), opened))
  }
  rows.push(...flat(middle.slice(words), opened), { key: turn.item.id, type: 'turn', cell: turn, depth: 0 })
  rows.push(...flat(cells.slice(end + 1), opened))
  return rows
}

/** Whether the item waits for an answer; it may, for longer than the turn. */
const asks = ({ item }: Cell) =>
  (item.kind === 'permission' && !item.permission?.answer) ||
  (item.kind === 'proposal' && !item.proposal?.answer) ||
  (item.kind === 'missing' && !item.missing?.answer)

/** The agent's last message, where it comes before other work: a turn that was stopped has no closing words. */
function said(hidden: Cell[], turn: Cell[]): Cell[] {
  const speaks = ({ item }: Cell) => item.kind === 'message' && !item.parent
  const last = turn.findLastIndex(speaks)
  if (last < 0 || last >= hidden.length) return []
  let from = last
  while (from > 0 && speaks(hidden[from - 1]!)) from--
  return hidden.slice(from, last + 1)
}

/** Where the agent's closing message begins. */
function lastWords(cells: Cell[]): number {
  let from = cells.length
  while (from > 0) {
    const { kind, parent } = cells[from - 1]!.item
    if (parent || (kind !== 'message' && kind !== 'notice' && kind !== 'proposal')) break
    from--
  }
  return from
}

function flat(cells: Cell[], opened: Opened): Row[] {
  const children = new Map<string, Cell[]>()
  const ids = new Set(cells.map((c) => c.item.id))
  const top: Cell[] = []
  for (const c of cells) {
    const parent = c.item.parent
    if (!parent || !ids.has(parent)) top.push(c)
    else children.set(parent, [...(children.get(parent) ?? []), c])
  }
  const rows: Row[] = []
  for (const c of top) add(rows, c, 0, children, opened)
  return rows
}

/** Subagents of subagents are drawn as deep as this. */
const maxDepth = 3

function add(rows: Row[], c: Cell, depth: number, children: Map<string, Cell[]>, opened: Opened): void {
  const { kind, id } = c.item
  if (kind === 'phase') {
    const last = rows.at(-1)
    const startup = last?.type === 'startup' ? last : undefined
    const again = startup?.cells.some(
      ({ item }) => item.phase?.status === 'failed' || item.phase?.name === c.item.phase?.name,
    )
    if (startup && !again) startup.cells.push(c)
    else rows.push({ key: `startup:${id}`, type: 'startup', cells: [c] })
    if (startup && again) startup.past = true
    return
  }
  if (kind === 'message') {
    const blocks = c.markdown.update(c.item.text)
    blocks.forEach((block, i) =>
      rows.push({
        key: `${id}:${block.key}`,
        type: 'block',
        cell: c,
        at: i,
        depth,
        first: !i,
        last: i === blocks.length - 1,
      }),
    )
    return
  }
  if (kind === 'thought' && !c.item.text.trim()) return
  const below = children.get(id)
  rows.push({ key: id, type: kind, cell: c, depth, below: below?.length ?? 0 })
  if (kind !== 'tool' || !below) return
  const running = c.item.tool?.status === 'running' || c.item.tool?.status === 'pending'
  if (!(opened(`sub:${id}`) ?? running)) return
  for (const child of below) add(rows, child, Math.min(depth + 1, maxDepth), children, opened)
}

/** What a row of a message shows. It is read as it is drawn: while a paragraph grows no row is recreated. */
export const blockOf = (row: Extract<Row, { type: 'block' }>): Block | undefined =>
  row.cell.markdown.update(row.cell.item.text)[row.at]

/** Height of a row before it is drawn. */
export function guess(row: Row): number {
  switch (row.type) {
    case 'block':
      return 24 + 20 * Math.floor((blockOf(row)?.token.raw.length ?? 0) / 90)
    case 'next':
      return 64
    case 'prompt':
      return 64 + 20 * Math.min(8, Math.floor(row.cell.item.text.length / 80))
    case 'plan':
      return 44 + 24 * (row.cell.item.plan?.length ?? 0)
    case 'permission':
      return row.cell.item.permission?.answer ? 34 : 170
    case 'proposal':
      return row.cell.item.proposal?.answer ? 34 : 150
    case 'missing':
      return row.cell.item.missing?.answer ? 34 : 150
    case 'turn':
      return 46
    default:
      return 30
  }
}
