// Package wire is the protocol between the host and the supervisor in a sandbox: what is said over the standard
// streams of `docker exec -i CONTAINER supervisor connect`, multiplexed with yamux (the host is its client).
//
// The supervisor writes each entry to its journal before it sends it, and sends again from the host's cursor after
// every connect; the host stores entry and cursor together and then acknowledges. So nothing acknowledged is ever
// lost and nothing happens twice. Neither side trusts the other's sizes: every frame, text and list has a bound.
package wire
