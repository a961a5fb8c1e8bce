// Package login finds the logins of other programs on this computer, OpenCode, Claude Code and Codex, and uses them in
// place: it reads their files on the host and gives the broker what stands in them.
//
// What it guarantees:
//
//   - A token that is still good is used as it is, and the file is not touched.
//   - One that runs out is renewed by one owner: one renewal at a time in this process, and under a lock against another
//     process of ours. The file is read again before, because the program itself may have renewed it, and after a failure.
//   - A renewal runs to its end even when the agent that needed it has hung up: its provider has made the old token
//     worthless by then. What it gave is written at once, atomically, with mode 0600 and everything else that the file
//     holds; where it cannot be written it is kept in memory and written with the next request.
//   - No token is in an error or a log.
//
// What it cannot: the programs themselves do not know of our lock. Who renews in the same second may lose, and reads the
// file again.
//
// Where what is found cannot be used, Found says which and why:
//
//   - OpenCode's login to Anthropic: Anthropic refuses its subscriptions to other programs.
//   - OpenCode's logins to GitHub Copilot, Google, Amazon, Azure and others that are not OpenAI's protocol with one key.
//   - Codex's login where its settings put it into the keychain, and Claude Code's on macOS once it has run out: those items
//     are written in a form of their own, so they are read only.
//
// Sources: https://code.claude.com/docs/en/authentication, https://developers.openai.com/codex/auth (and openai/codex,
// codex-rs/login/src/auth), https://opencode.ai/docs/providers (and anomalyco/opencode, packages/opencode/src/auth and
// src/plugin).
package login
