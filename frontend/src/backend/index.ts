import type { Backend } from './backend'
import { wails } from './wails'

/**
 * The native side. On the development server and in the tests' build (`vite build --mode fake`), a plain browser gets a
 * made-up one; the product doesn't contain it.
 */
export async function open(): Promise<Backend> {
  if ('go' in window) return wails()
  if (import.meta.env.DEV || import.meta.env.MODE === 'fake') {
    const { fake } = await import('./fake')
    return fake(new URLSearchParams(location.search).get('fake') ?? 'busy')
  }
  throw new Error('This page works only in the window of Background Agents.')
}
