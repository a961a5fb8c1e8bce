// Package scripted is the demo model: an http.Handler that answers as a language model would, without one.
//
// It speaks OpenAI Chat Completions, OpenAI Responses and Anthropic Messages, streamed and not, so that every agent can
// use it, without account and without network. It is a stand-in for a model, not for an agent: the agent is the real
// one, and what it does in its sandbox is real.
//
// What it guarantees:
//
//   - It keeps nothing between requests and its answer depends on the request alone: the script is in the last prompt of
//     the conversation, and the number of tool results that follow that prompt is the place in the script. So a request
//     that an agent sends again, after whatever broke, gets the same answer. (A fault with `until` asks the clock, too.)
//   - It calls only tools that the request offers, by the names and arguments of the offer. Where there is none for a
//     step, it says so in words and goes on.
//   - One answer calls at most one tool.
//
// A prompt without a script gets a small sensible job (job.go). README.md has the language of scripts, for users.
package scripted
