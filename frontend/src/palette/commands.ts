import { save } from '../settings/save'
import type { App } from '../state/app.svelte'
import { groupOf } from '../state/groups'
import { busy, doing } from '../state/status'
import type { IconName } from '../ui/icons'

/** Something the user can ask for: the palette, the keys and the sheet of shortcuts all read this. */
export interface Command {
  id: string
  title: string
  icon: IconName
  /** As `matches` reads it: "mod+k", "alt+ArrowUp", "?". mod is Cmd on a Mac and Ctrl elsewhere. */
  shortcut?: string
  danger?: boolean
  /** Works while the user types, too. */
  typing?: boolean
  when?: (app: App) => boolean
  run: (app: App) => void
}

const inSession = (app: App) => app.session !== undefined

/** Sessions in the order of the sidebar, without old and archived ones. */
const inOrder = (app: App) =>
  [...app.groups].flatMap(([group, list]) => (group === 'archived' || group === 'older' ? [] : list))

function step(app: App, by: number): void {
  const all = inOrder(app)
  if (!all.length) return
  const i = all.findIndex((s) => s.id === app.session?.id)
  app.open(all[i < 0 ? 0 : (i + by + all.length) % all.length]!.id)
}

function nextThatNeedsMe(app: App): void {
  const all = inOrder(app).filter((s) => groupOf(s, app.now) === 'needs' || s.unread)
  const i = all.findIndex((s) => s.id === app.session?.id)
  const next = all[(i + 1) % Math.max(1, all.length)]
  if (next) app.open(next.id)
  else app.say('No session needs you')
}

function toggleMode(app: App): void {
  const s = app.session
  const mode = s?.options.find((o) => o.category === 'mode')
  if (!s || !mode || mode.choices.length < 2) return
  const i = mode.choices.findIndex((c) => c.value === mode.value)
  void app.run(app.backend.setOption(s.id, mode.id, mode.choices[(i + 1) % mode.choices.length]!.value))
}

const focusComposer = () => document.querySelector<HTMLElement>('[data-composer]')?.focus()

/** What can be done with the commits of a session that has some. */
const outward = (
  [
    ['merge', 'Merge into a branch of mine …', 'merge'],
    ['rebase', 'Rebase …', 'retry'],
    ['push', 'Push …', 'send'],
    ['pr', 'Open a pull request …', 'pull'],
  ] as const
).map(([what, title, icon]): Command => ({
  id: what,
  title,
  icon,
  when: (a) => !!a.session?.result.commit,
  run: (a) => (a.outward = { what, session: a.session!.id }),
}))

/** What the menu of a session shows, in its order. The palette has them too. */
export const sessionCommands: Command[] = [
  {
    id: 'pin',
    title: 'Pin',
    icon: 'pin',
    when: (a) => a.session?.pinned === false,
    run: (a) => void a.run(a.backend.pin(a.session!.id, true)),
  },
  {
    id: 'unpin',
    title: 'Unpin',
    icon: 'pin',
    when: (a) => a.session?.pinned === true,
    run: (a) => void a.run(a.backend.pin(a.session!.id, false)),
  },
  {
    id: 'worktree',
    title: 'Open the worktree',
    icon: 'folder',
    when: (a) => !!a.session?.worktree,
    run: (a) => void a.openWorktree(a.session!),
  },
  {
    id: 'branch',
    title: 'Copy the branch name',
    icon: 'branch',
    when: inSession,
    run: (a) => void a.copy(a.session!.branch, 'Branch name copied'),
  },
  {
    id: 'stop',
    title: 'Stop the agent',
    icon: 'stop',
    shortcut: 'Escape Escape',
    when: (a) => !!a.session && busy(a.session),
    run: (a) => void a.run(a.backend.stop(a.session!.id)),
  },
  {
    id: 'stop-sandbox',
    title: 'Stop the sandbox',
    icon: 'stop',
    when: (a) => !!a.session && doing(a.session) === 'idle',
    run: (a) => void a.run(a.backend.stop(a.session!.id)),
  },
  {
    id: 'archive',
    title: 'Archive',
    icon: 'archive',
    when: (a) => inSession(a) && a.session?.status !== 'archived',
    run: (a) => void a.archive(a.session!),
  },
  {
    id: 'unarchive',
    title: 'Unarchive',
    icon: 'undo',
    when: (a) => a.session?.status === 'archived',
    run: (a) => void a.run(a.backend.unarchive(a.session!.id)),
  },
  {
    id: 'delete',
    title: 'Delete …',
    icon: 'trash',
    danger: true,
    when: inSession,
    run: (a) => (a.deleting = [a.session!.id]),
  },
]

