/**
 * Where rows of unlike height lie, of which only those near the view are drawn. Heights are guesses until a row has
 * been drawn once; they are kept by key, so that a row which moves keeps its own. Rows that stay the same object cost
 * an addition each when others come before them, and nothing when others come behind.
 */
export class Rows<R extends { key: string }> {
  rows: readonly R[] = []
  #heights = new Map<string, number>()
  #sizes = new Float64Array(64)
  #offsets = new Float64Array(65)
  /** Offsets are right up to this row. */
  #right = 0

  constructor(private guess: (row: R) => number) {}

  get total(): number {
    return this.offset(this.rows.length)
  }

  set(rows: readonly R[]): void {
    const old = this.rows
    const most = Math.min(rows.length, old.length)
    let front = 0
    while (front < most && rows[front] === old[front]) front++
    let back = 0
    while (back < most - front && rows[rows.length - 1 - back] === old[old.length - 1 - back]) back++

    const sizes = rows.length <= this.#sizes.length ? this.#sizes : new Float64Array(rows.length * 2)
    const kept = this.#sizes.subarray(old.length - back, old.length)
    if (sizes !== this.#sizes) sizes.set(this.#sizes.subarray(0, front))
    sizes.set(kept, rows.length - back)
    for (let i = front; i < rows.length - back; i++) {
      const row = rows[i]!
      sizes[i] = this.#heights.get(row.key) ?? this.guess(row)
    }
    if (rows.length >= this.#offsets.length) {
      const offsets = new Float64Array(sizes.length + 1)
      offsets.set(this.#offsets.subarray(0, front + 1))
      this.#offsets = offsets
    }
    this.#sizes = sizes
    this.rows = rows
    this.#right = Math.min(this.#right, front)
    if (this.#heights.size > 4 * rows.length + 1000) this.#forget()
  }

  /** Records a drawn height; it says whether anything moved. */
  measure(index: number, height: number): boolean {
    const row = this.rows[index]
    if (!row || Math.abs(this.height(index) - height) < 0.5) return false
    this.#heights.set(row.key, height)
    this.#sizes[index] = height
    this.#right = Math.min(this.#right, index)
    return true
  }

  height(index: number): number {
    return this.#sizes[index] ?? 0
  }

  offset(index: number): number {
    const to = Math.min(index, this.rows.length)
    for (let i = this.#right; i < to; i++) this.#offsets[i + 1] = this.#offsets[i]! + this.#sizes[i]!
    this.#right = Math.max(this.#right, to)
    return this.#offsets[to]!
  }

  /** The row that lies at y: the last one that begins at or above it. */
  at(y: number): number {
    this.offset(this.rows.length)
    let low = 0
    let high = this.rows.length - 1
    while (low < high) {
      const mid = (low + high + 1) >> 1
      if (this.#offsets[mid]! <= y) low = mid
      else high = mid - 1
    }
    return low
  }

  /** Half-open range of the rows between two heights. */
  range(from: number, to: number): [number, number] {
    if (!this.rows.length) return [0, 0]
    return [this.at(Math.max(0, from)), this.at(to) + 1]
  }

  /** Place of a key, looked for near a guess first: rows mostly move by as many as came before them. */
  find(key: string, near: number): number {
    for (const i of [near, near + 1, near - 1]) if (this.rows[i]?.key === key) return i
    return this.rows.findIndex((r) => r.key === key)
  }

  #forget(): void {
    const keys = new Set(this.rows.map((r) => r.key))
    for (const key of this.#heights.keys()) if (!keys.has(key)) this.#heights.delete(key)
  }
}
