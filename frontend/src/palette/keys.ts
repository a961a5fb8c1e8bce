import type { App } from '../state/app.svelte'
import { system } from '../ui/system'
import { can, commands } from './commands'

const mac = system === 'mac'
const names: Record<string, string> = {
  mod: mac ? '⌘' : 'Ctrl',
  alt: mac ? '⌥' : 'Alt',
  shift: mac ? '⇧' : 'Shift',
}
const signs: Record<string, string> = { ArrowUp: '↑', ArrowDown: '↓', Escape: 'Esc', Enter: 'Enter' }

/** A shortcut as its keys are labelled, one string a key. */
export const keysOf = (shortcut: string): string[] =>
  shortcut.split(' ').flatMap((part) => part.split('+').map((k) => names[k] ?? signs[k] ?? k.toUpperCase()))

/** A command's title or another text with its shortcut, for a tooltip: "Hide the sidebar (Ctrl B)". */
export function withKeys(text: string, id: string): string {
  const shortcut = commands.find((c) => c.id === id)?.shortcut
  return shortcut ? `${text} (${keysOf(shortcut).join(' ')})` : text
}

/** Whether a key press is this shortcut. Digits go by place, since Shift turns them into other signs. */
function matches(e: KeyboardEvent, shortcut: string): boolean {
  const parts = shortcut.split('+')
  const key = parts.at(-1)!
  const mod = mac ? e.metaKey : e.ctrlKey
  const other = mac ? e.ctrlKey : e.metaKey
  if (mod !== parts.includes('mod') || other || e.altKey !== parts.includes('alt')) return false
  if (/^\d$/.test(key)) return e.code === `Digit${key}` && e.shiftKey === parts.includes('shift')
  if (/^[a-z]$/.test(key)) return e.key.toLowerCase() === key && e.shiftKey === parts.includes('shift')
  return e.key === key
}

const typing = (e: KeyboardEvent) =>
  e.target instanceof HTMLElement && !!e.target.closest('input, textarea, select, [contenteditable]')

/** How long after an Escape the next one means Stop. */
const twice = 600
let escaped = -Infinity

/** Does what a key press asks for. */
export function press(e: KeyboardEvent, app: App): void {
  if (e.defaultPrevented || e.isComposing || document.querySelector('dialog[open]')) return
  const digit = /^Digit([1-9])$/.exec(e.code)?.[1]
  if (digit && (mac ? e.metaKey : e.ctrlKey) && !e.shiftKey && !e.altKey) {
    const s = [...app.groups.values()].flat()[Number(digit) - 1]
    if (s) app.open(s.id)
    e.preventDefault()
    return
  }
  if (e.key === 'Escape') {
    const again = e.timeStamp - escaped < twice
    escaped = again ? -Infinity : e.timeStamp
    const stop = commands.find((c) => c.id === 'stop')!
    if (again && can(stop, app)) stop.run(app)
    else if (app.layout.drawer) app.layout.drawer = false
    else if (app.layout.narrow && app.session && app.pane()) app.layout.show(app.session.id, '')
    else if (app.marked.size) app.marked.clear()
    return
  }
  for (const c of commands) {
    if (!c.shortcut || !matches(e, c.shortcut) || (typing(e) && !c.typing) || !can(c, app)) continue
    e.preventDefault()
    c.run(app)
    return
  }
}
