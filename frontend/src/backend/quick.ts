import type { Backend } from './backend'
import { failureOf } from './failure'
import type { Event, Failure } from './types'
import { quickPrompt, wails } from './wails'

export interface Quick {
  backend: Backend
  /** Calls f each time that the window is shown. */
  onopen(f: () => void): void
  /** Says that the page takes keys: the window is shown then. */
  ready(): Promise<void>
  resize(height: number): Promise<void>
}

/** The backend for a page that is seen for moments: it asks for the whole state when it is shown, and follows no events. */
export function openQuick(): Quick {
  const inner = wails()
  let look = async () => {}
  quickPrompt.onopen(() => void look())
  const backend: Backend = {
    ...inner,
    watch(f: (events: Event[]) => void, refused: (failure: Failure) => void) {
      let open = true
      look = async () => {
        try {
          const state = await quickPrompt.snapshot()
          if (open) f([state])
        } catch (e) {
          if (open) refused(failureOf(e))
        }
      }
      void look()
      return () => {
        open = false
      }
    },
    onShow: () => () => {},
    addProject: async (path) => {
      const p = await inner.addProject(path)
      await look()
      return p
    },
    initProject: async (path) => {
      const p = await inner.initProject(path)
      await look()
      return p
    },
  }
  return { ...quickPrompt, backend }
}
