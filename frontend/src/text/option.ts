import type { Option, OptionValue } from '../backend/types'
import type { Choice } from '../ui/choice'
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

/** A value as it is offered: "provider/model" under its provider, and every name with a capital. */
export function choiceOf(v: OptionValue): Choice {
  const cut = v.value.includes('/') ? v.name.indexOf('/') : -1
  const provider = cut > 0 ? v.name.slice(0, cut) : v.value.slice(0, Math.max(0, v.value.indexOf('/')))
  const name = v.name.slice(cut + 1)
  return {
    value: v.value,
    name: name.charAt(0).toUpperCase() + name.slice(1),
    ...(provider && { group: provider }),
    ...(v.description && { description: v.description }),
  }
}
