// Package sessiontest has fakes of every port of package session, and the suites that every Store and Engine must pass.
//
// The fakes keep the promises that the ports make, and can be told to break: a container dies, a link is cut, an image
// fails to build. What a fake cannot show (that git, Docker and SQLite do what their adapters think) is for the
// adapters' own tests, against the real thing.
package sessiontest
