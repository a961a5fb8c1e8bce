import { Kept } from './kept.svelte'

export type Pane = 'changes' | 'network' | 'details'

/** How the window is divided. Which pane is open is kept per session. */
export class Layout {
  #kept = new Kept('layout', {
    sidebar: 288,
    sidebarHidden: false,
    changes: 560,
    network: 440,
    details: 400,
    files: 240,
    split: false,
    whitespace: false,
    panes: {} as Record<string, Pane | ''>,
  })
  /** In a narrow window, sidebar and pane lie over the session. */
  narrow = $state(false)
  drawer = $state(false)
  /** The pane takes the room of the transcript too. */
  wide = $state(false)

  get v() {
    return this.#kept.value
  }

  set<K extends 'sidebar' | 'sidebarHidden' | Pane | 'files' | 'split' | 'whitespace'>(
    key: K,
    value: Layout['v'][K],
  ): void {
    this.#kept.value[key] = value
    this.#kept.save()
  }

  pane(session: string): Pane | '' {
    return this.#kept.value.panes[session] ?? ''
  }

  show(session: string, pane: Pane | ''): void {
    this.#kept.value.panes[session] = pane
    const ids = Object.keys(this.#kept.value.panes)
    if (ids.length > 500) delete this.#kept.value.panes[ids[0]!]
    if (!pane) this.wide = false
    this.#kept.save()
  }

  toggle(session: string, pane: Pane): void {
    this.show(session, this.pane(session) === pane ? '' : pane)
  }

  toggleSidebar(): void {
    if (this.narrow) this.drawer = !this.drawer
    else this.set('sidebarHidden', !this.v.sidebarHidden)
  }
}
