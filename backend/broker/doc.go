// Package broker carries agents' requests to their models and adds the credentials, which never enter a sandbox.
//
// What a sandbox gets is a base URL on its own loopback and the word "placeholder" for a key. Its connections come here,
// one by one, over the session's channel; no port is opened. What the package guarantees:
//
//   - A request goes on only when provider, method and path are on a list, compared exactly, and only to the address that
//     the user configured for the provider. Redirects are answered with an error, never followed.
//   - Of what the agent sent, the headers on a list go on, and the body. Whatever it sent as a credential does not.
//   - The key goes into one header of the outgoing request. It is in no answer, no error and no log.
//   - Answers stream: each piece goes on as it comes. The tokens that they say were used are counted in passing, and the
//     count never changes or delays them.
//   - Errors of the broker's own are JSON as the provider would send it, with one clear sentence, so that every agent shows
//     them.
//
// The provider "demo" needs no account: it is package scripted, and nothing of it leaves the machine.
package broker
