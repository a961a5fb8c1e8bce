import type * as t from '../types'
import * as made from './made'

const flushEvery = 16

/** What the fake application knows, and the stream of its changes. */
export class World {
  readonly projects = new Map<string, t.Project>()
  readonly sessions = new Map<string, t.Session>()
  readonly #items = new Map<string, t.Item[]>()
  readonly running = new Map<string, AbortController>()
  readonly answers = new Map<string, (option: string) => void>()
  settings = made.settings
  images = new Map([
    ['opencode', made.image],
    ...['claude', 'codex'].map((agent) => [agent, made.missing(agent)] as const),
  ])
  engine: t.EngineState = made.engine
  focus = ''
  #waiting: t.Event[] = []
  #f: ((events: t.Event[]) => void) | null = null

  watch(f: (events: t.Event[]) => void): () => void {
    this.#f = f
    setTimeout(() =>
      f([
        {
          state: true,
          settings: this.settings,
          projects: [...this.projects.values()],
          sessions: [...this.sessions.values()],
          images: [...this.images.values()],
          engine: this.engine,
        },
      ]),
    )
    const timer = setInterval(() => {
      if (!this.#waiting.length) return
      const events = this.#waiting
      this.#waiting = []
      f(events)
    }, flushEvery)
    return () => {
      clearInterval(timer)
      this.#f = null
    }
  }

  emit(e: t.Event): void {
    for (const p of e.projects ?? []) this.projects.set(p.id, p)
    for (const s of e.sessions ?? []) this.sessions.set(s.id, s)
    if (e.settings) this.settings = e.settings
    for (const i of e.images ?? []) this.images.set(i.agent, i)
    if (this.#f) this.#waiting.push(e)
  }

  session = (id: string): t.Session => this.sessions.get(id)!
  items = (id: string): t.Item[] => this.#items.get(id) ?? []

  change(id: string, change: { [K in keyof t.Session]?: t.Session[K] | undefined }): void {
    const s = this.sessions.get(id)
    if (s) this.emit({ sessions: [{ ...s, ...change } as t.Session] })
  }

  /** What runs keeps the environment that it was started with. */
  oldEnvironment(project: string): void {
    for (const s of this.sessions.values())
      if (s.project === project && s.sandbox === 'running') this.change(s.id, { oldEnvironment: true })
  }

  hosts(project: string, change: (hosts: t.HostRule[]) => t.HostRule[]): void {
    const p = this.projects.get(project)
    if (p) this.emit({ projects: [{ ...p, hosts: change(p.hosts) }] })
  }

  gone(id: string): void {
    this.running.get(id)?.abort()
    this.projects.delete(id)
    this.sessions.delete(id)
    this.emit({ gone: [id] })
  }

  addProject(path: string): t.Project {
    const old = [...this.projects.values()].find((p) => p.path === path)
    if (old) return old
    const p = made.project(path)
    this.emit({ projects: [p] })
    return p
  }

  create(n: t.NewSession): t.Session {
    const title = n.title || n.prompt.text.split('\n')[0]!.slice(0, 80) || 'New session'
    const slug = title
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .slice(0, 40)
    const s: t.Session = {
      ...made.session,
      id: made.id(),
      project: n.project,
      title,
      branch: `agents/${slug}`,
      baseRef: n.base || 'main',
      policy: n.policy || this.settings.policy,
      status: 'starting',
      sandbox: 'preparing',
      options: [],
      commands: [],
      diff: { files: 0, added: 0, removed: 0 },
      result: { turn: 0, commit: '', files: '', risky: [] },
      worktree: '',
      turns: 0,
      items: 0,
      rev: 0,
      prompts: n.prompt.text ? [{ ...n.prompt, id: made.id(), at: Date.now(), sent: false }] : [],
      createdAt: Date.now(),
      updatedAt: Date.now(),
      turnedAt: Date.now(),
    }
    this.emit({ sessions: [s] })
    return s
  }

  /** Adds an item; its number and revision are given here. */
  add(id: string, it: Partial<t.Item> & { kind: t.Kind }): t.Item {
    const s = this.session(id)
    const items = this.#items.get(id) ?? []
    const item: t.Item = {
      session: id,
      id: `${it.kind}-${items.length + 1}`,
      turn: s.turns,
      at: Date.now(),
      doneAt: 0,
      text: '',
      ...it,
      size: it.size ?? it.text?.length ?? 0,
      seq: items.length + 1,
      rev: s.rev + 1,
    }
    items.push(item)
    this.#items.set(id, items)
    this.sessions.set(id, { ...s, items: items.length, rev: item.rev })
    if (this.focus === id) this.emit({ items: [item] })
    return item
  }

  set(id: string, item: string, change: Partial<t.Item>): void {
    const items = this.items(id)
    const i = items.findIndex((it) => it.id === item)
    const s = this.sessions.get(id)
    if (i < 0 || !s) return
    const next = { ...items[i]!, ...change, rev: s.rev + 1 }
    items[i] = next
    this.sessions.set(id, { ...s, rev: next.rev })
    if (this.focus === id) this.emit({ items: [next] })
  }

  write(id: string, item: string, text: string): void {
    const items = this.items(id)
    const i = items.findIndex((it) => it.id === item)
    const s = this.sessions.get(id)
    if (i < 0 || !s) return
    const was = items[i]!
    const next = { ...was, text: was.text + text, size: was.size + text.length, rev: s.rev + 1 }
    items[i] = next
    this.sessions.set(id, { ...s, rev: next.rev })
    if (this.focus === id)
      this.emit({ deltas: [{ session: id, item, prev: was.rev, rev: next.rev, text, size: next.size }] })
  }

  notice = (id: string, text: string) => void this.add(id, { kind: 'notice', text, doneAt: Date.now() })

  queue(id: string, p: t.NewPrompt): t.Prompt {
    const prompt = { ...p, at: Date.now(), sent: false }
    this.prompts(id, (all) => [...all, prompt])
    this.change(id, { held: false })
    return prompt
  }

  prompts(id: string, f: (all: t.Prompt[]) => t.Prompt[]): void {
    this.change(id, { prompts: f(this.session(id).prompts) })
  }

  stop(id: string): void {
    const run = this.running.get(id)
    if (run) run.abort()
    else this.change(id, { status: 'stopped', sandbox: 'stopped' })
  }

  answer(id: string, permission: string, option: string): void {
    const it = this.items(id).find((i) => i.permission?.id === permission)
    if (!it?.permission || it.permission.answer) return
    this.set(id, it.id, { permission: { ...it.permission, answer: option, by: 'user' }, doneAt: Date.now() })
    this.change(id, {
      status: this.session(id).doing || 'working',
      doing: '',
      questions: 0,
      step: 'Going on',
    })
    this.answers.get(permission)?.(option)
  }

  build(agent: string): void {
    const begun = Date.now()
    let done = 0
    const log: string[] = []
    const timer = setInterval(() => {
      if (this.images.get(agent)?.status === 'missing' && done) return clearInterval(timer)
      const step = made.imageSteps[done]
      log.push(`#${done + 5} ${step ?? 'exporting layers'}`)
      const over = done >= made.imageSteps.length
      this.emit({
        images: [
          {
            ...made.image,
            agent,
            name: `background-agents/${agent}:4f1c`,
            status: over ? 'current' : 'building',
            step: step ?? '',
            done,
            total: made.imageSteps.length,
            size: over ? 612e6 : 0,
            started: begun,
            millis: Date.now() - begun,
            log: log.join('\n'),
          },
        ],
      })
      done++
      if (over) clearInterval(timer)
    }, 500)
  }
}
