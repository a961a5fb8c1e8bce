package broker

import (
	"errors"
	"net"
	"time"

	"background-agents/backend/session"
)

// What agents are waited for. Their connections then end.
const (
	idleTime = 2 * time.Minute  // between the requests of one connection
	headTime = 30 * time.Second // for the headers of a request
)

// What providers are waited for. Each wait ends with their answer; else the agent is told which of them did not answer,
// and for how long.
const (
	connectTime = 30 * time.Second // for a connection
	secureTime  = 15 * time.Second // for its TLS
	thinkTime   = 10 * time.Minute // for the first word of an answer: models think before they speak
	silence     = 10 * time.Minute // for the next word of one; providers send pings within a minute
)

const (
	// keptTime is how long a connection to a provider that nobody uses is kept.
	keptTime = 90 * time.Second
	// probeTime is how often a connection is tested on which nothing comes.
	probeTime = 30 * time.Second
)

// waited returns how long a request to a provider has waited, by its error; 0 where it has not failed for that.
func waited(err error) time.Duration {
	var late net.Error
	if !errors.As(err, &late) || !late.Timeout() {
		return 0
	}
	var on *net.OpError
	switch {
	case errors.As(err, &on) && on.Op == "dial":
		return connectTime
	case err.Error() == "net/http: TLS handshake timeout": // which net/http gives no name
		return secureTime
	}
	return thinkTime
}

// notAnswered is the sentence for a wait that has ended.
func notAnswered(e endpoint, err error) string {
	if d := waited(err); d > 0 {
		return session.NoAnswer(session.CodeModel, e.Name, d, "").Message
	}
	return e.Name + " cannot be reached."
}
