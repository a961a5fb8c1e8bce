import type * as t from '../types'
import type { World } from './world'

const model = (value: string, name: string) => ({ value, name })
const openai: t.Protocol[] = ['openai']
const anthropic: t.Protocol[] = ['anthropic']
const none = {
  ready: false,
  source: '',
  hint: '',
  url: '',
  kept: false,
  elsewhere: '',
  agreed: false,
  agents: [],
  protocols: openai,
  models: [],
}

const found: t.Provider[] = [
  {
    ...none,
    id: 'anthropic',
    protocols: anthropic,
    name: 'Anthropic',
    kind: 'known',
    ready: true,
    source: 'the login of OpenCode',
    models: [
      model('anthropic/claude-sonnet-4-5', 'Claude Sonnet 4.5'),
      model('anthropic/claude-opus-4-1', 'Claude Opus 4.1'),
    ],
  },
  {
    ...none,
    id: 'openai',
    name: 'OpenAI',
    kind: 'known',
    hint: 'Enter it in Settings under Models or with `bga provider set openai`, or set OPENAI_API_KEY in the environment.',
  },
  {
    ...none,
    id: 'claude',
    protocols: anthropic,
    name: 'Claude subscription',
    kind: 'login',
    ready: true,
    source: 'the login of Claude Code',
    hint: 'For the agent Claude Code alone: Anthropic lets subscriptions be used in its own programs only.',
    agents: ['claude'],
    models: [model('claude/claude-opus-4-1', 'Claude Opus 4.1')],
  },
  {
    ...none,
    id: 'chatgpt',
    name: 'ChatGPT subscription',
    kind: 'login',
    hint: 'There is no login for ChatGPT subscription. Run `codex login`.',
    agents: ['codex'],
  },
  { ...none, id: 'openrouter', name: 'OpenRouter', kind: 'more', url: 'https://openrouter.ai/api/v1' },
  { ...none, id: 'groq', name: 'Groq', kind: 'more', url: 'https://api.groq.com/openai/v1' },
  {
    ...none,
    id: 'ollama',
    name: 'Ollama',
    kind: 'local',
    ready: true,
    source: 'found on this computer',
    url: 'http://127.0.0.1:11434',
    models: [model('ollama/qwen3-coder', 'qwen3-coder'), model('ollama/gpt-oss', 'gpt-oss')],
  },
]

/** The provider where the environment names another server for it. */
const elsewhere = (p: t.Provider): t.Provider => ({
  ...p,
  url: 'https://gateway.example.com/v1',
  elsewhere: 'OPENAI_BASE_URL',
  hint: 'Set OPENAI_API_KEY in the environment, unset OPENAI_BASE_URL, or let the key that you entered go to that server: `bga provider agree openai`.',
})

const demo: t.Provider = {
  ...none,
  id: 'demo',
  protocols: [...anthropic, ...openai],
  name: 'Demo',
  kind: 'demo',
  ready: true,
  source: 'built in',
  models: [model('demo/scripted', 'Scripted, offline')],
}

/** The providers that the fake has, and what the user does with them. */
export class Models {
  #found: t.Provider[]
  #keys = new Set<string>()
  #agreed = new Set<string>()

  constructor(
    private world: World,
    scene: string,
  ) {
    const nothing = ['empty', 'nodocker', 'nomodel'].includes(scene)
    this.#found = nothing ? found.filter((p) => p.id === 'openai') : found
    if (scene === 'calm') this.#found = found.map((p) => (p.id === 'openai' ? elsewhere(p) : p))
  }

  all(): t.Provider[] {
    const own = this.world.settings.providers.map((c): t.Provider => ({
      ...none,
      ...c,
      kind: 'own',
      protocols: c.protocol === 'anthropic' ? anthropic : openai,
      models: [],
    }))
    const keyed = [...this.#found, ...own].map((p): t.Provider => {
      if (this.#agreed.has(p.id)) return { ...p, agreed: true, ready: true, hint: '', source: 'the keychain' }
      if (!this.#keys.has(p.id)) return p
      return {
        ...p,
        ready: true,
        kept: true,
        source: 'the keychain',
        models: [model(`${p.id}/large`, 'Large')],
      }
    })
    return [...keyed, demo]
  }

  save(p: t.ProviderConfig): void {
    const providers = [...this.world.settings.providers.filter((o) => o.id !== p.id), p]
    this.world.emit({ settings: { ...this.world.settings, providers } })
  }

  remove(id: string): void {
    const providers = this.world.settings.providers.filter((o) => o.id !== id)
    this.world.emit({ settings: { ...this.world.settings, providers } })
    this.#keys.delete(id)
  }

  agree(id: string, address: string): void {
    if (address) this.#agreed.add(id)
    else this.#agreed.delete(id)
  }

  key(id: string, key: string): void {
    if (key) this.#keys.add(id)
    else this.#keys.delete(id)
  }
}
