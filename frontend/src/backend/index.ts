import type { Backend } from './backend'
import { wails } from './wails'

/** The native side where there is one; in a plain browser a made-up one, for work on the window itself. */
export async function open(): Promise<Backend> {
  if ('go' in window) return wails()
  const { fake } = await import('./fake')
  return fake(new URLSearchParams(location.search).get('fake') ?? 'busy')
}
