// Package forge is session.Forge: pull requests on GitHub and GitHub Enterprise, and for other hosts the page on which the user opens
// one.
//
// Where the GitHub CLI (`gh`) is logged in on a host it carries the requests, and its token never comes here. Else the REST API is
// asked with a token from the keychain (forge/HOST) or from the environment, by the names that gh has for it.
//
// What holds:
//
//   - A token goes to the API of its own host and nowhere else: a redirect to another host or another scheme is not followed. It goes
//     over https; http is for loopback addresses.
//   - Nothing is asked of the user while a request runs, requests end after 30 seconds, and answers are bounded.
//   - Each refusal has its own sentence: who may not, what is missing, when to try again.
package forge
