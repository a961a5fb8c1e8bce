import type { Connection, HostRule, Network, Policy } from '../backend/types'
import type { Choice } from '../ui/choice'
import { plural } from './format'

export const policies: (Choice & { value: Policy })[] = [
  { value: 'allow_all', name: 'Allow all', description: 'Nothing is asked: the sandbox is the boundary' },
  {
    value: 'allow_edits',
    name: 'Allow edits',
    description: 'Reads and edits in the project go on, commands are asked',
  },
  { value: 'ask', name: 'Ask', description: 'Every step that needs permission is asked' },
]

export const networks: (Choice & { value: Network })[] = [
  {
    value: 'guarded',
    name: 'Guarded',
    description: 'The model, package registries and git hosts; for anything else you are asked',
  },
  { value: 'offline', name: 'Offline', description: 'The model only' },
  { value: 'open', name: 'Open', description: 'Every public host, and nothing of your own network' },
]

const reach: Record<Network, (allowed: number, blocked: number) => string> = {
  guarded: (allowed, blocked) =>
    'its model, package registries and git hosts' +
    (allowed ? `, with ${plural(allowed, 'host')} that you allow` : ', and what you say yes to') +
    (blocked ? `, but not ${plural(blocked, 'host')} that you block` : ''),
  offline: () => 'its model and nothing else',
  open: (allowed, blocked) =>
    'its model and every public host' +
    (allowed ? `, with ${plural(allowed, 'host')} that you allow` : '') +
    (blocked ? `, but not ${plural(blocked, 'host')} that you block` : ''),
}

/** Addresses are private only by a rule that is that very address. */
const isAddress = (host: string) => /^[\d.]+(:\d+)?$|^\[|:.*:/.test(host)

/** The one sentence that says what the sandbox is for. hosts are the project's rules. */
export function boundary(network: Network, hosts: readonly HostRule[] = []): string {
  const allowed = hosts.filter((r) => r.allow)
  const inner = network !== 'offline' && allowed.some((r) => isAddress(r.host))
  return (
    'This agent can read and write its own copy of the project, and reach ' +
    `${reach[network](allowed.length, hosts.length - allowed.length)}. ` +
    'It cannot see your home folder, your keys, other sessions or ' +
    (inner ? 'anything else in your network.' : 'your network.')
  )
}

const reasons: Record<string, string> = {
  offline: 'the session is offline',
  open: 'every public host is open',
  port: 'another port than the web has',
  address: 'an address, not a name',
  'private address': 'it is in your own network; to allow it, name its address too',
  'host or link address': 'it is this computer or its link',
  'asked, sandbox hung up': 'it did not wait for your answer',
  'asked, no answer': 'you did not answer in time',
  'too many questions': 'you were asked about others',
  'denied, too many questions': 'you had not looked at earlier questions',
  'program hung up': 'it did not wait',
}

/** Why a connection was let through, or was not. */
export function because({ rule, allowed }: Pick<Connection, 'rule' | 'allowed'>): string {
  if (rule === 'asked') return allowed ? 'you said yes' : 'you did not say yes'
  const [first, rest] = [rule.slice(0, rule.indexOf(' ')), rule.slice(rule.indexOf(' ') + 1)]
  if (first === 'preset') return `${rest} is open for reading`
  if (first === 'allow') return `you allow ${rest}`
  if (first === 'deny') return `you block ${rest}`
  return reasons[rule] ?? rule
}

/** Whether an allow rule would change what was refused. */
export const allowable = (c: Connection) =>
  !c.allowed &&
  c.port > 0 &&
  (c.rule === 'asked' ||
    c.rule.startsWith('asked,') ||
    c.rule === 'port' ||
    c.rule.endsWith('for reading only'))

/** The rule that is about a connection's host: it names the port where that is none of the web's. */
export const hostOf = (c: Pick<Connection, 'host' | 'port'>) =>
  c.port === 443 || c.port === 80 ? c.host : `${c.host}:${c.port}`

export const networkName = (network: Network) => networks.find((n) => n.value === network)?.name ?? network
