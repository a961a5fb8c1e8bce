import * as made from './made'
import { diff, history } from './history'
import { put } from './put'
import type { World } from './world'

/** A session whose sandbox lacks a tool, and has another in a version that is too old. */
export function missing(w: World): void {
  const project = w.addProject('/home/ada/code/orchard').id
  w.emit({ projects: [{ ...w.projects.get(project)!, proposed: made.proposal }] })
  const id = put(w, { title: 'Test the importer', project, status: 'idle', diff: diff(2, 31, 4) }, 3)
  history(w, id)
  const offer = { packages: [], answer: '' as const }
  w.add(id, {
    kind: 'missing',
    missing: {
      ...offer,
      command: 'psql',
      wanted: '',
      label: 'postgresql-client',
      tool: { name: '', version: '' },
      from: '',
      evidence: 'bash: line 1: psql: command not found',
    },
    doneAt: Date.now(),
  })
  w.add(id, {
    kind: 'missing',
    missing: {
      ...offer,
      command: 'go',
      wanted: '1.26.1',
      label: 'Go 1.26.4',
      tool: { name: 'go', version: '1.26.4' },
      from: 'go.mod:3',
      evidence: 'go: go.mod requires go >= 1.26.1 (running go 1.25.4; GOTOOLCHAIN=local)',
    },
    doneAt: Date.now(),
  })
}

export async function answerMissing(w: World, id: string, item: string, add: boolean): Promise<void> {
  const asked = w.items(id).find((it) => it.id === item)?.missing
  if (asked) w.set(id, item, { missing: { ...asked, answer: add ? 'added' : 'declined' } })
}
