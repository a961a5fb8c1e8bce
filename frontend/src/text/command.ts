/** The words of a command line: separated by spaces, but for what stands between quotes. */
export function words(line: string): string[] {
  const out: string[] = []
  let word: string | null = null
  let quote = ''
  for (const c of line) {
    if (quote) {
      if (c === quote) quote = ''
      else word += c
    } else if (c === '"' || c === "'") {
      quote = c
      word ??= ''
    } else if (/\s/.test(c)) {
      if (word !== null) out.push(word)
      word = null
    } else word = (word ?? '') + c
  }
  if (word !== null) out.push(word)
  return out
}

/** The line whose words these are. */
export const lineOf = (list: string[]): string =>
  list.map((w) => (w && !/[\s"']/.test(w) ? w : w.includes("'") ? `"${w}"` : `'${w}'`)).join(' ')

/** Lines with something in them. */
export const lines = (text: string): string[] =>
  text
    .split('\n')
    .map((l) => l.trim())
    .filter(Boolean)
