import type { Network, NewSession, Policy, Project } from '../backend/types'
import type { App } from '../state/app.svelte'
import { choiceOf } from '../text/option'
import type { Choice } from '../ui/choice'

type Option = 'model' | 'effort' | 'mode'

const categories: Record<Option, string> = { model: 'model', effort: 'thought_level', mode: 'mode' }

/**
 * What the user chooses for a session that is to be made. What is not chosen is as it was for the project's last
 * session, as far as that had the same agent.
 */
export class Choices {
  base = $state('')
  #agent = $state('')
  #options = $state<Record<Option, string>>({ model: '', effort: '', mode: '' })
  #policy = $state<Policy | ''>('')
  #network = $state<Network | ''>('')

  constructor(
    private app: App,
    private project: () => Project | undefined,
  ) {}

  reset(): void {
    this.base = this.#agent = this.#policy = this.#network = ''
    this.#options = { model: '', effort: '', mode: '' }
  }

  get agent(): string {
    const last = this.project()?.defaults.agent
    return this.#agent || last || this.app.store.settings?.agent || this.app.agents[0]?.id || ''
  }
  set agent(id: string) {
    this.#agent = id
    this.#options = { model: '', effort: '', mode: '' }
  }

  get policy(): Policy {
    return this.#policy || this.project()?.defaults.policy || this.app.store.settings?.policy || 'allow_all'
  }
  set policy(p: Policy) {
    this.#policy = p
  }

  get network(): Network {
    return this.#network || this.project()?.defaults.network || this.app.store.settings?.network || 'guarded'
  }
  set network(n: Network) {
    this.#network = n
  }

  option(name: Option): string {
    const last = this.project()?.defaults
    const same = !last?.agent || last.agent === this.agent
    return this.#options[name] || (same ? (last?.[name] ?? '') : '')
  }

  choose(name: Option, value: string): void {
    this.#options[name] = value
  }

  /** What the agent said last time that it offers; empty before it has run once. */
  offered(name: Option): Choice[] {
    let found: { at: number; choices: Choice[] } = { at: 0, choices: [] }
    for (const s of this.app.store.sessions.values()) {
      const o = s.agent === this.agent && s.options.find((o) => o.category === categories[name])
      if (o && s.updatedAt > found.at) found = { at: s.updatedAt, choices: o.choices.map(choiceOf) }
    }
    return found.choices
  }

  /** Models of the providers that are ready and that the agent can talk to, and those that the agent itself named. */
  get models(): Choice[] {
    const speaks = this.app.agents.find((a) => a.id === this.agent)?.models.map((m) => m.protocol)
    const known = (this.app.providers ?? [])
      .filter(
        (p) =>
          p.ready &&
          (!p.agents.length || p.agents.includes(this.agent)) &&
          (!speaks || p.protocols.some((o) => speaks.includes(o))),
      )
      .flatMap((p) => p.models.map((m) => ({ ...choiceOf(m), group: p.name })))
    const seen = new Set(known.map((m) => m.value))
    const names = new Map(this.app.providers?.map((p) => [p.id, p.name]))
    return [
      ...known,
      ...this.offered('model')
        .filter((m) => !seen.has(m.value))
        .map((m) => (m.group ? { ...m, group: names.get(m.group) ?? m.group } : m)),
    ]
  }

  request(project: string, prompt: NewSession['prompt']): NewSession {
    return {
      project,
      title: '',
      agent: this.agent,
      model: this.option('model'),
      effort: this.option('effort'),
      mode: this.option('mode'),
      policy: this.#policy,
      network: this.#network,
      base: this.base,
      branch: '',
      prompt,
    }
  }
}
