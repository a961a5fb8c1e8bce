// Package seal checks from inside that a sandbox is sealed, and closes what no network namespace closes: a seccomp filter
// refuses sockets of all families but AF_UNIX, AF_INET, AF_INET6 and, for routes alone, AF_NETLINK. AF_VSOCK, for one, leads to
// the host of a virtual machine even from a container without a network.
//
// The check is the same for every engine: it asks /proc and tries, and trusts no setting of a container.
package seal
