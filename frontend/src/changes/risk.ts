import type { FileChange } from '../backend/types'

/** Why a file is looked at first; deletions count as one. Higher comes first. */
const order = ['', 'lock', 'deletion', 'build', 'migration', 'editor', 'link', 'agent', 'ci', 'hook']

const words: Record<string, string> = {
  ci: 'CI',
  hook: 'Hook',
  editor: 'Editor settings',
  link: 'Leaves the tree',
  migration: 'Migration',
  lock: 'Lock file',
  deletion: 'Deleted',
  agent: 'Agent instructions',
  build: 'Build',
}

export const riskWord = (risk: string) => words[risk] ?? risk

const rank = (f: FileChange) => (f.risk === 'lock' ? -1 : Math.max(0, order.indexOf(f.risk)))

/** Files that may run code elsewhere first, then by path; lock files last: nobody reads them. */
export const byRisk = (files: FileChange[]): FileChange[] =>
  [...files].sort((a, b) => rank(b) - rank(a) || (a.path < b.path ? -1 : 1))
