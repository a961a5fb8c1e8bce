import type { Settings } from '../backend/types'
import type { App } from '../state/app.svelte'

/** Saves a change of the settings; a refusal is told. */
export function save(app: App, change: Partial<Settings>): void {
  const s = app.store.settings
  if (s) void app.run(app.backend.saveSettings({ ...s, ...change }))
}
