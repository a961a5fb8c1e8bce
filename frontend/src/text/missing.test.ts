import { describe, expect, it } from 'vitest'
import type { MissingTool } from '../backend/types'
import { missingOutcome, missingQuestion } from './missing'

const go: MissingTool = {
  command: 'go',
  wanted: '',
  label: 'Go 1.24.4',
  tool: { name: 'go', version: '1.24.4' },
  packages: [],
  from: 'go.mod:3',
  evidence: '',
  answer: '',
}

describe('a missing tool', () => {
  it('is named with the line that asks for it', () => {
    expect(missingQuestion(go)).toEqual({
      head: 'go is not in this sandbox.',
      title: "Add Go 1.24.4 (from go.mod:3) to the project's environment?",
    })
  })
  it('may be a package, or a version that is too old', () => {
    const psql = { ...go, label: 'postgresql-client', tool: { name: '', version: '' }, from: '' }
    expect(missingQuestion(psql).title).toBe(
      "Add the package postgresql-client to the project's environment?",
    )
    expect(missingQuestion({ ...go, wanted: '1.26.4' }).head).toBe('The project needs go 1.26.4 or newer.')
  })
  it('shows nothing that a terminal obeys', () => {
    expect(missingQuestion({ ...go, command: '\u001b[31mgo\u001b[0m' }).head).toBe(
      'go is not in this sandbox.',
    )
  })
  it('says what became of it', () => {
    expect(missingOutcome({ ...go, answer: 'added' }, true)).toContain('restarts when the turn ends')
    expect(missingOutcome({ ...go, answer: 'added' }, false)).toBe(
      "Go 1.24.4 was added to the project's environment.",
    )
    expect(missingOutcome({ ...go, answer: 'declined' }, false)).toContain('not added')
  })
})
