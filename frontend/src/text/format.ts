/** "0.8 s", "42 s", "4 m 12 s", "2 h 5 m": how long something took, at most two parts. */
export function duration(millis: number): string {
  const s = Math.max(0, millis) / 1000
  if (s < 10) return `${s.toFixed(1)} s`
  if (s < 60) return `${Math.round(s)} s`
  const whole = Math.round(s)
  if (whole < 3600) return whole % 60 ? `${Math.floor(whole / 60)} m ${whole % 60} s` : `${whole / 60} m`
  const m = Math.floor(whole / 60)
  return m % 60 ? `${Math.floor(m / 60)} h ${m % 60} m` : `${m / 60} h`
}

/** "8s", "4m 12s", "2h 5m": how long something has been going on, for a narrow column. */
export function elapsed(millis: number): string {
  const s = Math.max(0, Math.floor(millis / 1000))
  if (s < 60) return `${s}s`
  const m = Math.floor(s / 60)
  return m < 60 ? `${m}m ${s % 60}s` : `${Math.floor(m / 60)}h ${m % 60}m`
}

/** "now", "4m", "3h", "2d", "5w": how long ago something was, for a narrow column. */
export function age(at: number, now: number): string {
  const m = Math.floor((now - at) / 60_000)
  if (m < 1) return 'now'
  if (m < 60) return `${m}m`
  if (m < 24 * 60) return `${Math.floor(m / 60)}h`
  const d = Math.floor(m / 60 / 24)
  return d < 14 ? `${d}d` : `${Math.floor(d / 7)}w`
}

/** "512 B", "4.2 kB", "1.3 GB" in powers of 1000, as disks are sold. */
export function bytes(n: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let i = 0
  while (n >= 1000 && i < units.length - 1) {
    n /= 1000
    i++
  }
  return `${i && n < 100 ? n.toFixed(1) : Math.round(n)} ${units[i]}`
}

/** " (1.2k of them estimated)": what stands behind a count of tokens, "" where all were counted. */
export function estimated(tokens: number): string {
  return tokens ? ` (${count(tokens)} of them estimated)` : ''
}

/** "950", "12.4k", "1.2M": a count for a narrow place. */
export function count(n: number): string {
  if (n < 1000) return String(n)
  if (n < 1_000_000) return `${n < 100_000 ? trim(n / 1000) : Math.round(n / 1000)}k`
  return `${trim(n / 1_000_000)}M`
}

const trim = (n: number) => n.toFixed(1).replace(/\.0$/, '')

/** "$0.42"; four digits where it is less than a cent. */
export function money(amount: number, currency: string): string {
  const digits = amount > 0 && amount < 0.01 ? 4 : 2
  try {
    return new Intl.NumberFormat('en', {
      style: 'currency',
      currency: currency || 'USD',
      minimumFractionDigits: digits,
      maximumFractionDigits: digits,
    }).format(amount)
  } catch {
    return `${amount.toFixed(digits)} ${currency.slice(0, 8)}` // whatever the agent calls a currency
  }
}

/** "1 file", "3 files". */
export const plural = (n: number, one: string, many = one + 's') =>
  `${n.toLocaleString('en')} ${n === 1 ? one : many}`

// Formats are made once: making one costs more than drawing a row.
const long = new Intl.DateTimeFormat(undefined, {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  hour12: false,
})
const day = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short' })
const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hour12: false })

/** "Mon 23 Nov, 13:04" in the user's own language. */
export const moment = (at: number) => long.format(at)

/** "13:04" for today, "23 Nov" before that. */
export function when(at: number, now: number): string {
  return new Date(at).toDateString() === new Date(now).toDateString() ? clock.format(at) : day.format(at)
}

/** The last part of a path, and what stands before it (with its slash). */
export function splitPath(path: string): { dir: string; name: string } {
  const i = path.lastIndexOf('/')
  return { dir: path.slice(0, i + 1), name: path.slice(i + 1) }
}
