import type { Span } from '../text/syntax'
import type { Ranges } from '../text/words'

export interface Piece {
  text: string
  scope: string
  changed: boolean
}

/** Longer lines are drawn without colours and cut: nobody reads minified code. */
const most = 2000

/** Cuts a line where its colour changes or a changed word begins or ends. */
export function pieces(text: string, spans: Span[] | undefined, words: Ranges = []): Piece[] {
  if (text.length > most) return [{ text: `${text.slice(0, most)} …`, scope: '', changed: false }]
  // Colours belong to this very text; anything else is out of step with it.
  const coloured =
    spans && spans.reduce((n, [, s]) => n + s.length, 0) === text.length ? spans : [['', text] as Span]
  const out: Piece[] = []
  let at = 0
  for (const [scope, s] of coloured) {
    const end = at + s.length
    while (at < end) {
      const inside = words.find(([from, to]) => from <= at && at < to)
      const next = inside
        ? inside[1]
        : Math.min(end, ...words.filter(([from]) => from > at).map(([from]) => from))
      const to = Math.min(end, next)
      out.push({ text: text.slice(at, to), scope, changed: !!inside })
      at = to
    }
  }
  return out
}
