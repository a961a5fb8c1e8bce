import type * as t from '../types'
import * as made from './made'
import type { World } from './world'

/** How fast the fake agent works: 1 as a person would watch it, less in tests. */
const pace = Number(new URLSearchParams(location.search).get('pace') ?? 1)

class Stopped extends Error {}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((done, stopped) => {
    if (signal.aborted) return stopped(new Stopped())
    const timer = setTimeout(done, ms * pace)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      stopped(new Stopped())
    })
  })
}

/** Plays the start of a sandbox. */
export async function startUp(w: World, id: string): Promise<void> {
  const run = new AbortController()
  w.running.set(id, run)
  try {
    for (const [name, ms] of [
      ['mirror', 120],
      ['container', 340],
      ['clone', 210],
      ['setup', 600],
      ['agent', 900],
    ] as const) {
      w.change(id, { step: `Phase: ${name}` })
      const it = w.add(id, { kind: 'phase', phase: { name, status: 'running', millis: 0 } })
      if (name === 'setup') {
        for (const line of ['> npm ci\n', 'added 241 packages in 0.5s\n']) {
          await pause(ms / 3, run.signal)
          w.write(id, it.id, line)
        }
      }
      await pause(ms, run.signal)
      w.set(id, it.id, { phase: { name, status: 'done', millis: ms }, doneAt: Date.now() })
    }
    w.change(id, {
      status: 'idle',
      sandbox: 'running',
      oldEnvironment: false,
      step: '',
      options: made.options,
      commands: made.commands,
    })
  } catch {
    w.change(id, { status: 'stopped', sandbox: 'stopped', step: '' })
  }
  w.running.delete(id)
}

/** Plays one turn for each prompt that waits. */
export async function runTurn(w: World, id: string): Promise<void> {
  const s = w.sessions.get(id)
  const prompt = s?.prompts[0]
  if (!s || !prompt || w.running.has(id) || s.held || s.status === 'starting') return
  const run = new AbortController()
  w.running.set(id, run)
  const begun = Date.now()
  const turn = s.turns + 1
  w.change(id, {
    status: 'working',
    turns: turn,
    workedSince: begun,
    prompts: [{ ...prompt, sent: true }, ...s.prompts.slice(1)],
  })
  w.add(id, {
    kind: 'prompt',
    text: prompt.text,
    prompt: { id: prompt.id, attachments: prompt.attachments },
    doneAt: begun,
  })
  let stop = 'end_turn'
  let error: t.Failure | undefined
  try {
    await act(w, id, prompt.text, run.signal)
  } catch (e) {
    if (e instanceof Stopped) stop = 'cancelled'
    else {
      stop = 'error'
      error = e as t.Failure
    }
  }
  w.running.delete(id)
  const after = w.sessions.get(id)
  if (!after) return
  const diff = { files: 3, added: 104, removed: 16 }
  w.add(id, {
    kind: 'turn',
    result: {
      stop,
      millis: Date.now() - begun,
      commit: 'c0ffee',
      files: 'beef',
      diff,
      tools: 4,
      tokens: 18_230,
    },
    doneAt: Date.now(),
    ...(error && { error }),
  })
  const rest = after.prompts.slice(1)
  w.change(id, {
    status: error ? 'failed' : 'idle',
    error,
    held: (stop !== 'end_turn' || !!error) && rest.length > 0,
    step: '',
    workedSince: 0,
    prompts: rest,
    diff,
    result: { turn, commit: 'c0ffee00', files: `beef${turn}`, risky: ['.github/workflows/ci.yml'] },
    worktree: `/home/ada/.local/share/background-agents/worktrees/${after.branch.split('/').at(-1)}`,
    updatedAt: Date.now(),
    turnedAt: Date.now(),
    usage: { ...after.usage, contextUsed: after.usage.contextUsed + 9000 },
  })
  if (stop === 'end_turn') void runTurn(w, id)
}

