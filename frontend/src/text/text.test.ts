import { Lexer, type Token } from 'marked'
import { describe, expect, it } from 'vitest'
import { age, bytes, count, duration, elapsed, estimated, money, splitPath } from './format'
import { safeURL } from './link'
import { decode, Growing, parse } from './markdown'
import { choiceOf } from './option'
import { because, boundary } from './policy'
import { languageOf } from './syntax'
import { plain, shownName, visible } from './terminal'
import { changedWords } from './words'

it('tells how long something has been going on', () => {
  expect([-5, 8999, 252_000, 7_500_000].map(elapsed)).toEqual(['0s', '8s', '4m 12s', '2h 5m'])
})

describe('format', () => {
  it.each([
    [0, '0.0 s'],
    [840, '0.8 s'],
    [42_000, '42 s'],
    [252_000, '4 m 12 s'],
    [120_000, '2 m'],
    [7_500_000, '2 h 5 m'],
    [-5, '0.0 s'],
  ])('%i ms is %s', (ms, text) => expect(duration(ms)).toBe(text))

  it.each([
    [30_000, 'now'],
    [5 * 60_000, '5m'],
    [3 * 3_600_000, '3h'],
    [50 * 3_600_000, '2d'],
    [21 * 86_400_000, '3w'],
    [-60_000, 'now'],
  ])('%i ms ago is %s', (ms, text) => expect(age(0, ms)).toBe(text))

  it('says how much of a count is estimated', () => {
    expect([estimated(0), estimated(1200)]).toEqual(['', ' (1.2k of them estimated)'])
  })

  it('keeps numbers narrow', () => {
    expect([count(950), count(12_400), count(1_200_000), count(999_500)]).toEqual([
      '950',
      '12.4k',
      '1.2M',
      '1000k',
    ])
    expect([bytes(512), bytes(4200), bytes(612e6)]).toEqual(['512 B', '4.2 kB', '612 MB'])
    expect([money(0.42, 'USD'), money(0.004, ''), money(1, 'not a currency')]).toEqual([
      '$0.42',
      '$0.0040',
      '1.00 not a cu',
    ])
    expect(splitPath('a/b/c.ts')).toEqual({ dir: 'a/b/', name: 'c.ts' })
  })
})

describe('terminal output', () => {
  it.each([
    ['colours go', '\u001b[1;32mok\u001b[0m', 'ok'],
    ['a title goes', '\u001b]0;evil\u0007text', 'text'],
    ['a link goes, its words stay', '\u001b]8;;http://x\u001b\\here\u001b]8;;\u001b\\', 'here'],
    ['progress keeps its last state', '10 %\r50 %\rdone\n', 'done\n'],
    ['a shorter line leaves the rest of the longer', 'abcdef\rXY', 'XYcdef'],
    ['line ends of Windows stay lines', 'a\r\nb', 'a\nb'],
    ['bells and zeros go', 'a\u0007\u0000b', 'ab'],
  ])('%s', (_, raw, text) => expect(plain(raw)).toBe(text))
})

describe('links', () => {
  it.each(['https://example.org/', 'http://example.org/', 'mailto:a@example.org'])('%s opens', (href) =>
    expect(safeURL(href)).toBe(href),
  )
  it.each([
    'javascript:alert(1)',
    'JAVASCRIPT:alert(1)',
    'file:///etc/passwd',
    'data:text/html,x',
    '/etc',
    'wails://x',
    '',
  ])('%s does not', (href) => expect(safeURL(href)).toBeNull())
})

describe('markdown', () => {
  const text =
    '# One\n\nTwo **three**\nfour\n\n- a\n- b\n  - c\n\n```ts\nconst x = 1\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nend &amp; all'

  it('grows to what it is when read at once, however it is cut', () => {
    for (const step of [1, 3, 7, 50]) {
      const doc = new Growing()
      for (let i = step; i < text.length + step; i += step) doc.update(text.slice(0, i))
      expect(doc.blocks.map((b) => b.token.raw.trim())).toEqual(parse(text).map((b) => b.token.raw.trim()))
      expect(doc.blocks.map((b) => b.key)).toEqual(parse(text).map((b) => b.key))
    }
  })

  it('keeps finished blocks as they are while text is added', () => {
    const doc = new Growing()
    const first = doc.update('One\n\nTwo')[0]
    expect(doc.update('One\n\nTwo three')[0]).toBe(first)
  })

  it('starts over with another text', () => {
    const doc = new Growing()
    doc.update('One')
    expect(doc.update('# Other').map((b) => b.token.type)).toEqual(['heading'])
  })

  it('reads any mix of pieces as the library does', () => {
    const pieces = [
      'a',
      ' ',
      '\n',
      '\n\n',
      '\n \t\n',
      '---',
      '===  ',
      '   --',
      '    --',
      '> ',
      '- ',
      '# ',
      '`',
      '**',
      '[x](y)',
    ]
    pieces.push(
      'www.a.de',
      'HTTP://a.de/?q',
      'ftp://a',
      'a.b+c@d.org',
      '_x@y',
      'mailto:a@b.c',
      'xmpp:a@b.c/d',
      '| a |',
      '|---|',
    )
    let seed = 1
    const next = () => (seed = (seed * 48271) % 2147483647)
    for (let round = 0; round < 3000; round++) {
      const mix = Array.from({ length: 2 + (next() % 12) }, () => pieces[next() % pieces.length]).join('')
      const shown = (t: Token) => t.type !== 'space' && t.type !== 'def'
      expect(parse(mix).map((b) => b.token)).toEqual(new Lexer({ gfm: true }).lex(mix).filter(shown))
    }
  })

  it('survives what is made to hurt', () => {
    for (const evil of [
      '['.repeat(20_000),
      '> '.repeat(3000),
      '*'.repeat(30_000),
      '`'.repeat(10_001),
      '\u0000<script>',
    ]) {
      const started = performance.now()
      expect(parse(evil).length).toBeGreaterThan(0)
      expect(performance.now() - started).toBeLessThan(5000)
    }
  })

  it('decodes references once', () => {
    expect(decode('a &amp;lt; &#65; &#x42; &nope; &#99999999;')).toBe('a &lt; A B &nope; &#99999999;')
  })
})

