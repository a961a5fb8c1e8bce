/**
 * Where rows of unlike height lie, of which only those near the view are drawn. Heights are guesses until a row has
 * been drawn once; they are kept by key, so that a row which moves keeps its own.
 */
export class Rows<R extends { key: string }> {
  rows: readonly R[] = []
  #heights = new Map<string, number>()
  #offsets = new Float64Array(1)

  constructor(private guess: (row: R) => number) {}

  get total(): number {
    return this.#offsets[this.rows.length] ?? 0
  }

  /** Takes new rows; those at the front that stayed the same cost nothing. */
  set(rows: readonly R[]): void {
    let same = 0
    const most = Math.min(rows.length, this.rows.length)
    while (same < most && rows[same] === this.rows[same]) same++
    if (this.#offsets.length < rows.length + 1 || this.#offsets.length > 4 * (rows.length + 64)) {
      const grown = new Float64Array(rows.length * 2 + 64)
      grown.set(this.#offsets.subarray(0, same + 1))
      this.#offsets = grown
    }
    this.rows = rows
    this.#sum(same)
    if (this.#heights.size > 4 * rows.length + 1000) this.#forget()
  }

  /** Records a drawn height; it says whether anything moved. */
  measure(index: number, height: number): boolean {
    const row = this.rows[index]
    if (!row || Math.abs(this.height(index) - height) < 0.5) return false
    this.#heights.set(row.key, height)
    this.#sum(index)
    return true
  }

  height(index: number): number {
    return this.offset(index + 1) - this.offset(index)
  }

  offset(index: number): number {
    return this.#offsets[Math.min(index, this.rows.length)] ?? 0
  }

  /** The row that lies at y: the last one that begins at or above it. */
  at(y: number): number {
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

  #sum(from: number): void {
    let y = this.#offsets[from] ?? 0
    for (let i = from; i < this.rows.length; i++) {
      const row = this.rows[i]!
      y += this.#heights.get(row.key) ?? this.guess(row)
      this.#offsets[i + 1] = y
    }
  }

  #forget(): void {
    const keys = new Set(this.rows.map((r) => r.key))
    for (const key of this.#heights.keys()) if (!keys.has(key)) this.#heights.delete(key)
  }
}