async function act(w: World, id: string, text: string, signal: AbortSignal): Promise<void> {
  const step = (s: string) => w.change(id, { step: s })
  const say = async (kind: 'message' | 'thought', words: string, ms = 18) => {
    const it = w.add(id, { kind })
    for (const chunk of words.match(/\S+\s*/g) ?? []) {
      await pause(ms, signal)
      w.write(id, it.id, chunk)
    }
    w.set(id, it.id, { doneAt: Date.now() })
  }
  const tool = async (v: Partial<t.Tool> & { title: string; kind: string }, output: string, ms: number) => {
    const value: t.Tool = { status: 'running', paths: [], edits: [], ...v }
    const it = w.add(id, { kind: 'tool', tool: value })
    for (const line of output.split(/(?<=\n)/)) {
      await pause(ms, signal)
      w.write(id, it.id, line)
    }
    w.set(id, it.id, { tool: { ...value, status: 'completed' }, doneAt: Date.now() })
  }

  step('Thinking')
  await say(
    'thought',
    'The user wants a small, sure step. I look at what is there first, then change as little as possible.',
  )
  if (text.includes('spend') && !w.session(id).budget) {
    const failure: t.Failure = {
      code: 'budget_spent',
      message: "The session's budget of $5.00 is spent.",
      hint: `Raise the budget in the session's details or with \`bga budget ${id}\`, then Retry.`,
    }
    throw failure
  }
  if (text.includes('fail')) {
    const failure: t.Failure = {
      code: 'model_failed',
      message: 'Anthropic is overloaded.',
      hint: 'Retry in a minute, or choose another model.',
      details: 'HTTP 529: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
    }
    throw failure
  }
  step('Reading src/session/timeout.ts')
  await tool(
    { title: 'src/session/timeout.ts', kind: 'read', paths: ['src/session/timeout.ts'] },
    '128 lines\n',
    200,
  )
  const plan = ['Read the code', 'Change the timer', 'Test it'].map((p) => ({
    text: p,
    status: 'pending',
    priority: 'medium',
  }))
  const at = (n: number) =>
    plan.map((p, i) => ({ ...p, status: i < n ? 'completed' : i === n ? 'in_progress' : 'pending' }))
  const planned = w.add(id, { kind: 'plan', plan: at(1) })
  if (w.session(id).policy === 'ask' || text.includes('ask me')) {
    const permission = `ask-${Date.now()}`
    w.add(id, {
      kind: 'permission',
      permission: {
        id: permission,
        title: 'Run a command',
        detail: 'npm install --save-dev vitest',
        options: [
          { id: 'once', name: 'Allow once', kind: 'allow_once' },
          { id: 'always', name: 'Always allow', kind: 'allow_always' },
          { id: 'no', name: 'Reject', kind: 'reject_once' },
        ],
        answer: '',
        by: '',
      },
    })
    w.change(id, { status: 'needs_you', doing: 'working', questions: 1, step: 'Waiting for your answer' })
    await Promise.race([
      new Promise<void>((done) => w.answers.set(permission, () => done())),
      pause(1e8, signal),
    ])
  }
  step('Editing src/session/timeout.ts')
  await tool(
    {
      title: 'Edit src/session/timeout.ts',
      kind: 'edit',
      edits: [{ path: 'src/session/timeout.ts', added: 31, removed: 12 }],
    },
    'Applied.\n',
    250,
  )
  w.set(id, planned.id, { plan: at(2) })
  step('npm test')
  await tool(
    { title: 'npm test', kind: 'execute' },
    '\u001b[32m✓\u001b[0m timeout ends a session\n\u001b[32m✓\u001b[0m touch starts over\n\n2 passed (0.4 s)\n',
    220,
  )
  w.set(id, planned.id, { plan: at(3), doneAt: Date.now() })
  step('Writing')
  await say('message', closing, 14)
}

export const closing = `The session timeout now **starts again with every request**, and a session says how long it has left.

- \`Timeout.touch(id)\` replaces \`start\`: it is called for every request.
- \`Timeout.left(id)\` is new, and is what the login answer tells the browser.

\`\`\`ts
/** How long the session has left, in milliseconds. */
left(id: SessionId): number {
  const s = this.sessions.find((s) => s.id === id)
  return s ? Math.max(0, s.lastSeen + IDLE_MINUTES * 60_000 - clock.now()) : 0
}
\`\`\`

Both are tested. One thing to decide: the old \`legacy.ts\` had a second timer, which I removed, see [the notes](https://example.org/notes).
`
