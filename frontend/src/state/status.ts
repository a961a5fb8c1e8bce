import type { Session, Status } from '../backend/types'

/** How a session's status is drawn: its words, its shape and its colour. */
export interface Look {
  text: string
  glyph: Glyph
  tone: 'amber' | 'blue' | 'green' | 'grey' | 'red'
}

export type Glyph =
  'bang' | 'spin' | 'dashes' | 'clock' | 'ring' | 'check' | 'stop' | 'cross' | 'box' | 'broken'

const looks: Record<Status, Look> = {
  starting: { text: 'Starting', glyph: 'dashes', tone: 'blue' },
  idle: { text: 'Idle', glyph: 'ring', tone: 'grey' },
  working: { text: 'Working', glyph: 'spin', tone: 'blue' },
  needs_you: { text: 'Needs you', glyph: 'bang', tone: 'amber' },
  stopped: { text: 'Stopped', glyph: 'stop', tone: 'grey' },
  failed: { text: 'Failed', glyph: 'cross', tone: 'red' },
  archived: { text: 'Archived', glyph: 'box', tone: 'grey' },
}

export function lookOf(s: Session): Look {
  if (s.status === 'needs_you') return looks.needs_you
  const running = s.status === 'starting' || s.status === 'working'
  if (s.queued && running) return { text: 'Waiting for a free place', glyph: 'clock', tone: 'blue' }
  if (s.interrupted && !running && s.status !== 'archived')
    return { text: 'Interrupted', glyph: 'broken', tone: 'amber' }
  if ((s.status === 'idle' || s.status === 'stopped') && s.diff.files > 0)
    return {
      text: s.status === 'idle' ? 'Ready for review' : 'Ready for review, sandbox stopped',
      glyph: 'check',
      tone: 'green',
    }
  return looks[s.status]
}

/** What the session does, whether or not it needs its user meanwhile. */
export const doing = (s: Session) => s.doing || s.status

/** Whether something runs that Stop would end. */
export const busy = (s: Session) => doing(s) === 'starting' || doing(s) === 'working'
