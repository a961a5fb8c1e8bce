import type { Prompt, Session, Status } from '../backend/types'

/** How a session's status is drawn: its words, its shape and its colour. */
export interface Look {
  text: string
  glyph: Glyph
  tone: 'amber' | 'blue' | 'green' | 'grey' | 'red'
}

export type Glyph =
  'bang' | 'spin' | 'dashes' | 'clock' | 'ring' | 'check' | 'stop' | 'cross' | 'box' | 'broken' | 'pause'

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
  if (s.queued && running) return { text: 'Queued', glyph: 'clock', tone: 'blue' }
  if (s.interrupted && !running && s.status !== 'archived')
    return { text: 'Interrupted', glyph: 'broken', tone: 'amber' }
  if (queueHeld(s)) return { text: 'Queue held', glyph: 'pause', tone: 'amber' }
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

/** Whether prompts wait that only the user can let go on, after Stop or a failure. */
export const queueHeld = (s: Session) =>
  s.held && (s.status === 'idle' || s.status === 'stopped') && s.prompts.some((p) => !p.sent)

/** The prompt that the agent gets next, before its turn begins: it is no longer one of the queue. */
export const nextPrompt = (s: Session): Prompt | undefined =>
  busy(s) && !s.workedSince && !s.held ? s.prompts[0] : undefined

/** The prompts that wait behind the one that runs or is next. */
export function queue(s: Session): Prompt[] {
  const next = nextPrompt(s)?.id
  return s.prompts.filter((p) => !p.sent && p.id !== next)
}

/** Since when the session has been doing what it does: its turn, or the start before it; 0 where it does nothing. */
export function busySince(s: Session): number {
  if (!busy(s)) return 0
  const asked = s.prompts[0]?.at ?? 0
  return s.workedSince || (asked && Math.max(asked, s.turnedAt))
}
