// Package broker carries agents' requests to their models and adds the credentials, which never enter a sandbox.
//
// What a sandbox gets is a base URL on its own loopback and the word "placeholder" for a key. Its connections come
// here, one by one, over the session's channel; no port is opened. What the package guarantees:
//
//   - A request goes on only when provider, method and path are on a list, compared exactly, and only to the address that
//     the user configured for the provider. Redirects are answered with an error, never followed.
//   - Of what the agent sent, the headers on a list go on, and the body. Whatever it sent as a credential does not.
//   - The key goes into one header of the outgoing request. It is in no answer, no error and no log, also where a provider repeats it
//     in an encoding (hider).
//   - Answers stream: each piece goes on as it comes. The tokens that they say were used are counted in passing, and the
//     count never changes or delays them.
//   - Config.Answered hears what became of each request, in a sentence for the user, before the agent does (problem.go).
//   - Errors of the broker's own are JSON as the provider would send it, with one clear sentence, so that every agent shows
//     them.
//
// Where keys come from: what the user entered (Vault), the environment and .env (Environment), and logins of other
// programs (package login), the first that has one. They are asked for at each request, as are the endpoints that the
// user added, so that a change needs no restart. Servers of models on this computer are offered while they answer, and
// asked only while they say that they are what they are taken for. What a login is for is
// its endpoint's: the Claude subscription serves the agent Claude Code alone, and the ChatGPT subscription Codex alone,
// because the services behind them refuse, or do not understand, the requests of others.
//
// What each request used is told to Config.Spent, with its cost by the catalogue's list prices; what a provider does
// not tell, or would have told an agent that hung up, is estimated from the bytes of request and answer; Config.Allow
// is asked before each, and its refusal is an error of the protocol's that agents do not retry (402).
//
// Agents that take one provider at a time (Claude Code, Codex, the user's own) get the one of the session's model; what
// a project's files say of another server does not count for them, nor for OpenCode.
//
// The provider "demo" needs no account: it is package scripted, and nothing of it leaves the machine.
package broker
