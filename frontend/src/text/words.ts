// Which words of a changed line changed.

/** Half-open ranges of characters. */
export type Ranges = [from: number, to: number][]

/** More words than this in the part that differs, and the whole part counts as changed. */
const maxWords = 300

const split = (line: string) => line.match(/[\p{L}\p{N}_]+|\s+|./gu) ?? []

/** What was taken from the old line and what came in the new one; null where they share too little to tell. */
export function changedWords(before: string, after: string): { before: Ranges; after: Ranges } | null {
  const a = split(before)
  const b = split(after)
  let start = 0
  while (start < a.length && start < b.length && a[start] === b[start]) start++
  let end = 0
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end])
    end++
  const x = a.slice(start, a.length - end)
  const y = b.slice(start, b.length - end)
  const same =
    x.length <= maxWords && y.length <= maxWords
      ? common(x, y)
      : { a: new Set<number>(), b: new Set<number>() }
  const out = { before: ranges(a, start, x.length, same.a), after: ranges(b, start, y.length, same.b) }
  const changed = length(out.before) + length(out.after)
  return changed > 0.7 * (before.trim().length + after.trim().length) ? null : out
}

/** Positions in x and y of a longest common subsequence. */
function common(x: string[], y: string[]): { a: Set<number>; b: Set<number> } {
  const w = y.length + 1
  const table = new Uint16Array((x.length + 1) * w)
  for (let i = x.length - 1; i >= 0; i--)
    for (let j = y.length - 1; j >= 0; j--)
      table[i * w + j] =
        x[i] === y[j]
          ? table[(i + 1) * w + j + 1]! + 1
          : Math.max(table[(i + 1) * w + j]!, table[i * w + j + 1]!)
  const a = new Set<number>()
  const b = new Set<number>()
  for (let i = 0, j = 0; i < x.length && j < y.length;) {
    if (x[i] === y[j]) {
      a.add(i++)
      b.add(j++)
    } else if (table[(i + 1) * w + j]! >= table[i * w + j + 1]!) i++
    else j++
  }
  return { a, b }
}

function ranges(words: string[], start: number, n: number, same: Set<number>): Ranges {
  const out: Ranges = []
  let at = 0
  for (let i = 0; i < start + n; i++) {
    const to = at + words[i]!.length
    if (i >= start && !same.has(i - start)) {
      const last = out.at(-1)
      if (last && last[1] === at) last[1] = to
      else out.push([at, to])
    }
    at = to
  }
  return out
}

const length = (r: Ranges) => r.reduce((n, [from, to]) => n + to - from, 0)