describe('changed words', () => {
  const cut = (line: string, ranges: [number, number][]) => ranges.map(([a, b]) => line.slice(a, b))
  it('names what was taken and what came', () => {
    const a = 'const MINUTES = 30'
    const b = 'const IDLE_MINUTES = 45'
    const w = changedWords(a, b)!
    expect(cut(a, w.before)).toEqual(['MINUTES', '30'])
    expect(cut(b, w.after)).toEqual(['IDLE_MINUTES', '45'])
  })
  it('says nothing of lines that share too little', () =>
    expect(changedWords('one two', 'three four')).toBeNull())
  it('is quick on long lines', () => {
    const long = 'word '.repeat(5000)
    expect(changedWords(`a ${long}`, `b ${long}`)).not.toBeNull()
  })
})

it('knows languages by name and by ending', () => {
  expect(['a/B.TS', 'Dockerfile', 'x.unknown', 'bash', 'go.mod', 'Makefile'].map(languageOf)).toEqual([
    'typescript',
    'dockerfile',
    '',
    'bash',
    'go',
    'makefile',
  ])
})

it.each([
  [
    { value: 'demo/scripted', name: 'Demo/Demo (scripted)' },
    { value: 'demo/scripted', name: 'Demo (scripted)', group: 'Demo' },
  ],
  [
    { value: 'openai/gpt-5', name: 'GPT-5' },
    { value: 'openai/gpt-5', name: 'GPT-5', group: 'openai' },
  ],
  [
    { value: 'build', name: 'build' },
    { value: 'build', name: 'Build' },
  ],
  [
    { value: 'a/b/c', name: 'A/b/c' },
    { value: 'a/b/c', name: 'B/c', group: 'A' },
  ],
])('offers %o well', (value, choice) => expect(choiceOf(value)).toEqual(choice))

describe('policy', () => {
  const allow = (host: string) => ({ host, allow: true })
  const block = (host: string) => ({ host, allow: false })
  it.each([
    ['guarded', [], 'package registries and git hosts, and what you say yes to. It', 'or your network.'],
    ['guarded', [allow('example.com')], 'git hosts, with 1 host that you allow. It', 'or your network.'],
    [
      'guarded',
      [block('a.b'), block('c.d')],
      'what you say yes to, but not 2 hosts that you block. It',
      'your network.',
    ],
    [
      'guarded',
      [allow('10.0.0.7:5432')],
      'with 1 host that you allow. It',
      'or anything else in your network.',
    ],
    ['guarded', [allow('fd00::7')], 'with 1 host that you allow. It', 'or anything else in your network.'],
    ['offline', [allow('10.0.0.7'), block('a.b')], 'its model and nothing else. It', 'or your network.'],
    ['open', [block('a.b')], 'every public host, but not 1 host that you block. It', 'or your network.'],
  ] as const)('%s with %j says what is so', (network, hosts, reach, end) => {
    expect(boundary(network, hosts)).toContain(reach)
    expect(boundary(network, hosts)).toMatch(new RegExp(end + '$'))
  })

  it.each([
    ['preset npm', true, 'npm is open for reading'],
    ['asked', true, 'you said yes'],
    ['asked', false, 'you did not say yes'],
    ['deny *.example.com', false, 'you block *.example.com'],
    ['TLS for another server name: x', false, 'TLS for another server name: x'],
    ['offline', false, 'the session is offline'],
  ])('%s is %s', (rule, allowed, text) => expect(because({ rule, allowed })).toBe(text))
})

describe('what a user decides upon', () => {
  it.each([
    ['rm -rf ~ #\rls', 'rm -rf ~ #\\u000dls'],
    ['echo \u001b]0;rm -rf ~\u0007', 'echo \\u001b]0;rm -rf ~\\u0007'],
    ['a\u202egpj.exe', 'a\\u202egpj.exe'],
    ['ra\u200bm', 'ra\\u200bm'],
    ['one\r\ntwo\tthree\r', 'one\r\ntwo\tthree\r'],
    ['família 👩‍🔬 עברית', 'família 👩‍🔬 עברית'],
  ])('is all there in %j', (text, shown) => expect(visible(text)).toBe(shown))

  it('has names on one line', () => expect(shownName('a\nb\tc')).toBe('a\\nb\\tc'))
})
