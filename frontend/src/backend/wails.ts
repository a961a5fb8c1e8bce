import type { Backend } from './backend'
import { Sequence } from './sequence'
import type { Batch, Event, Item, Session } from './types'

type Bound = Record<string, (...args: unknown[]) => Promise<unknown>>

interface Native {
  go: { app: { API: Bound } }
  runtime: { EventsOn(name: string, f: (batch: Batch) => void): () => void }
}

/** Go writes an empty slice that was never made as null; here it is an empty list. */
const list = <T>(v: T[] | null | undefined): T[] => v ?? []

const session = (s: Session): Session => ({
  ...s,
  options: list(s.options).map((o) => ({ ...o, choices: list(o.choices) })),
  commands: list(s.commands),
  prompts: list(s.prompts).map((p) => ({ ...p, attachments: list(p.attachments) })),
  result: { ...s.result, risky: list(s.result.risky) },
  timings: s.timings ?? {},
})

function item(i: Item): Item {
  const out = { ...i }
  if (i.prompt) out.prompt = { ...i.prompt, attachments: list(i.prompt.attachments) }
  if (i.tool) out.tool = { ...i.tool, paths: list(i.tool.paths), edits: list(i.tool.edits) }
  if (i.permission) out.permission = { ...i.permission, options: list(i.permission.options) }
  return out
}

function event(e: Event): Event {
  const out = { ...e }
  if (e.sessions) out.sessions = e.sessions.map(session)
  if (e.items) out.items = e.items.map(item)
  return out
}

/** The Backend that is the Go application around this window. */
export function wails(): Backend {
  const native = window as unknown as Native
  const call = <T>(method: string, ...args: unknown[]) => {
    const f = native.go.app.API[method]
    if (!f) return Promise.reject(new Error(`the application has no ${method}`))
    return f(...args) as Promise<T>
  }
  const many = async <T>(method: string, ...args: unknown[]) => list(await call<T[] | null>(method, ...args))

  return {
    watch(f) {
      const sequence = new Sequence(
        () => call<Batch>('State'),
        (events) => f(list(events).map(event)),
      )
      const off = native.runtime.EventsOn('events', (batch) => sequence.take(batch))
      void sequence.begin()
      return () => {
        off()
        sequence.close()
      }
    },
    focus: (id) => call('Focus', id),
    addProject: (path) => call('AddProject', path),
    initProject: (path) => call('InitProject', path),
    removeProject: (id) => call('RemoveProject', id),
    saveProject: (p) => call('SaveProject', p),
    suggestions: () => many('Suggestions'),
    repository: (id) => call('Repository', id),
    refs: async (id) => {
      const r = await call<Awaited<ReturnType<Backend['refs']>>>('Refs', id)
      return { ...r, local: list(r.local), remote: list(r.remote), tags: list(r.tags) }
    },
    pickFolder: () => call('PickFolder'),
    create: async (n) => session(await call('Create', n)),
    retry: (id) => call('Retry', id),
    resume: (id) => call('Resume', id),
    rename: (id, title) => call('Rename', id, title),
    pin: (id, pinned) => call('Pin', id, pinned),
    seen: (id) => call('Seen', id),
    setOption: (id, option, value) => call('SetOption', id, option, value),
    setPolicy: (id, policy) => call('SetPolicy', id, policy),
    archive: (id) => call('Archive', id),
    unarchive: (id) => call('Unarchive', id),
    unsaved: (id) => many('Unsaved', id),
    delete: (id, force) => call('Delete', id, force),
    prompt: (id, p) => call('Prompt', id, p),
    editPrompt: (id, prompt, text) => call('EditPrompt', id, prompt, text),
    movePrompt: (id, prompt, to) => call('MovePrompt', id, prompt, to),
    cancelPrompt: async (id, prompt) => {
      const p = await call<Awaited<ReturnType<Backend['cancelPrompt']>>>('CancelPrompt', id, prompt)
      return { ...p, attachments: list(p.attachments) }
    },
    attach: (name, mime, base64) => call('Attach', name, mime, base64),
    stop: (id) => call('Stop', id),
    answer: (id, permission, option) => call('Answer', id, permission, option),
    items: async (id, from, limit) => (await many<Item>('Items', id, from, limit)).map(item),
    changed: async (id, since, limit) => (await many<Item>('Changed', id, since, limit)).map(item),
    outputPage: (id, i, offset, limit) => call('OutputPage', id, i, offset, limit),
    diff: (id, turn) => many('Diff', id, turn),
    patch: async (id, turn, path, o) => {
      const p = await call<Awaited<ReturnType<Backend['patch']>>>('Patch', id, turn, path, o)
      return { ...p, hunks: list(p.hunks).map((h) => ({ ...h, lines: list(h.lines) })) }
    },
    checkpoint: (id) => call('Checkpoint', id),
    checkout: (id) => call('Checkout', id),
    restore: (id, turn) => call('Restore', id, turn),
    edits: (id) => many('Edits', id),
    sendEdits: (id) => call('SendEdits', id),
    sandbox: async (id) => {
      const s = await call<Awaited<ReturnType<Backend['sandbox']>>>('Sandbox', id)
      return { ...s, volumes: list(s.volumes) }
    },
    saveSettings: (s) => call('SaveSettings', s),
    agents: () => many('Agents'),
    providers: async () =>
      (await many<Awaited<ReturnType<Backend['providers']>>[number]>('Providers')).map((p) => ({ ...p, models: list(p.models) })),
    buildImage: (agent) => call('BuildImage', agent),
    cancelImage: (agent) => call('CancelImage', agent),
    doctor: () => many('Doctor'),
    demo: async () => session(await call('Demo')),
    openURL: (url) => call('OpenURL', url),
    openPath: (path) => call('OpenPath', path),
    version: () => call('Version'),
  }
}
