import type { Environment, NeedReason, Toolchain } from '../backend/types'

/** An environment in one line: "go 1.25.4, gcc 12, libpq-dev"; '' where it has nothing. */
export function shown(e: Environment | null): string {
  return [...(e?.tools ?? []).map((t) => `${t.name} ${t.version}`), ...(e?.packages ?? [])].join(', ')
}

/** What a person typed: a tool with its version, or else a Debian package. */
export function named(text: string): Toolchain | string {
  const [, name, version] = /^\s*([a-z]+)(?:\s+|\s*[=@]\s*)v?(\d\S*)\s*$/.exec(text) ?? []
  return name && version ? { name, version } : text.trim()
}

/** Why a tool is proposed, before the place that says so. */
export function reason(r: NeedReason): string {
  switch (r.rule) {
    case 'pin':
      return `${r.tool}: exactly ${r.wanted}, in`
    case 'minimum':
      return `${r.tool}: at least ${r.wanted}, in`
    case 'any':
      return `${r.tool}: asked for by`
  }
}
