import { SvelteMap } from 'svelte/reactivity'
import type { Backend } from '../backend/backend'
import type { EngineState, Event, ImageState, Project, Session, Settings } from '../backend/types'
import { Ledger } from './ledger.svelte'
import { Transcript } from './transcript.svelte'

/** Transcripts kept in memory; the one longest out of view is dropped first. */
const maxTranscripts = 6

/** Names an image: its agent, and the packages of a project's environment. */
export function imageKey(i: { agent: string; packages: string[] }): string {
  return [i.agent, ...i.packages].join(' ')
}

/** The window's copy of the state. apply is its only writer, for live and replayed events alike. */
export class Store {
  ready = $state(false)
  settings = $state.raw<Settings | null>(null)
  /** By agent, with packages after it: see imageKey. */
  readonly images = new SvelteMap<string, ImageState>()
  engine = $state.raw<EngineState | null>(null)
  readonly projects = new SvelteMap<string, Project>()
  readonly sessions = new SvelteMap<string, Session>()
  readonly ledger: Ledger
  #transcripts = new Map<string, Transcript>()

  constructor(private backend: Backend) {
    this.ledger = new Ledger(backend)
  }

  apply(e: Event): void {
    if (e.state) this.#begin(e)
    if (e.settings) this.settings = e.settings
    for (const i of e.images ?? []) this.images.set(imageKey(i), i)
    if (e.engine) this.engine = e.engine
    for (const p of e.projects ?? []) this.projects.set(p.id, p)
    for (const s of e.sessions ?? []) this.sessions.set(s.id, s)
    for (const it of e.items ?? []) this.#transcripts.get(it.session)?.put(it)
    for (const d of e.deltas ?? []) this.#transcripts.get(d.session)?.append(d)
    for (const c of e.connections ?? []) this.ledger.put(c)
    for (const id of e.gone ?? []) {
      this.projects.delete(id)
      this.sessions.delete(id)
      this.#transcripts.delete(id)
    }
    if (e.state) this.ready = true
  }

  /** What is not in the whole state does not exist; what is held may have missed something. */
  #begin(e: Event): void {
    const sessions = new Set(e.sessions?.map((s) => s.id))
    const projects = new Set(e.projects?.map((p) => p.id))
    for (const id of [...this.sessions.keys()]) if (!sessions.has(id)) this.sessions.delete(id)
    const images = new Set(e.images?.map(imageKey))
    for (const key of [...this.images.keys()]) if (!images.has(key)) this.images.delete(key)
    for (const id of [...this.projects.keys()]) if (!projects.has(id)) this.projects.delete(id)
    for (const [id, t] of this.#transcripts) {
      if (!sessions.has(id)) this.#transcripts.delete(id)
      else if (t.loaded) void t.open(0)
    }
  }

  transcript(id: string): Transcript {
    const t = this.#transcripts.get(id) ?? new Transcript(this.backend, id)
    this.#transcripts.delete(id)
    this.#transcripts.set(id, t)
    if (this.#transcripts.size > maxTranscripts)
      this.#transcripts.delete(this.#transcripts.keys().next().value!)
    return t
  }
}
