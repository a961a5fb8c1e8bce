import type { IconName } from './icons'

/** One thing to choose in a Picker. */
export interface Choice {
  value: string
  name: string
  description?: string
  group?: string
  icon?: IconName
}

/** Choices whose name or value holds every word. */
export function found(choices: Choice[], search: string): Choice[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  return choices.filter((c) => {
    const text = `${c.name} ${c.value} ${c.group ?? ''}`.toLowerCase()
    return words.every((w) => text.includes(w))
  })
}
