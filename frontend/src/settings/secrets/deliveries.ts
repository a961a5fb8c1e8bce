import type { Delivery } from '../../backend/types'
import type { Choice } from '../../ui/choice'

export const deliveries: (Choice & { value: Delivery })[] = [
  { value: 'env', name: 'As a variable', description: 'In the environment of the agent and of the hooks' },
  { value: 'file', name: 'As a file', description: 'In memory; the variable NAME_FILE says where' },
]
