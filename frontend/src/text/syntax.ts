/** A piece of a line with its scope ("keyword", "string", ...; '' for none). */
export type Span = [scope: string, text: string]

/** Longer code stays without colours. */
const maxCode = 120_000
/** Coloured pieces kept, oldest dropped first; and pieces that may wait for the worker. */
const maxKept = 300
const maxWaiting = 200

const byName: Record<string, string> = { dockerfile: 'dockerfile', makefile: 'makefile', 'go.mod': 'go' }
const byEnding: Record<string, string> = {
  sh: 'bash', zsh: 'bash', bash: 'bash', shell: 'bash', console: 'bash', c: 'c', h: 'c', cc: 'cpp', cpp: 'cpp', hpp: 'cpp', cs: 'csharp',
  css: 'css', scss: 'css', less: 'css', diff: 'diff', patch: 'diff', go: 'go', toml: 'ini', ini: 'ini', java: 'java',
  js: 'javascript', mjs: 'javascript', cjs: 'javascript', jsx: 'javascript', json: 'json', jsonc: 'json', kt: 'kotlin', md: 'markdown',
  mk: 'makefile', php: 'php', py: 'python', rb: 'ruby', rs: 'rust', sql: 'sql', swift: 'swift', ts: 'typescript', mts: 'typescript',
  tsx: 'typescript', html: 'xml', xml: 'xml', svg: 'xml', svelte: 'xml', vue: 'xml', yml: 'yaml', yaml: 'yaml',
  javascript: 'javascript', typescript: 'typescript', python: 'python', rust: 'rust', golang: 'go', ruby: 'ruby', markdown: 'markdown',
  kotlin: 'kotlin', csharp: 'csharp', dockerfile: 'dockerfile', makefile: 'makefile',
} // prettier-ignore

/** The language of a file, or of a fenced block's first word; '' where it is not known. */
export function languageOf(pathOrName: string): string {
  const name = pathOrName.slice(pathOrName.lastIndexOf('/') + 1).toLowerCase()
  return byName[name] ?? byEnding[name.slice(name.lastIndexOf('.') + 1)] ?? ''
}

const kept = new Map<string, Span[][]>()
const waiting = new Map<number, (lines: Span[][] | null) => void>()
let worker: Worker | null | undefined
let next = 0

function start(): Worker | null {
  try {
    const w = new Worker(new URL('./syntax.worker.ts', import.meta.url), { type: 'module' })
    w.onmessage = (e: MessageEvent<{ id: number; lines: Span[][] | null }>) => {
      waiting.get(e.data.id)?.(e.data.lines)
      waiting.delete(e.data.id)
    }
    w.onerror = () => {
      for (const f of waiting.values()) f(null)
      waiting.clear()
      worker = null
    }
    return w
  } catch {
    return null
  }
}

/** The colours of a piece of code, line by line; null where it stays plain. It works outside the window's thread. */
export async function highlight(code: string, language: string): Promise<Span[][] | null> {
  if (!language || code.length > maxCode || waiting.size >= maxWaiting) return null
  const key = language + '\n' + code
  const known = kept.get(key)
  if (known) return known
  worker = worker === undefined ? start() : worker
  const w = worker
  if (!w) return null
  const id = next++
  const lines = await new Promise<Span[][] | null>((done) => {
    waiting.set(id, done)
    w.postMessage({ id, code, language })
  })
  if (lines) {
    kept.set(key, lines)
    if (kept.size > maxKept) kept.delete(kept.keys().next().value!)
  }
  return lines
}

/** Colours that are there already, so that nothing flickers when a row comes back into view. */
export const highlighted = (code: string, language: string): Span[][] | null =>
  kept.get(language + '\n' + code) ?? null
