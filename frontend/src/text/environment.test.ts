import { expect, test } from 'vitest'
import type { EnvironmentProposal, Project } from '../backend/types'
import { configurationOf, configured, installs, named, opened, reason, shown } from './environment'

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

test('a proposal is open while its tools or its configuration differ from what was accepted', () => {
  const project = { environment: null, noEnvironment: false, fromFile: {} } as unknown as Project
  const nothing: EnvironmentProposal = {
    tools: [],
    packages: [],
    hash: '',
    commit: '',
    reasons: [],
    parts: [],
    unknown: [],
  }
  const setup = { ...nothing, setup: ['npm ci'], variables: ['A=b'] }
  const config = (problems: { line: number; text: string }[]) => ({
    path: 'c',
    hash: '',
    lines: {},
    problems,
  })
  expect(opened(project, nothing)).toBe(false)
  expect(opened(project, setup)).toBe(true)
  expect(opened({ ...project, fromFile: configurationOf(setup) }, setup)).toBe(false)
  expect(opened({ ...project, fromFile: configurationOf(setup) }, nothing)).toBe(true)
  expect(opened({ ...project, fromFile: { setup: ['npm cj'], variables: ['A=b'] } }, setup)).toBe(true)
  expect(opened({ ...project, fromFile: { start: ['npm ci'], variables: ['A=b'] } }, setup)).toBe(true)
  expect(opened({ ...project, noEnvironment: true }, setup)).toBe(false)
  expect(opened(project, { ...setup, config: config([]) })).toBe(true)
  expect(opened(project, { ...setup, config: config([{ line: 2, text: 'x' }]) })).toBe(false)
})

test('variables and commands are listed in one order', () => {
  expect(configured({ archive: ['c'], setup: ['a', 'b'], variables: ['A=b'] })).toEqual([
    { key: 'variables', text: 'A=b' },
    { key: 'setup', text: 'a' },
    { key: 'setup', text: 'b' },
    { key: 'archive', text: 'c' },
  ])
  expect(configured(null)).toEqual([])
})

test('detected commands run in the folder of their part', () => {
  const part = { kind: 'npm', install: 'npm ci', test: '' }
  expect(
    installs([
      { ...part, dir: '' },
      { ...part, dir: "it's", install: 'go mod download' },
    ]),
  ).toBe("npm ci\n(cd 'it'\\''s' && go mod download)")
  expect(installs([{ ...part, dir: '', install: '' }])).toBe('')
})
