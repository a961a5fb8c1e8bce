import type { MissingTool } from '../backend/types'
import { plain } from './terminal'

/** What a card asks about a tool that the sandbox lacks. The command is the sandbox's word. */
export function missingQuestion(m: MissingTool): { head: string; title: string } {
  const from = m.from ? ` (from ${plain(m.from)})` : ''
  const what = m.tool.name ? m.label : `the package ${m.label}`
  return {
    head: m.wanted
      ? `The project needs ${plain(m.command)} ${plain(m.wanted)} or newer.`
      : `${plain(m.command)} is not in this sandbox.`,
    title: `Add ${what}${from} to the project's environment?`,
  }
}

/** What became of it, in one line. */
export function missingOutcome(m: MissingTool, waits: boolean): string {
  if (m.answer === 'declined') return `${m.label} was not added. This project won't ask for it again.`
  const when = waits ? ' The sandbox restarts when the turn ends.' : ''
  return `${m.label} was added to the project's environment.${when}`
}
