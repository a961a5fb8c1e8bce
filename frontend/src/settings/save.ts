import { failureOf } from '../backend/failure'
import type { Project, Settings } from '../backend/types'
import type { App } from '../state/app.svelte'

/** Saves a change of the settings; a refusal is told. */
export function save(app: App, change: Partial<Settings>): void {
  void app.run(changeSettings(app, () => change))
}

/** Changes the settings as they are now: what another window or `bga` changes at the same time stays. */
export const changeSettings = (app: App, change: (now: Settings) => Partial<Settings>) =>
  changing<Settings>(
    () => app.store.settings,
    (now) => app.backend.saveSettings({ ...now, ...change(now) }),
  )

/** Changes a project as it is now. */
export const changeProject = (app: App, id: string, change: (now: Project) => Partial<Project>) =>
  changing<Project>(
    () => app.store.projects.get(id),
    (now) => app.backend.saveProject({ ...now, ...change(now) }),
  )

/** Tries again with what is the newest where somebody else was faster. */
async function changing<T extends { rev: number }>(
  newest: () => T | null | undefined,
  saved: (now: T) => Promise<void>,
): Promise<void> {
  for (let tries = 5; ; tries--) {
    const now = newest()
    if (!now) return
    try {
      return await saved(now)
    } catch (e) {
      if (failureOf(e).code !== 'conflict' || tries === 1) throw e
      for (let n = 0; n < 20 && newest()?.rev === now.rev; n++) {
        await new Promise((next) => setTimeout(next, 50)) // the event with the newer one is on its way
      }
      if (newest()?.rev === now.rev) throw e
    }
  }
}
