import { opened } from '../../text/environment'
import type * as t from '../types'

// Values that the fake starts from.

let n = 0
export const id = () => `s${(++n).toString(36).padStart(3, '0')}${Math.random().toString(36).slice(2, 6)}`

export const settings: t.Settings = {
  concurrency: 4,
  idleMinutes: 30,
  branchPrefix: 'agents/',
  rev: 0,
  worktreeDir: '',
  agent: 'opencode',
  policy: 'allow_all',
  network: 'guarded',
  memoryMB: 4096,
  cpus: 2,
  pids: 1024,
  theme: 'system',
  density: 'comfortable',
  fontSize: 13,
  agents: [],
  secrets: [],
  providers: [],
  sessionBudget: { usd: 5, tokens: 0 },
  dayBudget: { usd: 0, tokens: 0 },
}

export const image: t.ImageState = {
  agent: 'opencode',
  packages: [],
  name: 'background-agents/opencode:4f1c',
  status: 'current',
  step: '',
  done: 0,
  total: 0,
  size: 612e6,
  started: 0,
  millis: 94_000,
  log: '',
}

export const missing = (agent: string): t.ImageState => ({
  ...image,
  agent,
  name: '',
  status: 'missing',
  size: 0,
  millis: 0,
})

export const imageSteps = [
  'FROM debian:bookworm-slim',
  'RUN apt-get install git ripgrep curl',
  'RUN useradd --uid 1000 agent',
  'COPY supervisor /usr/local/bin/supervisor',
  'RUN npm install -g opencode-ai',
  'USER agent',
]

export const engine: t.EngineState = {
  ok: true,
  name: 'Docker 28.5 on linux/amd64',
  host: 'unix:///var/run/docker.sock',
  memoryMB: 16384,
  cpus: 8,
}

export const noDocker: t.Failure = {
  code: 'docker_down',
  message: 'Docker is installed, but it is not running.',
  hint: 'Start it with `sudo systemctl start docker`. Sessions that wait begin by themselves then.',
}

export const project = (path: string): t.Project => ({
  id: `p-${path.split('/').at(-1)}`,
  name: path.split('/').at(-1)!,
  path,
  defaults: { agent: '', model: '', effort: '', mode: '', policy: '', network: '' },
  hosts: [],
  mcp: [],
  mounts: [],
  secrets: [],
  environment: null,
  proposed: null,
  noEnvironment: false,
  limits: { memoryMB: 0, cpus: 0, tmpMB: 0 },
  fromFile: {},
  rev: 0,
  missing: false,
  createdAt: Date.now(),
})

/** What the files of a project of Go say. */
export const proposal: t.EnvironmentProposal = {
  tools: [
    { name: 'gcc', version: '12' },
    { name: 'go', version: '1.27.4' },
  ],
  packages: ['libpq-dev'],
  setup: ['go mod download'],
  config: { path: '.background-agents/config.yaml', hash: '', lines: { setup: 2 }, problems: [] },
  hash: 'c4871d9ebed1af19e72f3d8b8a36bed2',
  commit: '810614ced78f097ca3827b25fe978b46c48fa1a9',
  reasons: [
    { tool: 'libpq-dev', wanted: '', rule: 'any', path: '.github/workflows/test.yml', line: 21 },
    { tool: 'go', wanted: '1.24', rule: 'minimum', path: 'go.mod', line: 3 },
    { tool: 'gcc', wanted: '', rule: 'any', path: 'store/sqlite.go', line: 8 },
  ],
  parts: [{ dir: '', kind: 'go', install: 'go mod download', test: 'go test ./...' }],
  unknown: [],
}

export function environmentOf(p: t.Project): t.ProjectEnvironment {
  const none = { tools: [], packages: [], hash: '', commit: '', reasons: [], parts: [], unknown: [] }
  return {
    ...(p.proposed ?? none),
    accepted: p.environment,
    never: p.noEnvironment,
    limits: {
      memoryMB: p.limits.memoryMB || settings.memoryMB,
      cpus: p.limits.cpus || settings.cpus,
      tmpMB: p.limits.tmpMB || 1024,
    },
    open: !!p.proposed && opened(p, p.proposed),
    untried: p.proposed?.tools.slice(1) ?? [],
  }
}

export const suggestions: t.Repository[] = ['lantern', 'tide-tables', 'café menu'].map((name) => ({
  path: `/home/ada/code/${name}`,
  name,
  worktree: '',
  branch: 'main',
  head: '3f9d2c1',
  bare: false,
  remote: `https://example.org/${name}.git`,
  submodules: [],
  lfs: false,
  dirty: false,
}))

export const refs: t.Refs = {
  current: 'main',
  local: ['main', 'dev', 'release/2.4', 'fix/session-timeout'],
  remote: ['origin/main', 'origin/dev', 'origin/ada/spike'],
  tags: ['v2.4.0', 'v2.3.1'],
  more: true,
}

