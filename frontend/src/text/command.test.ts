import { describe, expect, it } from 'vitest'
import { lineOf, lines, words } from './command'

describe('a command line', () => {
  it.each<[string, string[]]>([
    ['qwen --acp', ['qwen', '--acp']],
    ['  npx  -y "a b" ', ['npx', '-y', 'a b']],
    [`sh -c 'echo "hi"'`, ['sh', '-c', 'echo "hi"']],
    [`a""b ''`, ['ab', '']],
    ['', []],
  ])('%s has its words', (line, want) => expect(words(line)).toEqual(want))

  it('is written so that it has the same words', () => {
    for (const list of [['a'], ['a b', "it's"], ['', 'x']]) expect(words(lineOf(list))).toEqual(list)
  })
})

it('empty lines are none', () => expect(lines(' A=1 \n\n B=2')).toEqual(['A=1', 'B=2']))
