import { expect, test } from 'vitest'
import { emptySubmodules } from './submodules'

test('ten submodules are named, the others counted', () => {
  expect(emptySubmodules(['third_party/lib'])).toBe(
    'Submodules are not copied into the sandbox. These folders are empty there: third_party/lib.',
  )
  const many = Array.from({ length: 12 }, (_, i) => `m${i}`)
  expect(emptySubmodules(many)).toMatch(/m8, m9 and 2 more\.$/)
})
