import { describe, expect, it } from 'vitest'
import type { FileChange, Patch } from '../backend/types'
import { linesOf, pairsOf, sideOf } from './lines'
import { pieces } from './pieces'
import { byRisk } from './risk'

const patch: Patch = {
  path: 'a.ts',
  binary: false,
  truncated: false,
  hunks: [
    {
      oldStart: 10,
      oldLines: 4,
      newStart: 10,
      newLines: 4,
      heading: 'f()',
      lines: [' same', '-const a = 1', '-gone', '+const b = 1', ' tail', '\\ No newline at end of file'],
    },
  ],
}

describe('lines of a patch', () => {
  const lines = linesOf(patch)

  it('are numbered on their sides', () => {
    expect(lines.map((l) => [l.kind, l.old, l.new])).toEqual([
      ['head', 0, 0],
      ['same', 10, 10],
      ['removed', 11, 0],
      ['removed', 12, 0],
      ['added', 0, 11],
      ['same', 13, 12],
      ['note', 0, 0],
    ])
  })

  it('say a change of mode in words', () => {
    const head = (heading: string, lines: string[] = []) =>
      linesOf({
        ...patch,
        hunks: [{ oldStart: 0, oldLines: 0, newStart: 0, newLines: 0, heading, lines }],
      })[0]!.text
    expect(head('mode 100644 → 100755')).toBe('Now executable')
    expect(head('mode 100755 → 100644')).toBe('No longer executable')
    expect(head('mode 100644 → 120000')).toBe('Now a symbolic link')
    expect(head('mode 100644 → 100755', ['+code'])).toContain('@@')
  })

  it('pair what was replaced', () => {
    expect(pairsOf(lines).map((p) => [p.left?.text, p.right?.text])).toEqual([
      [undefined, undefined],
      ['same', 'same'],
      ['const a = 1', 'const b = 1'],
      ['gone', undefined],
      ['tail', 'tail'],
      [undefined, undefined],
    ])
  })

  it('find their colours by their place on a side', () => {
    for (const side of ['old', 'new'] as const) {
      const text = sideOf(lines, side).split('\n')
      const other = side === 'old' ? 'added' : 'removed'
      for (const l of lines) {
        if (l.kind === 'head' || l.kind === 'note' || l.kind === other) continue
        if (l.kind !== 'same' || side === 'new') expect(text[l.colour]).toBe(l.text)
      }
    }
  })
})

describe('pieces', () => {
  it('cut where a colour or a changed word ends', () => {
    expect(
      pieces(
        'const b',
        [
          ['keyword', 'const'],
          ['', ' b'],
        ],
        [[4, 7]],
      ),
    ).toEqual([
      { text: 'cons', scope: 'keyword', changed: false },
      { text: 't', scope: 'keyword', changed: true },
      { text: ' b', scope: '', changed: true },
    ])
  })
  it('ignore colours that belong to another text', () => {
    expect(pieces('abc', [['keyword', 'ab']])).toEqual([{ text: 'abc', scope: '', changed: false }])
  })
  it('cut a line that nobody reads', () =>
    expect(pieces('x'.repeat(9000), undefined)[0]!.text.length).toBe(2002))
})

it('puts what may run elsewhere first and lock files last', () => {
  const file = (path: string, risk: string): FileChange => ({
    path,
    risk,
    old: '',
    status: 'modified',
    added: 1,
    removed: 0,
    binary: false,
  })
  const files = [
    file('z.lock', 'lock'),
    file('b.ts', ''),
    file('.husky/x', 'hook'),
    file('a.ts', ''),
    file('ci.yml', 'ci'),
  ]
  expect(byRisk(files).map((f) => f.path)).toEqual(['.husky/x', 'ci.yml', 'a.ts', 'b.ts', 'z.lock'])
})
