import type { Option } from '../backend/types'
import type { IconName } from '../ui/icons'

const icons: Record<string, IconName> = { model: 'cpu', thought_level: 'dial', mode: 'list' }
const order = ['model', 'thought_level', 'mode']

export const optionIcon = (o: Option): IconName | undefined => icons[o.category]

/** Model first, then effort, mode, and what else the agent offers; options without a choice are left out. */
export const optionsInOrder = (options: Option[]): Option[] =>
  options.filter((o) => o.choices.length > 1 || o.category === 'model').sort((a, b) => rank(a) - rank(b))

const rank = (o: Option) => {
  const i = order.indexOf(o.category)
  return i < 0 ? order.length : i
}

/** "provider/model" as the group and the name of a choice. */
export function modelChoice(v: { value: string; name: string; description?: string }) {
  const provider = v.value.includes('/') ? v.value.slice(0, v.value.indexOf('/')) : ''
  const name = v.name.startsWith(`${provider}/`) ? v.name.slice(provider.length + 1) : v.name
  return {
    value: v.value,
    name,
    ...(provider && { group: provider }),
    ...(v.description && { description: v.description }),
  }
}
