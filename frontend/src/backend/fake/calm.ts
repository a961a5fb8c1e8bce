import { diff, minute } from './history'
import * as made from './made'
import { put } from './put'
import type { World } from './world'

const prompt = (text: string, at: number) => ({ id: made.id(), text, attachments: [], at, sent: false })

/** Sessions that begin, wait, are held or failed to start. */
export function calm(w: World): void {
  const project = w.addProject('/home/ada/code/orchard').id
  const now = Date.now()
  put(
    w,
    {
      title: 'Move the jobs to the new queue',
      project,
      status: 'idle',
      held: true,
      unread: true,
      diff: diff(2, 18, 7),
      prompts: [prompt('Then write a line for the changelog', now), prompt('And bump the version', now)],
    },
    9,
  )
  const starts = put(
    w,
    {
      title: 'Sort the list of orders by date',
      project,
      status: 'starting',
      sandbox: 'preparing',
      step: 'Copying the project history',
      turns: 0,
      prompts: [prompt('Sort the list of orders by date, the newest first, and keep the pages.', now - 4000)],
    },
    0,
  )
  w.add(starts, { kind: 'phase', phase: { name: 'mirror', status: 'running', millis: 0 } })
  put(
    w,
    {
      title: 'Translate the error pages',
      project,
      status: 'starting',
      queued: true,
      step: 'Queued',
      sandbox: 'none',
      turns: 0,
      prompts: [prompt('Translate the error pages into Arabic and Greek.', now - 3 * minute)],
    },
    3,
  )
  const error = {
    code: 'sandbox',
    message: "The project's .background-agents/setup.sh ended with code 1.",
    hint: 'Its output says why. Retry runs it again. If the script is wrong, commit a fix to the project and start a new session.',
  }
  const failed = put(
    w,
    {
      title: 'Show the invoices as a table',
      project,
      status: 'failed',
      held: true,
      turns: 0,
      error,
      prompts: [prompt('Show the invoices as a table.', now)],
    },
    2,
  )
  const done = { doneAt: now }
  const hook = {
    kind: 'phase' as const,
    text: '$ npm ci\nnpm error code E404\nnpm error 404 Not Found: left-pad@9.9.9\n',
    phase: { name: 'setup', status: 'failed', millis: 2100 },
    error,
    ...done,
  }
  w.add(failed, { kind: 'phase', phase: { name: 'container', status: 'done', millis: 400 }, ...done })
  w.add(failed, { kind: 'phase', phase: { name: 'clone', status: 'done', millis: 210 }, ...done })
  w.add(failed, hook)
  w.add(failed, hook)
  put(
    w,
    {
      title: 'Try two ways to group the invoices',
      project,
      sandbox: 'running',
      diff: diff(2, 40, 3),
      only: {
        list: [
          {
            kind: 'branch',
            name: 'experiment/group-by-customer-and-month',
            detail: '',
            commit: 'a51167d2c9e0',
            count: 3,
          },
          {
            kind: 'stash',
            name: 'stash@{0}',
            detail: 'WIP on main: totals',
            commit: '51fd00ac91e2',
            count: 1,
          },
          { kind: 'file', name: 'data/invoices.sqlite', detail: '180 MB', commit: '', count: 0 },
        ],
        more: 2,
      },
    },
    6,
  )
  put(w, { title: 'How does the cache key work?', project }, 40)
  put(w, { title: 'Spike: offline mode', project, status: 'stopped', sandbox: 'stopped' }, 60 * 24 * 12)
}
