// Package control lets `bga`, and a window that was started second, use the backend of a running application:
// session.Operations over HTTP on a unix socket (a named pipe on Windows).
//
// Guarantees: only the user who runs the application can connect (folder 0700, socket 0600, and on Linux and macOS
// the peer's user id is checked; on Windows the pipe's access list). A web page cannot: requests with an Origin, or
// for another Host, are refused. No TCP port is opened. Errors arrive as the session.Error that they were.
//
// Every operation is POST /v1/NAME with its arguments as a JSON array, and answers with one JSON value. Watch answers
// with one event a line until the caller goes; Output with bytes; Attach takes bytes; Exec upgrades the connection
// to frames of its standard streams.
package control

// Protocol is raised when a client of before could misunderstand a server of now, or the other way round.
const Protocol = 1

// Version is the application's, set when it is built.
var Version = "dev"

// host is the only Host that is answered; a browser can only send names that it can resolve.
const host = "background-agents"

// maxArguments bounds the JSON of one call in bytes: a prompt of session.MaxPromptText, escaped, and attachments.
const maxArguments = 8 << 20

// Hello is what a server says of itself.
type Hello struct {
	Protocol int    `json:"protocol"`
	Version  string `json:"version"`
	PID      int    `json:"pid"`
}
