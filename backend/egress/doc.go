// Package egress decides what a sandbox may reach, and carries what it may. A sandbox has no network; what its programs
// send to HTTP_PROXY on loopback arrives here, one Proxy.Serve for each connection, and leaves from the host.
//
// What it guarantees:
//   - A policy that is empty, unknown or cannot be read denies everything. Offline denies everything.
//   - Guarded reaches the presets (package registries and git hosts) for reading, what the user's rules name, and what
//     the user says yes to; everything else is held, at most AskLimit, while the user is asked, once for a host and
//     session. Open reaches every public host. A deny rule of the user's is stronger than all of these.
//   - Names are compared label by label in one plain form; a name that is not in it is refused, not repaired. So are
//     addresses in unusual forms; an address in its usual form is reached in open, or by a rule that names it.
//   - Ports 443 and 80, others only by a rule with the port.
//   - A name is looked up once, each of its addresses is judged, and those are dialled: one that is private, of the
//     host's own network, or hides such an address in IPv6 refuses the connection, whatever the name and its rule. Only
//     an allow rule that is that very address admits a private one. The host itself, loopback, link-local, multicast and
//     metadata services are never reached.
//   - In guarded, what goes through a tunnel to 443 is TLS, and its greeting names the host that CONNECT named; without a
//     server name, or with an encrypted one, it is refused before a byte has left. In open, and on ports that a rule names,
//     a greeting that names another host is refused, and everything else passes.
//   - Requests in plain HTTP have one reading: headers that are ambiguous about length, host or line ends are refused, those
//     for one connection only are removed, and every request is judged by itself. Presets take GET and HEAD without a body.
//   - Changed cuts what the new policy no longer allows before it returns.
//   - One row of the ledger for each decision, with host, rule, bytes and time; no path, no header and no payload.
//   - A session has at most 256 connections, 64 of them held for 8 questions, 64 KB of headers a request, 10 seconds for
//     sending them, 15 minutes of silence, and a steady 200 decisions a second.
//
// What it cannot do: TLS is not opened, so that for https "for reading" is a statement about hosts, not about requests. The
// presets are chosen so that publishing takes another host or a credential that no sandbox has (see presets.go); but a
// program that brings a token of its own, out of a hostile README, can publish to a registry that is written to where it is read, or push to a
// git host, and a content network that serves many hosts may be asked for another within TLS. The user sees hosts and bytes, and
// can deny: a deny rule is stronger than a preset.
//
// Where the host itself needs a proxy (Config.Upstream, off unless set), connections go through it by name. Names are
// still looked up here, and refused for private addresses; but the proxy looks them up again, and what it finds is out of our
// sight. Names that only the proxy can resolve pass where a preset, a rule or the user names them, never by "open" alone.
package egress
