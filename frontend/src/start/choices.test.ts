import { describe, expect, it } from 'vitest'
import * as made from '../backend/fake/made'
import type { Provider, Session } from '../backend/types'
import type { App } from '../state/app.svelte'
import { Choices } from './choices.svelte'

/** An application in which an agent has offered these models before. */
function offering(...models: string[]): App {
  const choices = models.map((value) => ({ value, name: value }))
  const option = { id: 'model', name: 'Model', category: 'model', value: '', choices }
  const session: Session = { ...made.session, agent: 'opencode', options: [option], updatedAt: 1 }
  const provider: Provider = {
    id: 'openai',
    name: 'OpenAI',
    kind: 'known',
    ready: false,
    source: '',
    hint: '',
    url: '',
    kept: false,
    elsewhere: '',
    agreed: false,
    agents: [],
    protocols: [],
    models: [],
  }
  return {
    agents: [],
    providers: [provider],
    store: { settings: { ...made.settings, agent: 'opencode' }, sessions: new Map([[session.id, session]]) },
  } as unknown as App
}

describe('models that an agent named itself', () => {
  it('keep the whole name, and stand under the name of their provider', () => {
    const choices = new Choices(offering('openrouter/meta/llama', 'openai/gpt-5'), () => undefined)
    expect(choices.models).toEqual([
      { value: 'openrouter/meta/llama', name: 'Meta/llama', group: 'openrouter' },
      { value: 'openai/gpt-5', name: 'Gpt-5', group: 'OpenAI' },
    ])
  })
})
