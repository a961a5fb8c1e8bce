import type * as t from '../types'
import { minute } from './history'
import * as made from './made'
import type { World } from './world'

/** Adds a session whose last turn was so many minutes ago. */
export function put(
  w: World,
  change: Partial<t.Session> & { title: string; project: string },
  ago: number,
): string {
  const slug = change.title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
  const at = Date.now() - ago * minute
  const s: t.Session = {
    ...made.session,
    id: made.id(),
    branch: `agents/${slug}`,
    worktree: `/home/ada/.local/share/background-agents/worktrees/${slug}`,
    createdAt: at - 20 * minute,
    updatedAt: at,
    turnedAt: at,
    ...change,
  }
  w.emit({ sessions: [s] })
  return s.id
}
