import type { Network, Policy } from '../backend/types'
import type { Choice } from '../ui/choice'

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

const reach: Record<Network, string> = {
  guarded: 'its model, package registries, git hosts and the hosts that you allow',
  offline: 'its model and nothing else',
  open: 'its model and every public host',
}

/** The one sentence that says what the sandbox is for. */
export const boundary = (network: Network) =>
  `This agent can read and write its own copy of the project, and reach ${reach[network]}. ` +
  'It cannot see your home folder, your keys, other sessions or your network.'

export const networkName = (network: Network) => networks.find((n) => n.value === network)?.name ?? network
