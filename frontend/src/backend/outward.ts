// What goes out of a session: plans, the user's yes to them, and what came of it, as backend/session writes them.

export interface CommitLine {
  id: string
  subject: string
}

export interface PushTarget {
  remote: string
  branch: string
}

/** Files that Git LFS stores: of them only pointers are pushed. */
export interface RawFile {
  path: string
  filter: string
}

export interface StoredFiles {
  count: number
  /** Of these, how many contents are in the sandbox alone. */
  lost: number
  paths: string[]
}

export interface PushPlan {
  remote: string
  url: string
  branch: string
  commit: string
  lease: string
  commits: CommitLine[]
  uncommitted: string[]
  stored: StoredFiles
  /** Files that are committed although a filter of `.gitattributes` did not run, such as Git LFS. */
  raw: RawFile[]
  /** Commits that the branch at the remote has and would lose. */
  removes: CommitLine[]
  risky: string[]
  /** Names of secrets whose values stand in the commits: nothing is pushed while there are some. */
  secrets: string[]
  command: string
  exact: string
  remotes: string[]
  done: boolean
}

export interface Push {
  remote: string
  branch: string
  commit: string
  lease: string
  approved: string[]
  /** Ids of the commits that the branch at the remote may lose. */
  removes: string[]
}

export interface Pushed {
  remote: string
  url: string
  branch: string
  commit: string
  at: number
}

export interface MergeTarget {
  branch: string
  squash: boolean
}

export interface MergePlan {
  branch: string
  tip: string
  commit: string
  kind: string
  commits: CommitLine[]
  conflicts: string[]
  uncommitted: string[]
  risky: string[]
  message: string
  checkedOut: string
  command: string
  branches: string[]
  /** There are other branches: `refs` finds them. */
  more: boolean
}

export interface Merge {
  branch: string
  squash: boolean
  tip: string
  commit: string
  message: string
  approved: string[]
}

export interface Merged {
  branch: string
  commit: string
  tip: string
  at: number
}

export interface RebasePlan {
  onto: string
  commit: string
  behind: number
  commits: number
  conflict?: RebaseConflict
  command: string
  fetched: string
}

export interface RebaseConflict {
  subject: string
  paths: string[]
  text: string
}

export interface Rebase {
  commit: string
  /** Another base from now on, or ''. */
  onto: string
  agent: boolean
}

export interface PullRequest {
  url: string
  number: number
  state: string
  draft: boolean
  title: string
  body: string
  base: string
  checks: string
  at: number
}

export interface PullRequestTarget {
  remote: string
  branch: string
  base: string
  proposal: string
}

export interface PullRequestPlan {
  push: PushPlan
  forge: string
  repository: string
  host: string
  head: string
  base: string
  way: string
  because: string
  page: string
  title: string
  body: string
  draft: boolean
  open?: PullRequest
  command: string
}

export interface NewPullRequest {
  push: Push
  title: string
  body: string
  base: string
  draft: boolean
  proposal: string
}

/** A pull request that the agent asks for. answer is '' while nobody answered. */
export interface Proposal {
  id: string
  title: string
  base: string
  draft: boolean
  body: string
  answer: string
  url: string
}

export interface ForgeLogin {
  host: string
  source: string
  user: string
}
