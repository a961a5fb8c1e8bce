import { describe, expect, it } from 'vitest'
import type { Backend } from '../backend/backend'
import * as made from '../backend/fake/made'
import type { Failure, Settings } from '../backend/types'
import type { App } from '../state/app.svelte'
import { changeSettings } from './save'

const conflict: Failure = { code: 'conflict', message: 'The settings changed meanwhile.', hint: 'Try again.' }

/** An app whose settings another window changes just before each of the first `others` saves, and tells of it if `told`. */
function contested(others: number, told = true) {
  const store = { settings: { ...made.settings, rev: 1 } as Settings | null }
  let newest = store.settings!
  const saved: Settings[] = []
  const backend = {
    saveSettings: async (s: Settings) => {
      if (others-- > 0) {
        newest = { ...newest, rev: newest.rev + 1, concurrency: newest.concurrency + 1 }
        if (told) setTimeout(() => (store.settings = newest), 60)
      }
      if (s.rev !== newest.rev) throw conflict
      saved.push(s)
      newest = store.settings = { ...s, rev: s.rev + 1 }
    },
  } as unknown as Backend
  return { app: { store, backend } as unknown as App, saved, store }
}

describe('a change of the settings', () => {
  const theme = () => ({ theme: 'dark' })

  it('is saved at once where nobody else changes them', async () => {
    const { app, saved } = contested(0)
    await changeSettings(app, theme)
    expect(saved.map((s) => s.theme)).toEqual(['dark'])
  })

  it('is recreated on what another window has saved meanwhile, which stays', async () => {
    const { app, saved, store } = contested(2)
    const before = made.settings.concurrency
    await changeSettings(app, (now) => ({ theme: 'dark', idleMinutes: now.concurrency }))
    expect(saved).toHaveLength(1)
    expect(store.settings).toMatchObject({ theme: 'dark', concurrency: before + 2, idleMinutes: before + 2 })
  })

  it('is refused where others are faster each time', async () => {
    const { app, saved } = contested(Infinity)
    await expect(changeSettings(app, theme)).rejects.toEqual(conflict)
    expect(saved).toEqual([])
  })

  it('is refused where the newer settings never come', async () => {
    const { app, saved } = contested(1, false)
    await expect(changeSettings(app, theme)).rejects.toEqual(conflict)
    expect(saved).toEqual([])
  })

  it('is not tried again where it is refused for what it says', async () => {
    const { app, store } = contested(0)
    const refused: Failure = { code: 'invalid', message: 'No.', hint: 'Choose another.' }
    let tries = 0
    app.backend.saveSettings = async () => {
      tries++
      throw refused
    }
    await expect(changeSettings(app, theme)).rejects.toEqual(refused)
    expect(tries).toBe(1)
    store.settings = null // before the state has come
    await changeSettings(app, theme)
    expect(tries).toBe(1)
  })
})
