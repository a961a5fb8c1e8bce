import type { Session } from '../backend/types'
import type { App } from '../state/app.svelte'
import { busy, doing } from '../state/status'
import type { IconName } from '../ui/icons'

interface Entry {
  title: string
  icon: IconName
  danger?: boolean
  disabled?: boolean
  run: () => void
}

/** What can be done with one session, for its menus. */
export function sessionEntries(app: App, s: Session): Entry[] {
  const does = (work: () => Promise<unknown>) => () => void app.run(work())
  const b = app.backend
  const archived = s.status === 'archived'
  return [
    { title: s.pinned ? 'Unpin' : 'Pin', icon: 'pin', run: does(() => b.pin(s.id, !s.pinned)) },
    {
      title: 'Open the worktree',
      icon: 'folder',
      disabled: !s.worktree,
      run: () => void app.openWorktree(s),
    },
    { title: 'Copy the branch', icon: 'branch', run: () => void app.copy(s.branch, 'Branch copied') },
    ...(busy(s)
      ? [{ title: 'Stop', icon: 'stop' as const, run: does(() => b.stop(s.id)) }]
      : doing(s) === 'idle'
        ? [{ title: 'Stop the sandbox', icon: 'stop' as const, run: does(() => b.stop(s.id)) }]
        : []),
    archived
      ? { title: 'Take out of the archive', icon: 'undo', run: does(() => b.unarchive(s.id)) }
      : { title: 'Archive', icon: 'archive', run: does(() => b.archive(s.id)) },
    { title: 'Delete …', icon: 'trash', danger: true, run: () => (app.deleting = [s.id]) },
  ]
}
