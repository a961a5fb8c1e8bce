import type { PullRequest } from '../backend/types'

/** A pull request's state as it is drawn: a draft is open, but not ready. */
export const stateOf = (p: PullRequest): string => (p.state === 'open' && p.draft ? 'draft' : p.state)

/** A pull request in one line. */
export function wordsOf(p: PullRequest): string {
  const checks = p.checks && p.state === 'open' ? `, checks ${p.checks}` : ''
  return `Pull request #${p.number}: ${stateOf(p)}${checks}`
}
