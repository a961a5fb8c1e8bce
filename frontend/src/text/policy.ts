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

/**
 * What a sandbox reaches, as it is today: every connection but the model's is refused, whichever network is chosen.
 * The choice of hosts appears here together with the proxy that enforces it.
 */
export const networks: (Choice & { value: Network })[] = [
  { value: 'offline', name: 'Model only', description: 'No other host is reached' },
]

/** The one sentence that says what the sandbox is for. */
export const boundary =
  'This agent can read and write its own copy of the project, and reach its model and nothing else. ' +
  'It cannot see your home folder, your keys, other sessions or your network.'
