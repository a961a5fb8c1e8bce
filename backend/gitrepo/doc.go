// Package gitrepo is session.Git: it reads the user's repositories and keeps verified results, by running the git
// command (2.39 or newer).
//
// Three kinds of repository meet here:
//
//   - The user's repository. It is only ever read, but for objects, refs/heads/<session's branch> and the administration
//     of the session's worktree. Its index, HEAD, configuration, other refs and files are never written, unless the user says so:
//     Merge moves the branch that was named, with the files where it is checked out without changes; PlanRebase fetches
//     the one remote-tracking branch that the base is, or follows; Push lets git note what the remote's branch is then.
//   - The quarantine, one for each project: bare, owned by the application, with a configuration of its own. It borrows
//     the user's objects by alternates, so that only what is new is carried and checked. Every command that reads an
//     agent's commits as content (diff, checkout, scan of a worktree) runs in it.
//   - Scratch repositories: they live for one call and carry a bundle in or out.
//
// What holds everywhere:
//
//   - One function builds all git commands (command.go). The user's and the system's configuration are not read where
//     files or objects of an agent are touched; so there is no hook, filter, textconv, external diff, merge driver or
//     file system monitor to be selected by a .gitattributes of the agent, whatever the user has configured.
//   - No git directory that an agent can write is ever opened. Results come as bundles, whose pack goes through
//     `git index-pack --strict`: `git fetch` of a bundle does not run fsck before git 2.46, whatever the configuration says.
//   - A result may use objects of the session's base, of its own earlier results, and those that it brought; not
//     others that the user's repository happens to hold (origin.go).
//   - Worktrees are written by git with the quarantine as its git directory and an index of ours. The index that
//     the user's git sees is installed afterwards, in one rename.
//   - A remote is talked to with the user's configuration, for that is where their ssh command and credential helpers are, but with
//     hooks off, one protocol allowed, no tags, no submodules, within a time limit, and nobody is asked for a password. A
//     push is one verified commit to one branch, which must be where this application left it (network.go, push.go).
//   - Every step can be cut off: records say what was about to happen, the next call goes on from there. Locks are
//     held by the running git commands too, so that a new process waits for what a killed one left running.
package gitrepo
