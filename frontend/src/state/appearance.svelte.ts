import type { App } from './app.svelte'

/** Keeps the page's look to the settings, and to the system's where they say so. */
export function followAppearance(app: App): void {
  const query = window.matchMedia('(prefers-color-scheme: dark)')
  let system = $state(query.matches)

  $effect(() => {
    const changed = () => (system = query.matches)
    query.addEventListener('change', changed)
    return () => query.removeEventListener('change', changed)
  })

  $effect(() => {
    const s = app.store.settings
    const root = document.documentElement
    const dark = s?.theme === 'dark' || (s?.theme !== 'light' && system)
    root.dataset['theme'] = dark ? 'dark' : 'light'
    root.dataset['density'] = s?.density === 'compact' ? 'compact' : 'comfortable'
    root.style.setProperty('--font-size', `${Math.min(22, Math.max(10, s?.fontSize || 13))}px`)
  })
}
