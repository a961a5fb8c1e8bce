import type { Hunk, Patch } from '../backend/types'
import { changedWords, type Ranges } from '../text/words'

/** One line of a file's difference. old and new are line numbers, 0 where the line is not on that side. */
export interface Line {
  key: string
  kind: 'head' | 'same' | 'added' | 'removed' | 'note'
  text: string
  old: number
  new: number
  /** Characters that changed, where a line stands for another. */
  words?: Ranges
  /** Its line in the text that the colours of its side are made from. */
  colour: number
}

/** Two lines side by side; a side is missing if there is none. */
export interface Pair {
  key: string
  head?: Line
  left?: Line
  right?: Line
}

/** Lines of a patch in order, with the words that changed. */
export function linesOf(patch: Patch): Line[] {
  const out: Line[] = []
  const at = { old: 0, new: 0 }
  patch.hunks.forEach((h, i) => {
    out.push({ key: `h${i}`, kind: 'head', text: heading(h), old: 0, new: 0, colour: 0 })
    let o = h.oldStart
    let n = h.newStart
    const run: Line[] = []
    h.lines.forEach((raw, j) => {
      const text = raw.slice(1)
      const key = `${i}:${j}`
      switch (raw[0]) {
        case '+':
          run.push({ key, kind: 'added', text, old: 0, new: n++, colour: at.new++ })
          break
        case '-':
          run.push({ key, kind: 'removed', text, old: o++, new: 0, colour: at.old++ })
          break
        case '\\':
          run.push({ key, kind: 'note', text: raw.slice(2), old: 0, new: 0, colour: 0 })
          break
        default:
          flush(run, out)
          out.push({ key, kind: 'same', text, old: o++, new: n++, colour: at.new++ })
          at.old++
      }
    })
    flush(run, out)
  })
  return out
}

/** The heading of a hunk. One without lines is a change of the file's mode, said in words. */
function heading(h: Hunk): string {
  const mode = !h.lines.length && /^mode (\d+) → (\d+)$/.exec(h.heading)
  return mode ? modeChange(mode[1]!, mode[2]!) : lineRange(h)
}

function modeChange(from: string, to: string): string {
  if (to === '120000') return 'Now a symbolic link'
  if (to === '160000') return 'Now a submodule'
  if (from === '120000') return 'No longer a symbolic link'
  if (from === '160000') return 'No longer a submodule'
  return to === '100755'
    ? 'Now executable'
    : from === '100755'
      ? 'No longer executable'
      : `Mode ${from} → ${to}`
}

const lineRange = (h: Hunk) => `@@ −${h.oldStart},${h.oldLines} +${h.newStart},${h.newLines} @@ ${h.heading}`

/** Pairs the lines of one run of changes, and says which of their words changed. */
function flush(run: Line[], out: Line[]): void {
  const removed = run.filter((l) => l.kind === 'removed')
  const added = run.filter((l) => l.kind === 'added')
  if (removed.length === added.length || (removed.length < 20 && added.length < 20)) {
    for (let i = 0; i < Math.min(removed.length, added.length); i++) {
      const words = changedWords(removed[i]!.text, added[i]!.text)
      if (words) {
        removed[i]!.words = words.before
        added[i]!.words = words.after
      }
    }
  }
  out.push(...run.splice(0))
}

/** The same lines side by side. */
export function pairsOf(lines: Line[]): Pair[] {
  const out: Pair[] = []
  let left: Line[] = []
  let right: Line[] = []
  const end = () => {
    for (let i = 0; i < Math.max(left.length, right.length); i++) {
      const l = left[i]
      const r = right[i]
      out.push({ key: (l ?? r)!.key, ...(l && { left: l }), ...(r && { right: r }) })
    }
    left = []
    right = []
  }
  for (const l of lines) {
    if (l.kind === 'removed') left.push(l)
    else if (l.kind === 'added') right.push(l)
    else {
      end()
      if (l.kind === 'same') out.push({ key: l.key, left: l, right: l })
      else out.push({ key: l.key, head: l })
    }
  }
  end()
  return out
}

/** The text of one side, line for line as Line.colour counts. */
export function sideOf(lines: Line[], side: 'old' | 'new'): string {
  const other = side === 'old' ? 'added' : 'removed'
  return lines
    .filter((l) => l.kind !== 'head' && l.kind !== 'note' && l.kind !== other)
    .map((l) => l.text)
    .join('\n')
}
