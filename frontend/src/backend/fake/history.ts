import type * as t from '../types'
import { closing } from './play'
import type { World } from './world'

// Turns as a store would give them.

export const minute = 60_000

export const diff = (files: number, added: number, removed: number): t.DiffStat => ({ files, added, removed })

/** A finished turn, as the store would give it. */
export function history(w: World, id: string): void {
  w.change(id, { turns: 0 })
  const done = { doneAt: Date.now() - 20 * minute, at: Date.now() - 20 * minute - 400 }
  for (const [name, millis] of [
    ['mirror', 120],
    ['container', 340],
    ['clone', 210],
    ['agent', 2900],
  ] as const)
    w.add(id, { kind: 'phase', phase: { name, status: 'done', millis }, ...done })
  w.change(id, { turns: 1 })
  w.add(id, {
    kind: 'prompt',
    text: 'Sessions end after 30 minutes even while the user is active. Fix this, and tell the browser how long it has left.',
    prompt: { id: 'p1', attachments: [{ name: 'report.png', mime: 'image/png', size: 182_000, hash: 'a' }] },
    ...done,
  })
  w.add(id, {
    kind: 'thought',
    text: 'The timer is set once, in `start`. Every request must set it again.',
    ...done,
  })
  const tool = (
    title: string,
    kind: string,
    text: string,
    more: Partial<t.Item> & { v?: Partial<t.Tool> } = {},
  ) => {
    const { v, ...rest } = more
    return w.add(id, {
      kind: 'tool',
      text,
      tool: { title, kind, status: 'completed', paths: [], edits: [], ...v },
      ...done,
      ...rest,
    })
  }
  tool('src/session/timeout.ts', 'read', '128 lines')
  tool('grep "timeout" in src', 'search', '14 matches in 6 files')
  const sub = tool('Find every caller of Timeout.start', 'other', 'Four callers.')
  tool('src/api/login.go', 'read', '212 lines', { parent: sub.id })
  w.add(id, { kind: 'message', text: 'Four callers, all in `src/api`.', parent: sub.id, ...done })
  tool('Edit src/session/timeout.ts', 'edit', 'Applied.', {
    v: { edits: [{ path: 'src/session/timeout.ts', added: 31, removed: 12 }] },
  })
  tool('npm test', 'execute', '✗ left() is never negative\n  expected 0, got -1200\n', {
    v: { status: 'failed' },
    at: done.doneAt - 8200,
  })
  tool('Edit src/api/login.go', 'edit', 'Applied.', {
    v: { edits: [{ path: 'src/api/login.go', added: 9, removed: 4 }] },
  })
  tool('npm test', 'execute', '2 passed', { at: done.doneAt - 6100 })
  w.add(id, { kind: 'message', text: closing, ...done })
  w.add(id, {
    kind: 'turn',
    result: {
      stop: 'end_turn',
      millis: 252_000,
      commit: 'c0ffee',
      files: 'beef',
      diff: diff(9, 539, 487),
      tools: 8,
      tokens: 48_200,
    },
    ...done,
  })
}

/** A turn that is being worked on: plan, commands with output, subagent. */
export function live(w: World, id: string): void {
  w.change(id, { turns: 2 })
  const at = Date.now() - 95_000
  w.add(id, {
    kind: 'prompt',
    text: 'Now do the same for the admin pages, and add a test for each of them.',
    prompt: { id: 'p2', attachments: [] },
    at,
    doneAt: at,
  })
  w.add(id, {
    kind: 'message',
    text: 'The admin pages share one middleware, so one change is enough. I write the tests first.',
    at,
    doneAt: at + 3000,
  })
  w.add(id, {
    kind: 'plan',
    at,
    plan: [
      { text: 'Find where the admin pages begin a session', status: 'completed', priority: 'high' },
      { text: 'Write a failing test for each page', status: 'completed', priority: 'high' },
      { text: 'Move the timer into the middleware', status: 'in_progress', priority: 'high' },
      { text: 'Remove the old timer', status: 'pending', priority: 'medium' },
      { text: 'Run the whole test suite', status: 'pending', priority: 'medium' },
    ],
  })
  const tool = (
    title: string,
    kind: string,
    text: string,
    took: number,
    v: Partial<t.Tool> = {},
    parent = '',
  ) =>
    w.add(id, {
      kind: 'tool',
      text,
      at: at + 8000,
      doneAt: took ? at + 8000 + took : 0,
      tool: { title, kind, status: took ? 'completed' : 'running', paths: [], edits: [], ...v },
      ...(parent && { parent }),
    })
  tool('src/admin/middleware.ts', 'read', '96 lines', 200)
  tool('Edit src/admin/middleware.test.ts', 'edit', 'Applied.', 900, {
    edits: [{ path: 'src/session/timeout.test.ts', added: 64, removed: 0 }],
  })
  tool(
    'npx vitest run src/admin',
    'execute',
    ' ❯ src/admin/middleware.test.ts (4 tests | 4 failed) 212ms\n   × users page keeps the session alive\n   × billing page keeps the session alive\n',
    4200,
    { status: 'failed' },
  )
  const sub = tool('Look for other timers in the code base', 'other', '', 0)
  tool('grep "setTimeout" in src', 'search', '23 matches', 300, {}, sub.id)
  tool('src/legacy/keepalive.ts', 'read', '41 lines', 120, {}, sub.id)
  w.add(id, {
    kind: 'message',
    text: 'Two more timers: `keepalive.ts` and `poll.ts`. Only the first one ends sessions.',
    parent: sub.id,
    at: at + 12_000,
  })
  tool('Edit src/admin/middleware.ts', 'edit', 'Applied.', 1100, {
    edits: [{ path: 'src/api/login.go', added: 12, removed: 3 }],
  })
}

export const pullRequest: t.PullRequest = {
  url: 'https://github.com/ada/orchard/pull/409',
  number: 409,
  state: 'open',
  draft: true,
  title: 'Fix the flaky login test',
  body: '',
  base: 'main',
  checks: 'passed',
  at: Date.now(),
}

/** The agent asks for a pull request. */
export function proposal(w: World, id: string): void {
  w.add(id, {
    kind: 'proposal',
    proposal: {
      id: 'pr-1',
      title: 'Make the login test wait for the server',
      base: 'main',
      draft: true,
      body: 'The test read the page before the server had bound its port.\n\nRan it 200 times: no failure.',
      answer: '',
      url: '',
    },
  })
}

/** A setup hook that wants to reach a host. */
export function hook(w: World, id: string): void {
  for (const name of ['mirror', 'container', 'clone'])
    w.add(id, { kind: 'phase', phase: { name, status: 'done', millis: 400 }, doneAt: Date.now() })
  w.add(id, {
    kind: 'phase',
    phase: { name: 'setup', status: 'running', millis: 0 },
    text: '$ npm ci\nnpm http fetch GET https://npm.internal.example.com/storybook\n',
  })
  w.add(id, {
    kind: 'permission',
    permission: {
      id: 'host:storybook',
      title: 'Reach npm.internal.example.com?',
      detail: 'npm ci\nstarted by sh .background-agents/setup.sh',
      options: [
        { id: 'once', name: 'Once', kind: 'allow_once' },
        { id: 'always', name: 'Always for this project', kind: 'allow_always' },
        { id: 'no', name: 'No', kind: 'reject_once' },
        { id: 'never', name: 'Never', kind: 'reject_always' },
      ],
      answer: '',
      by: '',
    },
  })
}
