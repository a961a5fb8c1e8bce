import type { Backend } from '../backend/backend'
import { failureOf } from '../backend/failure'
import type { Delta, Failure, Item } from '../backend/types'
import { Growing } from '../text/markdown'

/** Items asked for at once. */
const page = 200

/** One item, in a form whose rows notice when it changes. */
export class Cell {
  item: Item = $state.raw() as Item
  readonly markdown = new Growing()

  constructor(item: Item) {
    this.item = item
  }
}

/**
 * The part of a session's transcript that the window holds: items without a gap, from some place to the newest. put
 * and append are called by Store.apply alone, for live and fetched items alike.
 */
export class Transcript {
  /** Items in order; order[0] has the sequence number `first`. */
  order: Cell[] = []
  #cells = new Map<string, Cell>()
  #rev = 0
  /** Rises when rows may have changed; turns that did are in `dirty`. */
  version = $state(0)
  dirty = new Set<number>()
  loaded = $state(false)
  loading = $state(false)
  failure = $state.raw<Failure | null>(null)
  /** What came while the first page was on its way. */
  #early: (() => void)[] = []
  #catching = false
  /** Revision to catch up from once more, since it was asked for meanwhile. */
  #again = Infinity

  constructor(
    private backend: Backend,
    readonly session: string,
  ) {}

  get first(): number {
    return this.order[0]?.item.seq ?? 1
  }
  get last(): number {
    return this.order.at(-1)?.item.seq ?? 0
  }

  cell(id: string): Cell | undefined {
    return this.#cells.get(id)
  }

  /** Reads the newest page, or what has changed since this transcript was last in view. */
  async open(items: number): Promise<void> {
    if (this.loaded) return this.catchUp(this.#rev)
    if (this.loading) return
    this.loading = true
    this.failure = null
    try {
      const from = Math.max(1, items - page + 1)
      for (const it of await this.#through(from, items, page * 2)) this.#add(it)
      this.loaded = true
      for (const f of this.#early) f()
    } catch (e) {
      this.failure = failureOf(e)
    } finally {
      this.#early = []
      this.loading = false
      this.version++
    }
  }

  /** Reads the page before the first item held. */
  async earlier(size = page): Promise<void> {
    if (!this.loaded || this.loading || this.first <= 1) return
    this.loading = true
    try {
      const from = Math.max(1, this.first - size)
      const got = await this.#through(from, this.first - 1, this.first - from)
      const cells = got
        .filter((it) => it.seq < this.first && !this.#cells.has(it.id))
        .map((it) => this.#make(it))
      this.order = [...cells, ...this.order]
      this.version++
    } catch (e) {
      this.failure = failureOf(e)
    } finally {
      this.loading = false
    }
  }

  /** Reads on until it has the item at `last`: a page ends before its `limit` where its items are large. */
  async #through(from: number, last: number, limit: number): Promise<Item[]> {
    const items: Item[] = []
    do {
      const got = await this.backend.items(this.session, from, limit)
      if (!got.length) break
      items.push(...got)
      from = items.at(-1)!.seq + 1
    } while (from <= last)
    return items
  }

  put(item: Item): void {
    if (!this.loaded) {
      this.#early.push(() => this.put(item))
      return
    }
    const known = this.#cells.get(item.id)
    if (known) {
      if (item.rev > known.item.rev) this.#set(known, item)
    } else if (item.seq === this.last + 1) this.#add(item)
    else if (item.seq > this.last) void this.catchUp(this.#rev)
    this.version++
  }

  append(d: Delta): void {
    if (!this.loaded) {
      this.#early.push(() => this.append(d))
      return
    }
    const cell = this.#cells.get(d.item)
    if (!cell && this.#catching) this.#again = Math.min(this.#again, d.prev) // it may be on its way, without this
    if (!cell || cell.item.rev >= d.rev) return // not held, or known already
    if (cell.item.rev !== d.prev) {
      void this.catchUp(cell.item.rev)
      return
    }
    this.#rev = Math.max(this.#rev, d.rev)
    cell.item = { ...cell.item, rev: d.rev, size: d.size, text: cell.item.text + d.text }
    if (cell.item.kind === 'message') {
      const before = cell.markdown.blocks.length
      if (cell.markdown.update(cell.item.text).length === before) return // its rows see to it
      this.dirty.add(cell.item.turn)
      this.version++
    }
  }

  /** Fetches every item that changed after the revision `since`. */
  async catchUp(since: number): Promise<void> {
    if (this.#catching) {
      this.#again = Math.min(this.#again, since)
      return
    }
    this.#catching = true
    try {
      for (let more = true; more;) {
        const got = await this.backend.changed(this.session, since, page)
        for (const it of [...got].sort((a, b) => a.seq - b.seq)) {
          const known = this.#cells.get(it.id)
          if (known) {
            if (it.rev > known.item.rev) this.#set(known, it)
          } else if (it.seq === this.last + 1) this.#add(it)
        }
        await this.#fill(got)
        since = Math.max(since, ...got.map((it) => it.rev))
        more = got.length > 0
      }
    } catch (e) {
      this.failure = failureOf(e)
    } finally {
      this.#catching = false
      this.version++
    }
    const again = this.#again
    this.#again = Infinity
    if (again < Infinity) await this.catchUp(again)
  }

  /** Items come in order of revision, so a new one can come before its neighbour: read the missing ones by place. */
  async #fill(got: Item[]): Promise<void> {
    const newest = Math.max(0, ...got.map((it) => it.seq))
    while (this.last < newest) {
      const items = await this.backend.items(this.session, this.last + 1, page)
      const before = this.last
      for (const it of items) if (it.seq === this.last + 1) this.#add(it)
      if (this.last === before) return
    }
  }

  #add(item: Item): void {
    if (this.#cells.has(item.id)) return
    this.order.push(this.#make(item))
  }

  #make(item: Item): Cell {
    const cell = new Cell(item)
    this.#cells.set(item.id, cell)
    this.#rev = Math.max(this.#rev, item.rev)
    this.dirty.add(item.turn)
    return cell
  }

  #set(cell: Cell, item: Item): void {
    this.#rev = Math.max(this.#rev, item.rev)
    this.dirty.add(cell.item.turn)
    this.dirty.add(item.turn)
    cell.item = item
  }
}
