import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { phaseName } from './phase'

it('names every phase that the backend has, in its words', () => {
  const go = readFileSync(new URL('../../../backend/session/foldturn.go', import.meta.url), 'utf8')
  const table = /func phaseStep[^{]*{([\s\S]*?)}\[name\]/.exec(go)?.[1] ?? ''
  const phases = [...table.matchAll(/"([a-z]+)": "([^"]+)"/g)]
  expect(phases.length).toBeGreaterThan(6)
  for (const [, name, words] of phases) expect(phaseName(name!)).toBe(words)
})
