/**
 * Makes what Wails gives the main page for this one, which its bindings do not reach: the bound methods as calls over HTTP
 * (bridge.go), and events that the native side sends by calling window.quickPromptOpened.
 */
export function bridge(): void {
  const token = location.hash.slice(1)
  const listeners = new Map<string, Set<(data: unknown) => void>>()

  async function call(method: string, args: unknown[]): Promise<unknown> {
    const answer = await fetch(`/quick/call/${method}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-token': token },
      body: JSON.stringify(args),
    })
    const text = await answer.text()
    if (!answer.ok) throw new Error(text)
    return JSON.parse(text)
  }

  const API = new Proxy(
    {},
    {
      get:
        (_, method) =>
        (...args: unknown[]) =>
          call(String(method), args),
    },
  )
  const runtime = {
    EventsOnMultiple(name: string, f: (data: unknown) => void) {
      const all = listeners.get(name) ?? new Set()
      listeners.set(name, all.add(f))
      return () => all.delete(f)
    },
  }
  Object.assign(window, {
    go: { app: { API } },
    runtime,
    quickPromptOpened: () => listeners.get('quick')?.forEach((f) => f(undefined)),
  })
}
