import { getContext, setContext } from 'svelte'
import { SvelteMap, SvelteSet } from 'svelte/reactivity'
import type { Backend } from '../backend/backend'
import { failureOf } from '../backend/failure'
import type { Agent, Event, Failure, Mount, Project, Prompt, Provider, Session, Show } from '../backend/types'
import { safeURL } from '../text/link'
import { Drafts } from './drafts.svelte'
import { grouped, type Group } from './groups'
import { Kept } from './kept.svelte'
import { Layout, type Pane } from './layout.svelte'
import { busy } from './status'
import { Store } from './store.svelte'

export type View =
  | { name: 'session'; id: string }
  | { name: 'new' | 'start' }
  /** page is one of settings/pages.ts, or the id of a project. */
  | { name: 'settings'; page?: string }

export interface Toast {
  id: number
  failure?: Failure
  text: string
  action?: { title: string; run: () => void }
}

/** What the changes pane shows: everything since the base (turn 0) or one turn, and which file. */
export interface Shown {
  turn: number
  path: string
}

/** What the user is asked before it happens. */
export interface Question {
  title: string
  text: string
  hint: string
  yes: string
  run: () => Promise<unknown>
}

/** A session with what is to be done with its commits; proposal is the item by which the agent asks for it. */
export interface Outward {
  what: 'commit' | 'push' | 'merge' | 'rebase' | 'pr'
  session: string
  proposal?: string
}

/** The window: its copy of the state, what is in view, and the ways to ask for changes. */
export class App {
  readonly store: Store
  readonly layout = new Layout()
  readonly drafts: Drafts
  view = $state.raw<View>({ name: 'new' })
  overlay = $state<'' | 'palette' | 'keys'>('')
  /** Why the state cannot be had; null while it comes. */
  refused = $state.raw<Failure | null>(null)
  toasts = $state<Toast[]>([])
  now = $state(Date.now())
  agents = $state.raw<Agent[]>([])
  mounts = $state.raw<Mount[]>([])
  providers = $state.raw<Provider[] | null>(null)
  /** What the user opened or closed, by session and key. */
  readonly opened = new SvelteMap<string, boolean>()
  /** Place in the changes pane, by session. */
  readonly shown = new SvelteMap<string, Shown>()
  readonly marked = new SvelteSet<string>()
  /** Sessions that are asked about before they go. */
  deleting = $state.raw<string[]>([])
  /** The first of them is asked. */
  questions = $state.raw<Question[]>([])
  /** What is about to go out of a session: it is shown, and waits for the user's yes. */
  outward = $state.raw<Outward | null>(null)
  #last = new Kept('view', { session: '' })
  #toast = 0
  #wake: () => void = () => undefined

  /** quick is the quick prompt's window: it always shows the new session, and keeps nothing but its own draft. */
  constructor(
    readonly backend: Backend,
    readonly quick = false,
  ) {
    this.store = new Store(backend)
    this.drafts = new Drafts(quick ? 'quick-' : '')
  }

  /** Begins to follow the state. The returned function ends it. */
  begin(): () => void {
    const stop = this.backend.watch(
      (events) => {
        const first = !this.store.ready
        this.refused = null
        this.#apply(events)
        if (first && this.store.ready) this.#arrive()
        if (this.view.name === 'session' && !this.store.sessions.has(this.view.id)) this.go({ name: 'new' })
      },
      (failure) => (this.refused = failure),
    )
    const unshow = this.backend.onShow(({ session, view, page }) => {
      if (this.store.sessions.has(session)) this.open(session)
      else if (view === 'settings') this.go({ name: 'settings', page })
      else this.go({ name: view === 'start' ? 'start' : 'new' })
    })
    const clock = this.#runClock()
    return () => {
      stop()
      unshow()
      clock()
      this.drafts.flush()
    }
  }

