import type * as t from '../types'

export const agents: t.Agent[] = [
  {
    id: 'opencode',
    name: 'OpenCode',
    command: ['opencode', 'acp'],
    layer: 'opencode',
    models: (['anthropic', 'openai'] as const).map((protocol) => access(protocol)),
    own: false,
  },
  {
    id: 'claude',
    name: 'Claude Code',
    command: ['claude-agent-acp'],
    layer: 'claude',
    models: [access('anthropic')],
    own: false,
  },
  {
    id: 'codex',
    name: 'Codex',
    command: ['codex-acp'],
    layer: 'codex',
    models: [access('openai')],
    own: false,
  },
]

function access(protocol: t.Protocol): t.ModelAccess {
  return { protocol, baseURL: '', key: '', model: '' }
}

export const mounts: t.Mount[] = [
  {
    id: 'ssh',
    name: 'SSH keys',
    path: '.ssh',
    warning: 'The agent can copy your private keys, and with them reach every machine that knows you.',
    found: true,
  },
  {
    id: 'gh',
    name: 'GitHub login',
    path: '.config/gh',
    warning: 'The agent can do on GitHub whatever you can, in all your repositories.',
    found: true,
  },
  {
    id: 'gitconfig',
    name: 'git configuration',
    path: '.gitconfig',
    warning: 'The agent can read your git settings, and passwords that stand in them.',
    found: true,
  },
  {
    id: 'codex',
    name: 'Codex login',
    path: '.codex/auth.json',
    warning: 'The agent can copy your ChatGPT login and use it elsewhere.',
    found: false,
  },
]

export const servers: t.MCPServer[] = [
  { name: 'browser', command: ['npx', '-y', 'browser-tools'], env: [], url: '', headers: [] },
  { name: 'issues', command: [], env: [], url: 'https://issues.example.com/mcp', headers: [] },
]