export const commands: Command[] = [
  {
    id: 'palette',
    title: 'All commands',
    icon: 'search',
    shortcut: 'mod+k',
    typing: true,
    run: (a) => (a.overlay = 'palette'),
  },
  { id: 'new', title: 'New session', icon: 'plus', shortcut: 'n', run: (a) => a.go({ name: 'new' }) },
  {
    id: 'needs',
    title: 'Next session that needs me',
    icon: 'warn',
    shortcut: 'mod+shift+u',
    typing: true,
    run: nextThatNeedsMe,
  },
  {
    id: 'previous',
    title: 'Previous session',
    icon: 'up',
    shortcut: 'alt+ArrowUp',
    typing: true,
    run: (a) => step(a, -1),
  },
  {
    id: 'next',
    title: 'Next session',
    icon: 'down',
    shortcut: 'alt+ArrowDown',
    typing: true,
    run: (a) => step(a, 1),
  },
  {
    id: 'composer',
    title: 'Write a prompt',
    icon: 'pencil',
    shortcut: 'mod+i',
    typing: true,
    run: focusComposer,
  },
  {
    id: 'mode',
    title: 'Switch between plan and build',
    icon: 'list',
    shortcut: 'mod+.',
    typing: true,
    when: inSession,
    run: toggleMode,
  },
  {
    id: 'changes',
    title: 'Show the changes',
    icon: 'diff',
    shortcut: 'mod+shift+1',
    typing: true,
    when: inSession,
    run: (a) => a.layout.toggle(a.session!.id, 'changes'),
  },
  ...outward,
  {
    id: 'network',
    title: 'Show what the sandbox reached',
    icon: 'globe',
    shortcut: 'mod+shift+4',
    typing: true,
    when: inSession,
    run: (a) => a.layout.toggle(a.session!.id, 'network'),
  },
  {
    id: 'details',
    title: 'Show the details',
    icon: 'info',
    shortcut: 'mod+shift+5',
    typing: true,
    when: inSession,
    run: (a) => a.layout.toggle(a.session!.id, 'details'),
  },
  {
    id: 'sidebar',
    title: 'Show or hide the sidebar',
    icon: 'sidebar',
    shortcut: 'mod+b',
    typing: true,
    run: (a) => a.layout.toggleSidebar(),
  },
  {
    id: 'search',
    title: 'Search sessions',
    icon: 'search',
    shortcut: '/',
    run: () => document.querySelector<HTMLElement>('[data-search]')?.focus(),
  },
  {
    id: 'resume',
    title: 'Resume the session',
    icon: 'play',
    when: (a) => a.session?.status === 'stopped' || !!a.session?.interrupted,
    run: (a) => void a.run(a.backend.resume(a.session!.id)),
  },
  ...sessionCommands,
  { id: 'project', title: 'Add a project', icon: 'folder', run: (a) => a.go({ name: 'start' }) },
  { id: 'demo', title: 'Try it without an account', icon: 'play', run: (a) => void a.demo() },
  { id: 'doctor', title: 'Check this computer', icon: 'check', run: (a) => a.go({ name: 'start' }) },
  {
    id: 'settings',
    title: 'Settings',
    icon: 'gear',
    shortcut: 'mod+,',
    typing: true,
    run: (a) => a.go({ name: 'settings' }),
  },
  {
    id: 'theme',
    title: 'Switch between light and dark',
    icon: 'eye',
    run: (a) => {
      const dark = document.documentElement.dataset['theme'] === 'dark'
      save(a, { theme: dark ? 'light' : 'dark' })
    },
  },
  { id: 'keys', title: 'Shortcuts', icon: 'keyboard', shortcut: '?', run: (a) => (a.overlay = 'keys') },
]

export const can = (c: Command, app: App) => c.when?.(app) ?? true
