import type {
  Configuration,
  Environment,
  EnvironmentProposal,
  NeedReason,
  Project,
  ProjectPart,
  Toolchain,
} from '../backend/types'

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

/** One variable or command, with the key that it stands under. */
export interface Configured {
  key: string
  text: string
}

/** Variables and commands, in the order in which they are shown. */
export function configured(c: Configuration | null): Configured[] {
  const keys = ['variables', 'setup', 'start', 'run', 'test', 'archive'] as const
  return keys.flatMap((key) => (c?.[key] ?? []).map((text) => ({ key, text })))
}

/** Variables and commands alone. */
export function configurationOf(c: Configuration | null): Configuration {
  const { variables, setup, start, run, test, archive } = c ?? {}
  return { variables, setup, start, run, test, archive }
}

/** Whether the project's configuration file says something else than what was accepted of it. */
export const configurationChanged = (project: Project, proposed: EnvironmentProposal): boolean =>
  JSON.stringify(configured(proposed)) !== JSON.stringify(configured(project.fromFile))

/** Whether the proposed tools and packages are others than what the project has. */
export const toolsChanged = (project: Project, proposed: EnvironmentProposal): boolean =>
  shown(proposed) !== '' && shown(proposed) !== shown(project.environment)

/** Whether a proposal waits for an answer. */
export const opened = (project: Project, proposed: EnvironmentProposal): boolean =>
  !project.noEnvironment &&
  !proposed.config?.problems.length &&
  (toolsChanged(project, proposed) || configurationChanged(project, proposed))

/** The commands that install what the project's parts need, each in its folder. */
export const installs = (parts: ProjectPart[]): string =>
  parts
    .filter((p) => p.install)
    .map((p) => (p.dir ? `(cd '${p.dir.replaceAll("'", `'\\''`)}' && ${p.install})` : p.install))
    .join('\n')
