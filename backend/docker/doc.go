// Package docker runs sandboxes on a Docker engine (or one that speaks its API), and fulfils session.Engine.
//
// What it guarantees:
//   - Open never waits for an engine. Each call finds the engine again where the last one has gone: DOCKER_HOST, the
//     docker context in use, then the sockets that known engines listen on.
//   - A session has at most one container. Its name follows from the installation and the session, so that a second
//     one is refused by the engine itself, no matter who asks for it.
//   - What belongs to another installation is never seen and never touched, also where both have equal paths: the id of an
//     installation is random. What earlier versions named by the path is known by the ids of its sessions and projects.
//   - A container is made of values alone: no port, no credential, and no path of the host but what its project mounts, read
//     only, by the user's choice (SandboxSpec.Binds). spec.go has all of them.
//   - The session's files are in volumes. Nothing but Remove deletes them.
//   - What a user should know comes as a *session.Error with a sentence and a hint.
package docker
