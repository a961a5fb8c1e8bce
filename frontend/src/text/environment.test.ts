import { expect, test } from 'vitest'
import { named, reason, shown } from './environment'

test('what a person types is a tool with a version, or a package', () => {
  for (const text of ['go 1.24.4', 'go=1.24.4', 'go@1.24.4', '  go = v1.24.4 '])
    expect(named(text)).toEqual({ name: 'go', version: '1.24.4' })
  for (const text of ['libpq-dev', 'g++', 'go', 'g++-12', 'rust stable']) expect(named(text)).toBe(text)
})

test('an environment is one line', () => {
  expect(shown({ tools: [{ name: 'go', version: '1.25.4' }], packages: ['libpq-dev'] })).toBe(
    'go 1.25.4, libpq-dev',
  )
  expect(shown(null)).toBe('')
})

test('a reason says how exactly a version is asked for', () => {
  const at = { tool: 'go', wanted: '1.24', path: 'go.mod', line: 3 }
  expect(reason({ ...at, rule: 'minimum' })).toBe('go: at least 1.24, in')
  expect(reason({ ...at, rule: 'pin' })).toBe('go: exactly 1.24, in')
})
