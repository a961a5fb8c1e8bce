import type { Session } from '../backend/types'
import { queueHeld } from './status'

export type Group = 'needs' | 'working' | 'ready' | 'idle' | 'older' | 'archived'

export const groupTitle: Record<Group, string> = {
  needs: 'Needs you',
  working: 'Working',
  ready: 'Ready for review',
  idle: 'Idle',
  older: 'Older',
  archived: 'Archived',
}

const week = 7 * 24 * 60 * 60 * 1000

/** Where a session stands in the sidebar. */
export function groupOf(s: Session, now: number): Group {
  switch (s.status) {
    case 'archived':
      return 'archived'
    case 'needs_you':
    case 'failed':
      return 'needs'
    case 'starting':
    case 'working':
      return 'working'
    case 'idle':
    case 'stopped':
      if (s.interrupted || queueHeld(s)) return 'needs'
      if (!s.pinned && now - s.turnedAt > week) return 'older'
      return s.diff.files > 0 ? 'ready' : 'idle'
  }
}

/** Sessions by group, in the order of the sidebar: pinned first, then the newest. Nothing that a session does changes its place. */
export function grouped(sessions: Iterable<Session>, now: number): Map<Group, Session[]> {
  const out = new Map<Group, Session[]>(
    (['needs', 'working', 'ready', 'idle', 'older', 'archived'] as const).map((g) => [g, []]),
  )
  for (const s of sessions) out.get(groupOf(s, now))!.push(s)
  for (const list of out.values())
    list.sort(
      (a, b) => Number(b.pinned) - Number(a.pinned) || b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1),
    )
  return out
}

/** Whether the session's title, branch or project holds every word of the search. */
export function matches(s: Session, project: string, search: string): boolean {
  const text = `${s.title} ${s.branch} ${project}`.toLowerCase()
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}