export const options: t.Option[] = [
  {
    id: 'model',
    name: 'Model',
    category: 'model',
    value: 'anthropic/claude-sonnet-4-5',
    choices: [
      { value: 'anthropic/claude-sonnet-4-5', name: 'Claude Sonnet 4.5' },
      { value: 'anthropic/claude-opus-4-1', name: 'Claude Opus 4.1' },
      { value: 'openai/gpt-5', name: 'GPT-5' },
      { value: 'demo/scripted', name: 'Scripted' },
    ],
  },
  {
    id: 'effort',
    name: 'Effort',
    category: 'thought_level',
    value: 'medium',
    choices: ['low', 'medium', 'high'].map((value) => ({
      value,
      name: value[0]!.toUpperCase() + value.slice(1),
    })),
  },
  {
    id: 'mode',
    name: 'Mode',
    category: 'mode',
    value: 'build',
    choices: [
      { value: 'build', name: 'Build', description: 'Reads, writes and runs' },
      { value: 'plan', name: 'Plan', description: 'Reads only' },
    ],
  },
]

export const commands: t.Command[] = [
  { name: 'init', description: 'Write instructions for agents into the repository' },
  { name: 'review', description: 'Review the changes of this branch', hint: '[commit or branch]' },
  { name: 'compact', description: 'Sum up the conversation so far' },
]

export const session: t.Session = {
  id: '',
  project: '',
  title: '',
  agent: 'opencode',
  model: 'anthropic/claude-sonnet-4-5',
  effort: 'medium',
  mode: 'build',
  policy: 'allow_all',
  network: 'guarded',
  baseRef: 'main',
  baseCommit: '3f9d2c1b7ae04c55d1f0a9e2',
  branch: '',
  worktree: '',
  status: 'idle',
  doing: '',
  questions: 0,
  unread: false,
  queued: false,
  interrupted: false,
  pinned: false,
  held: false,
  named: false,
  step: '',
  sandbox: 'running',
  mounts: [],
  conversation: 'ses_5d21f0',
  options,
  commands,
  images: true,
  turns: 1,
  prompts: [],
  usage: {
    contextUsed: 42_300,
    contextSize: 200_000,
    input: 184_000,
    output: 12_400,
    cost: 0.42,
    currency: 'USD',
    requests: 31,
    estimated: 0,
  },
  diff: { files: 0, added: 0, removed: 0 },
  result: { turn: 1, commit: '8c0e1d2f4b', files: 'aa01', risky: [] },
  edits: 0,
  outgoing: '',
  items: 0,
  rev: 0,
  secrets: [],
  outdated: false,
  oldEnvironment: false,
  timings: { mirror: 120, container: 340, clone: 210, agent: 2900 },
  createdAt: 0,
  updatedAt: 0,
  turnedAt: 0,
  workedSince: 0,
}

export const newSession: t.NewSession = {
  project: '',
  title: '',
  agent: '',
  model: '',
  effort: '',
  mode: '',
  policy: '',
  network: '',
  base: '',
  branch: '',
  prompt: { id: '', text: '', attachments: [] },
}

export const checks = (down: boolean): t.Check[] => [
  {
    id: 'docker',
    title: 'Docker',
    status: down ? 'fail' : 'ok',
    found: down ? noDocker.message : 'Docker 28.5 on linux/amd64',
    hint: down ? noDocker.hint : '',
    needed: true,
  },
  { id: 'disk', title: 'Disk', status: 'ok', found: '182 GB free', hint: '', needed: true },
  { id: 'git', title: 'Git', status: 'ok', found: 'git 2.39.5', hint: '', needed: true },
  {
    id: 'keychain',
    title: 'Keychain',
    status: 'warn',
    found: 'No secret service answers on this session’s bus.',
    hint: 'Install gnome-keyring, or unlock it.',
    needed: false,
  },
  {
    id: 'image',
    title: 'Image',
    status: 'ok',
    found: 'background-agents/opencode, 612 MB',
    hint: '',
    needed: false,
  },
]

export const sandbox = (s: t.Session): t.Sandbox => ({
  session: s.id,
  project: s.project,
  state: s.sandbox,
  container: '9f2c4b7d1e60a3',
  image: image.name,
  volumes: [`bga-${s.id}-workspace`, `bga-${s.id}-home`],
  exitCode: 0,
  oomKilled: false,
  createdAt: s.createdAt,
  startedAt: s.createdAt,
  memoryMB: 412,
  cpu: 23,
  limitMB: 4096,
})

const reached: [host: string, port: number, allowed: boolean, rule: string, down: number][] = [
  ['registry.npmjs.org', 443, true, 'preset npm', 4_820_000],
  ['github.com', 443, true, 'preset git', 212_000],
  ['telemetry.example.com', 443, false, 'asked', 0],
  ['registry.npmjs.org', 443, true, 'preset npm', 91_000],
  ['db.example.com', 5432, false, 'port', 0],
  ['169.254.169.254', 80, false, 'address', 0],
  ['intranet.example.com', 443, false, 'private address', 0],
]

export const connections = (session: string): t.Connection[] =>
  reached.map(([host, port, allowed, rule, down], i) => ({
    id: reached.length - i,
    session,
    at: Date.now() - i * 42_000,
    host,
    port,
    allowed,
    rule,
    open: i === 0,
    end: '',
    up: allowed ? 2400 + i : 0,
    down,
    millis: 900,
  }))