  /** Applies events. The clock runs faster from the moment that something works. */
  #apply(events: Event[]): void {
    const idle = !this.someoneWorks
    for (const e of events) this.store.apply(e)
    if (idle && this.someoneWorks) this.#wake()
  }

  /** Keeps `now`: every second while someone works and the window is seen, and rarely otherwise, to let it sleep. */
  #runClock(): () => void {
    let timer: ReturnType<typeof setTimeout>
    const tick = () => {
      this.now = Date.now()
      timer = setTimeout(tick, this.someoneWorks && document.visibilityState === 'visible' ? 1000 : 20_000)
    }
    const seen = () => {
      clearTimeout(timer)
      tick()
    }
    tick()
    this.#wake = seen
    document.addEventListener('visibilitychange', seen)
    return () => {
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', seen)
    }
  }

  #arrive(): void {
    void this.refreshProviders()
    if (this.quick || this.view.name === 'settings') return // asked for while the state was on its way
    const last = this.#last.value.session
    if (this.store.sessions.has(last)) this.open(last)
    else if (!this.store.projects.size) this.go({ name: 'start' })
    else this.go({ name: 'new' })
  }

  get someoneWorks(): boolean {
    for (const s of this.store.sessions.values()) if (busy(s)) return true
    for (const i of this.store.images.values()) if (i.status === 'building') return true
    return false
  }

  get session(): Session | undefined {
    return this.view.name === 'session' ? this.store.sessions.get(this.view.id) : undefined
  }

  projectOf(s: Session): Project | undefined {
    return this.store.projects.get(s.project)
  }

  get groups(): Map<Group, Session[]> {
    return grouped(this.store.sessions.values(), this.now)
  }

  go(view: View): void {
    if (this.quick) {
      if (view.name !== 'new') void this.run(this.backend.endQuickPrompt({ show: shown(view) }))
      return
    }
    this.view = view
    this.layout.drawer = false
    this.layout.wide = false
    const id = view.name === 'session' ? view.id : ''
    if (id) {
      this.#last.value.session = id
      this.#last.save()
    }
    void this.#look(id)
  }

  /** Asks for a session's items. What changes while they are read comes as events: those must flow before. */
  async #look(id: string): Promise<void> {
    await this.backend.focus(id).catch(() => undefined)
    if (id && this.session?.id === id)
      await this.store.transcript(id).open(this.store.sessions.get(id)?.items ?? 0)
  }

  open(id: string): void {
    this.go({ name: 'session', id })
  }

  pane(): Pane | '' {
    return this.view.name === 'session' ? this.layout.pane(this.view.id) : ''
  }

  showDiff(session: string, shown: Partial<Shown>): void {
    this.shown.set(session, { turn: 0, path: '', ...this.shown.get(session), ...shown })
    this.layout.show(session, 'changes')
  }

  /** Does what the user asked for; a refusal is told. It returns undefined where it was refused. */
  async run<T>(work: Promise<T>, retry?: () => void): Promise<T | undefined> {
    try {
      return await work
    } catch (e) {
      this.fail(failureOf(e), retry)
      return undefined
    }
  }

  /** Does what would lose something only after the user has read what, and agreed. */
  async agreed(title: string, yes: string, work: (force: boolean) => Promise<unknown>): Promise<void> {
    try {
      await work(false)
    } catch (e) {
      const failure = failureOf(e)
      if (failure.code !== 'unsaved') return this.fail(failure)
      const question = { title, text: failure.message, hint: failure.hint, yes, run: () => work(true) }
      this.questions = [...this.questions, question]
    }
  }

  archive(s: Session): Promise<void> {
    return this.agreed(`Archive “${s.title}”?`, 'Archive anyway', (force) =>
      this.backend.archive(s.id, force),
    )
  }

  fail(failure: Failure, retry?: () => void): void {
    this.#push({
      failure,
      text: failure.message,
      ...(retry && { action: { title: 'Try again', run: retry } }),
    })
  }

  say(text: string, action?: Toast['action']): void {
    this.#push({ text, ...(action && { action }) })
  }

  #push(t: Omit<Toast, 'id'>): void {
    const id = ++this.#toast
    this.toasts = [...this.toasts.filter((o) => o.text !== t.text), { ...t, id }].slice(-4)
    if (!t.failure) setTimeout(() => this.dismiss(id), 5000)
  }

  dismiss(id: number): void {
    this.toasts = this.toasts.filter((t) => t.id !== id)
  }

  async refreshProviders(): Promise<void> {
    this.agents = (await this.run(this.backend.agents())) ?? []
    this.mounts = (await this.run(this.backend.mounts())) ?? []
    this.providers = (await this.run(this.backend.providers())) ?? []
  }

  async copy(text: string, what = 'Copied'): Promise<void> {
    try {
      await navigator.clipboard.writeText(text)
      this.say(what)
    } catch {
      this.fail({
        code: 'internal',
        message: 'The clipboard did not take the text.',
        hint: 'Select it and copy it by hand.',
      })
    }
  }

  /** Opens a link of foreign text in the user's browser, if it is of a kind that we open. */
  openLink(href: string): void {
    const url = safeURL(href)
    if (url) void this.run(this.backend.openURL(url))
    else
      this.fail({
        code: 'invalid',
        message: 'This kind of link is not opened.',
        hint: 'Only web and mail links are.',
      })
  }

  async openWorktree(s: Session): Promise<void> {
    const path = await this.run(this.backend.checkout(s.id))
    if (path) await this.run(this.backend.openPath(path))
  }

  async demo(): Promise<void> {
    const s = await this.run(this.backend.demo(), () => void this.demo())
    if (s) this.follow(s)
  }

  /** Puts a prompt that was cancelled back into the session's draft. */
  takeBack(session: string, prompt: Prompt): void {
    this.drafts.add(session, prompt.text)
    const kept = this.drafts.of(session).attachments
    this.drafts.set(session, { attachments: [...kept, ...prompt.attachments] })
  }

  /** Opens a session that was made just now; its event may come after the answer. */
  follow(s: Session): void {
    if (!this.store.sessions.has(s.id)) this.#apply([{ sessions: [s] }])
    this.open(s.id)
  }
}

/** What the main window is asked to show. */
const shown = (view: View): Show => ({
  session: view.name === 'session' ? view.id : '',
  view: view.name === 'settings' || view.name === 'start' ? view.name : '',
  page: view.name === 'settings' ? (view.page ?? '') : '',
})

const key = Symbol('app')
export const provideApp = (app: App) => setContext(key, app)
export const useApp = () => getContext<App>(key)
