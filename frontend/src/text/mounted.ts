import type { Mount, Session } from '../backend/types'

/** Says what of the user's home a session's sandbox can read. */
export const mountedText = (s: Session, mounts: Mount[]): string =>
  `The sandbox can read from your home folder: ${s.mounts
    .map((id) => mounts.find((m) => m.id === id)?.name ?? id)
    .join(', ')}`
