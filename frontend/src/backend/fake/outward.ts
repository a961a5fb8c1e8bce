import type * as t from '../types'
import type { World } from './world'

const wait = (ms: number) => new Promise((done) => setTimeout(done, ms))
const commit = '8c0e1d2f4b7a96350e1c2d3f4a5b6c7d8e9f0a1b'

const commits: t.CommitLine[] = [
  { id: '8c0e1d2f4b7a', subject: 'Set the timer again with every request' },
  { id: '51fd00ac91e2', subject: 'Tell the browser how long the session has left' },
]

const failure = (code: string, message: string, hint: string): t.Failure => ({ code, message, hint })

/** What the fake does with a session's commits: nothing goes anywhere. */
export class Outward {
  readonly #world: World
  #logins: t.ForgeLogin[] = [{ host: 'github.com', source: 'gh', user: '' }]

  constructor(world: World) {
    this.#world = world
  }

  async planPush(id: string, to: t.PushTarget): Promise<t.PushPlan> {
    await wait(60)
    const s = this.#world.session(id)
    const remote = to.remote || 'origin'
    const branch = to.branch || s.branch
    if (/[ ~^:?*[\\]|\.\./.test(branch))
      throw failure('invalid', `"${branch}" is not a valid branch name.`, 'Use letters, digits and /.')
    const command = `git push --porcelain --progress --no-verify --force-with-lease=refs/heads/${branch}: -- ${remote} ${commit}:refs/heads/${branch}`
    return {
      remote,
      url: `https://github.com/ada/${remote === 'origin' ? 'orchard' : 'orchard-fork'}.git`,
      branch,
      commit,
      lease: '',
      commits: s.title.includes('uncommitted') ? [] : commits,
      uncommitted: ['notes/plan.md'],
      raw: [{ path: 'assets/cover.png', filter: 'lfs' }],
      stored: { count: 2, lost: 1, paths: ['assets/intro.mp4', 'assets/logo.psd'] },
      removes: s.title.includes('flaky') ? [{ id: 'a51167d2c9e0', subject: 'Sort what was late' }] : [],
      risky: s.result.risky,
      secrets: s.title.includes('payment') ? ['PAYMENT_KEY'] : [],
      command,
      exact: command.replace(
        'git push',
        'git --no-pager -c core.hooksPath=/dev/null -c submodule.recurse=false push',
      ),
      remotes: ['origin', 'fork'],
      done: s.pushed?.commit === commit && s.pushed.branch === branch,
    }
  }

  async push(id: string, yes: t.Push): Promise<t.Pushed> {
    for (const n of [12, 48, 100]) {
      this.#world.change(id, { outgoing: `Pushing: Writing objects: ${n}%` })
      await wait(80)
    }
    const pushed = {
      remote: yes.remote,
      url: 'https://github.com/ada/orchard.git',
      branch: yes.branch,
      commit: yes.commit,
      at: Date.now(),
    }
    this.#world.change(id, { outgoing: '', pushed })
    this.#world.notice(id, `Pushed ${commit.slice(0, 10)} to ${yes.branch} at ${yes.remote}.`)
    return pushed
  }

  async planMerge(id: string, to: t.MergeTarget): Promise<t.MergePlan> {
    await wait(60)
    const branch = to.branch || 'main'
    const kind = to.squash ? 'squash' : branch === 'main' ? 'fast-forward' : 'merge'
    return {
      branch,
      tip: '3f9d2c1b7ae0',
      commit,
      kind,
      commits,
      conflicts: branch === 'release/2.4' ? ['src/session/timeout.ts'] : [],
      uncommitted: [],
      risky: this.#world.session(id).result.risky,
      message: to.squash ? `${this.#world.session(id).title}\n` : '',
      checkedOut: branch === 'main' ? '/home/ada/code/orchard' : '',
      command: `git read-tree -m -u 3f9d2c1b7ae0 ${commit}\ngit update-ref refs/heads/${branch} ${commit} 3f9d2c1b7ae0`,
      branches: ['main', 'dev', 'release/2.4'],
      more: true,
    }
  }

  async merge(id: string, yes: t.Merge): Promise<t.Merged> {
    await wait(60)
    const merged = { branch: yes.branch, commit: yes.commit, tip: yes.commit, at: Date.now() }
    this.#world.change(id, { merged })
    this.#world.notice(id, `Merged ${commit.slice(0, 10)} into ${yes.branch}.`)
    return merged
  }

  async planRebase(onto: string): Promise<t.RebasePlan> {
    await wait(200)
    if (onto === 'gone')
      throw failure('base_missing', 'origin has no branch gone any more.', 'Choose another base.')
    return {
      onto: onto || 'main',
      commit: '77aa0b1c2d3e',
      behind: 3,
      commits: 2,
      conflict: {
        subject: 'Set the timer again with every request',
        paths: ['src/session/timeout.ts'],
        text: 'Auto-merging src/session/timeout.ts\nCONFLICT (content): Merge conflict in src/session/timeout.ts\n',
      },
      command: 'git rebase --onto 77aa0b1c2d3e 3f9d2c1b7ae0 agents/keep-sessions-alive',
      fetched: 'origin',
    }
  }

  rebase = async (id: string) => void this.#world.notice(id, 'The agent was asked to rebase.')
  commit = async (id: string, message: string) => {
    this.#world.change(id, { result: { ...this.#world.session(id).result, commit, files: commit } })
    this.#world.notice(id, `Committed as ${commit.slice(0, 10)}: ${message}`)
  }

  async planPullRequest(id: string, to: t.PullRequestTarget): Promise<t.PullRequestPlan> {
    const s = this.#world.session(id)
    const push = await this.planPush(id, to)
    const asked = this.#world.items(id).find((it) => it.id === to.proposal)?.proposal
    return {
      push,
      forge: 'github',
      repository: 'ada/orchard',
      host: 'github.com',
      head: s.branch,
      base: asked?.base || 'main',
      way: 'gh',
      because: '',
      page: `https://github.com/ada/orchard/compare/main...${s.branch}?expand=1`,
      title: asked?.title ?? s.title,
      body: asked?.body ?? commits.map((c) => `- ${c.subject}`).join('\n'),
      draft: asked?.draft ?? true,
      ...(s.pullRequest && { open: s.pullRequest }),
      command: 'gh api --hostname github.com -X POST repos/ada/orchard/pulls',
    }
  }

  async openPullRequest(id: string, yes: t.NewPullRequest): Promise<t.PullRequest> {
    await this.push(id, yes.push)
    const pr: t.PullRequest = {
      url: 'https://github.com/ada/orchard/pull/412',
      number: 412,
      state: 'open',
      draft: yes.draft,
      title: yes.title,
      body: yes.body,
      base: yes.base,
      checks: '',
      at: Date.now(),
    }
    this.#world.change(id, { pullRequest: pr })
    this.#world.notice(id, `Pull request #${pr.number}: ${pr.url}`)
    if (yes.proposal) this.#settle(id, yes.proposal, 'opened', pr.url)
    return pr
  }

  async readPullRequest(id: string): Promise<t.PullRequest> {
    return this.#world.session(id).pullRequest!
  }

  declineProposal = async (id: string, item: string) => this.#settle(id, item, 'declined', '')

  #settle(id: string, item: string, answer: string, url: string): void {
    const it = this.#world.items(id).find((i) => i.id === item)
    if (!it?.proposal) return
    this.#world.set(id, item, { proposal: { ...it.proposal, answer, url }, doneAt: Date.now() })
    this.#world.change(id, { status: 'working', step: 'Going on' })
  }

  forgeLogins = async () => this.#logins
  setForgeToken = async (host: string, token: string) => {
    await wait(60)
    if (token === 'wrong')
      throw failure(
        'login_missing',
        `${host} does not accept the login: it may have expired.`,
        'Keep a new token in the settings.',
      )
    this.#logins = this.#logins.filter((l) => l.host !== host)
    if (token) this.#logins = [...this.#logins, { host, source: 'keychain', user: '' }]
  }
}
