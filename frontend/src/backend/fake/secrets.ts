import type { Delivery, Failure, Mark, Pasted, SecretEntry, SecretScope } from '../types'
import type { World } from './world'

const refuse = (message: string, hint: string): never => {
  const failure: Failure = { code: 'invalid', message, hint }
  throw failure
}

const own = (world: World, at: SecretScope): SecretEntry[] => {
  if (at.session) return world.session(at.session).secrets
  if (at.project) return world.projects.get(at.project)!.secrets
  return world.settings.secrets
}

function keep(world: World, at: SecretScope, secrets: SecretEntry[]): void {
  secrets.sort((a, b) => a.name.localeCompare(b.name))
  if (at.session) world.change(at.session, { secrets })
  else if (at.project) world.emit({ projects: [{ ...world.projects.get(at.project)!, secrets }] })
  else world.emit({ settings: { ...world.settings, secrets } })
}

function record(world: World, at: SecretScope, secrets: SecretEntry[]): void {
  keep(world, at, secrets)
  for (const s of world.sessions.values()) {
    const has = at.session ? s.id === at.session : !at.project || s.project === at.project
    if (has && s.sandbox === 'running') world.change(s.id, { outdated: true })
  }
}

export function setSecret(
  world: World,
  at: SecretScope,
  name: string,
  delivery: Delivery,
  value: string,
): SecretEntry {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
    refuse(
      'That is not a name for a secret.',
      'Use up to 64 letters, digits and _, and no digit first, such as API_TOKEN.',
    )
  if (['ANTHROPIC_API_KEY', 'OPENAI_API_KEY'].includes(name))
    refuse(
      `A secret cannot be named ${name}: it is a key for a model.`,
      'Add it under Models, where it never enters the sandbox.',
    )
  if (name === 'PATH')
    refuse(
      'A secret cannot be named PATH: every program in the sandbox is led by it.',
      'Choose another name.',
    )
  if (!value) refuse('The secret has no value.', 'Enter its value.')
  const e: SecretEntry = {
    ...(at.project && !at.session && { project: at.project }),
    ...(at.session && { session: at.session }),
    name,
    delivery,
    updatedAt: Date.now(),
    shown: value.length < 6,
  }
  record(world, at, [...own(world, at).filter((o) => o.name !== name), e])
  return e
}

export function markSecret(world: World, at: SecretScope, name: string, mark: Mark): SecretEntry {
  const project = at.session ? world.session(at.session).project : at.project
  const scopes = [at, { project, session: '' }, { project: '', session: '' }]
  const scope = scopes.find((s) => own(world, s).some((e) => e.name === name))
  if (!scope) return refuse('There is no such secret here.', '`bga secret list` shows them all.')
  const old = own(world, scope).find((e) => e.name === name)!
  const e: SecretEntry = { ...old, marked: mark, shown: mark === 'plain' }
  keep(world, scope, [...own(world, scope).filter((o) => o.name !== name), e])
  return e
}

export function deleteSecret(world: World, at: SecretScope, name: string): void {
  record(
    world,
    at,
    own(world, at).filter((o) => o.name !== name),
  )
}

/** Reads the plainest form of .env only. */
export function pasteSecrets(world: World, at: SecretScope, delivery: Delivery, text: string): Pasted {
  const pasted: Pasted = { set: [], skipped: [] }
  for (const [i, line] of text.split('\n').entries()) {
    if (!line.trim() || line.startsWith('#')) continue
    const at_ = line.indexOf('=')
    const skip = (name: string, reason: string) => pasted.skipped.push({ line: i + 1, name, reason })
    if (at_ < 0) skip('', 'The line has no = in it.')
    else
      try {
        pasted.set.push(setSecret(world, at, line.slice(0, at_), delivery, line.slice(at_ + 1)))
      } catch (e) {
        skip(line.slice(0, at_), (e as Failure).message)
      }
  }
  return pasted
}
