/** A value that survives the window: read from the browser's storage at once, written a moment after it changes. */
export class Kept<T extends object> {
  value = $state() as T
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(
    private key: string,
    initial: T,
  ) {
    this.value = { ...initial, ...read<T>(key) }
  }

  /** Call after a change. */
  save(): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.flush(), 300)
  }

  flush(): void {
    clearTimeout(this.#timer)
    try {
      localStorage.setItem(this.key, JSON.stringify(this.value))
    } catch {
      // storage is full or off: it is kept as long as the window
    }
  }
}

function read<T>(key: string): Partial<T> {
  try {
    return JSON.parse(localStorage.getItem(key) ?? '{}') as Partial<T>
  } catch {
    return {}
  }
}
