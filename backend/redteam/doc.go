// Package redteam attacks the application: it plays a hostile agent and a hostile repository against the real backend, real
// Docker and real git, with the real OpenCode that a scripted model drives. `make redteam` runs it, with the attacks on the
// window (frontend/e2e/hostile.spec.ts); the tests run it too. It looks into /proc, and so runs on Linux alone.
//
// Two rules hold for each attack:
//
//   - It has a control that shows that it would succeed: the same files opened by plain git, the same container with a folder
//     mounted, the same request sent without the policy. A control that fails makes the test fail.
//   - It aims at a canary: a random value in the user's home, in the environment of the backend, behind a server, or a file
//     that appears when code runs on the host. The test looks at the canary, not at an error message.
//
// The agent's commands run by Exec in its container, as its user and with its rights, or as turns where the way from the prompt
// to the worktree is what is attacked. An agent that has taken the supervisor's place is played by testdata/impostor.
//
// Not attacked, because nothing is promised: the kernel that host and sandbox share, what the user runs of the agent's work,
// what the provider of the model does with the code it is sent, and what goes to hosts that the user allowed.
package redteam
