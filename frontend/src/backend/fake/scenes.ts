import type * as t from '../types'
import { servers } from './agents'
import { calm } from './calm'
import * as made from './made'
import { diff, history, hook, live, proposal, pullRequest } from './history'
import { missing } from './missing'
import { closing, runTurn } from './play'
import { put } from './put'
import { setSecret } from './secrets'
import type { World } from './world'

export const scenes: Record<string, (w: World) => void> = {
  busy(w) {
    const orchard = w.addProject('/home/ada/code/orchard').id
    w.emit({
      projects: [{ ...w.projects.get(orchard)!, mcp: servers, mounts: ['ssh'], proposed: made.proposal }],
    })
    const harbour = w.addProject('/home/ada/code/harbour').id
    const site = w.addProject('/home/ada/code/website').id
    setSecret(w, { project: '', session: '' }, 'NPM_TOKEN', 'env', 'a token for packages')
    setSecret(w, { project: '', session: '' }, 'STAGE', 'env', 'dev')
    setSecret(w, { project: orchard, session: '' }, 'DATABASE_URL', 'env', 'postgres://orchard')
    setSecret(w, { project: orchard, session: '' }, 'DEPLOY_KEY', 'file', '-----BEGIN')
    const main = put(
      w,
      {
        title: 'Keep sessions alive while the user is active',
        project: orchard,
        status: 'working',
        step: 'Looking for other timers in the code base',
        workedSince: Date.now() - 95_000,
        diff: diff(9, 539, 487),
        pinned: true,
        result: { turn: 1, commit: 'c0ffee00', files: 'beef', risky: ['.github/workflows/ci.yml'] },
        edits: 0,
        prompts: [
          {
            id: 'q0',
            text: 'Now do the same for the admin pages, and add a test for each of them.',
            attachments: [],
            at: 0,
            sent: true,
          },
          { id: 'q1', text: 'Then write a line for the changelog', attachments: [], at: 0, sent: false },
          { id: 'q2', text: 'And bump the version', attachments: [], at: 0, sent: false },
        ],
      },
      1,
    )
    history(w, main)
    live(w, main)
    const asks = put(
      w,
      {
        title: 'Upgrade the payment library to v4',
        project: harbour,
        status: 'needs_you',
        step: 'Waiting for your answer',
        policy: 'ask',
        unread: true,
      },
      3,
    )
    w.change(asks, {
      turns: 0,
      status: 'idle',
      prompts: [
        {
          id: 'a',
          text: 'Upgrade the payment library to v4, ask me before you run commands.',
          attachments: [],
          at: 0,
          sent: false,
        },
      ],
    })
    void runTurn(w, asks)
    const failed = put(
      w,
      {
        title: 'Make the nightly import faster',
        project: harbour,
        status: 'failed',
        held: true,
        sandbox: 'running',
        unread: true,
        turns: 0,
        error: {
          code: 'model_key',
          message: 'Anthropic refused the key from the keychain.',
          hint: 'Enter a valid key in Settings under Models or with `bga provider set anthropic`. Then Retry.',
          details:
            'HTTP 401: {"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}\nThe agent reports: “API key is invalid”',
        },
      },
      12,
    )
    w.change(failed, { turns: 1 })
    w.add(failed, {
      kind: 'prompt',
      text: 'Make the nightly import faster: it takes four hours.',
      prompt: { id: 'x', attachments: [] },
      doneAt: 1,
    })
    w.add(failed, {
      kind: 'turn',
      result: {
        stop: 'error',
        millis: 2300,
        commit: '',
        files: '',
        diff: diff(0, 0, 0),
        tools: 0,
        tokens: 0,
      },
      doneAt: Date.now(),
      error: {
        code: 'model_key',
        message: 'Anthropic refused the key from the keychain.',
        hint: 'Enter a valid key in Settings under Models or with `bga provider set anthropic`. Then Retry.',
      },
    })
    put(
      w,
      {
        title: 'Dark mode for the print view',
        project: site,
        status: 'working',
        step: 'npx playwright test',
        workedSince: Date.now() - 240_000,
        diff: diff(4, 120, 31),
      },
      0,
    )
    put(
      w,
      {
        title: 'Translate the error pages',
        project: site,
        status: 'starting',
        queued: true,
        sandbox: 'none',
        step: 'Queued',
      },
      2,
    )
    const ready = put(
      w,
      {
        title: 'Fix the flaky login test',
        project: orchard,
        status: 'idle',
        diff: diff(2, 18, 7),
        unread: true,
        pullRequest,
        result: {
          turn: 1,
          commit: '8c0e1d2f4b',
          files: 'aa01',
          risky: ['.github/workflows/ci.yml', 'package.json'],
        },
      },
      14,
    )
    history(w, ready)
    proposal(w, ready)
    put(
      w,
      {
        title: 'Describe the release process',
        project: orchard,
        status: 'stopped',
        sandbox: 'stopped',
        diff: diff(1, 86, 0),
        edits: 2,
      },
      95,
    )
    put(
      w,
      {
        title: 'Remove dead feature flags',
        project: harbour,
        status: 'idle',
        diff: diff(31, 40, 912),
        network: 'open',
      },
      180,
    )
    const cut = put(
      w,
      {
        title: 'Split the router into two modules',
        project: harbour,
        status: 'stopped',
        sandbox: 'stopped',
        interrupted: true,
      },
      300,
    )
    w.add(cut, {
      kind: 'prompt',
      text: 'Split the router into two modules.',
      prompt: { id: 'c', attachments: [] },
      doneAt: 1,
    })
    put(w, { title: 'How does the cache key work?', project: orchard, status: 'idle', mounts: ['ssh'] }, 400)
    put(w, { title: 'Try the new bundler', project: site, status: 'stopped', sandbox: 'stopped' }, 1600)
    put(
      w,
      {
        title: 'Spike: offline mode',
        project: site,
        status: 'stopped',
        sandbox: 'stopped',
        diff: diff(12, 340, 22),
      },
      60 * 24 * 12,
    )
    put(w, { title: 'Old experiment', project: orchard, status: 'archived', sandbox: 'none' }, 60 * 24 * 40)
  },
  empty(w) {
    w.images.set('opencode', made.missing('opencode'))
  },
  nomodel(w) {
    w.addProject('/home/ada/code/orchard')
  },
  nodocker(w) {
    w.engine = {
      ok: false,
      name: '',
      host: 'unix:///var/run/docker.sock',
      memoryMB: 0,
      cpus: 0,
      error: made.noDocker,
    }
    w.images.set('opencode', { ...made.missing('opencode'), status: 'unknown' })
  },
  refused: () => undefined,
  calm,
  hook(w) {
    const project = w.addProject('/home/ada/code/orchard').id
    put(w, { title: 'How does the cache key work?', project }, 40)
    const id = put(
      w,
      {
        title: 'Show the components in a storybook',
        project,
        status: 'needs_you',
        doing: 'starting',
        questions: 1,
        step: 'Running the setup hook',
        unread: true,
        turns: 0,
      },
      0,
    )
    hook(w, id)
  },
  big(w) {
    const p = w.addProject('/home/ada/code/orchard').id
    const id = put(
      w,
      { title: 'A very long session', project: p, diff: diff(5000, 300_000, 120_000), turns: 0 },
      5,
    )
    for (let turn = 1; turn <= 500; turn++) {
      w.sessions.set(id, { ...w.session(id), turns: turn })
      w.add(id, {
        kind: 'prompt',
        text: `Step ${turn}: go on with the next module.`,
        prompt: { id: `p${turn}`, attachments: [] },
        doneAt: 1,
      })
      for (let i = 0; i < 98; i++) {
        if (i % 7 === 6)
          w.add(id, {
            kind: 'message',
            text: `Module ${turn}.${i}: ${'it is done, and the next one follows. '.repeat(i % 5)}\n\n- \`a${i}\`\n- **b**`,
            doneAt: 1,
          })
        else
          w.add(id, {
            kind: 'tool',
            text: 'ok',
            doneAt: 1,
            tool: {
              title: `src/module-${turn}-${i}.ts`,
              kind: i % 2 ? 'read' : 'edit',
              status: 'completed',
              paths: [],
              edits: [],
            },
          })
      }
      // Turns stay open, so that nothing folds: the list is as long as it can be.
      if (turn === 500) w.add(id, { kind: 'message', text: closing, doneAt: 1 })
      else w.add(id, { kind: 'notice', text: `End of step ${turn}.`, doneAt: 1 })
    }
  },
  missing,
  many(w) {
    const projects = Array.from({ length: 10 }, (_, i) => w.addProject(`/home/ada/code/project-${i}`).id)
    const states: t.Status[] = ['idle', 'stopped', 'working', 'idle', 'failed']
    for (let i = 0; i < 1000; i++)
      put(
        w,
        {
          title: `Session ${i}`,
          project: projects[i % 10]!,
          status: states[i % 5]!,
          diff: diff(i % 4, i, i % 17),
        },
        i * 7,
      )
  },
}
