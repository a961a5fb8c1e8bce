package egress

import (
	"context"
	"time"

	"background-agents/backend/session"
)

// Connection is one row of the ledger: what was decided of one connection or, where requests can be seen, of one
// request. It holds nothing of what went over it, and no path. Record gets a row that is allowed twice, when it opens
// and when it has ended, with the same ID; a row that is refused comes once.
type Connection struct {
	ID      uint64         `json:"id"` // grows, and is not used again while this Proxy is open
	Session session.ID     `json:"session"`
	At      session.Millis `json:"at"`
	Host    string         `json:"host"` // as asked for; unusual characters shown as "?", at most 253 long
	Port    int            `json:"port"` // 0 where it could not be read
	Allowed bool           `json:"allowed"`
	// Rule is what decided: "preset npm", "allow *.example.com", "asked", "open", "offline", "deny example.com",
	// "port", "address", "private address", ... For what was refused it is the reason.
	Rule string `json:"rule"`
	Open bool   `json:"open"` // still going on
	// End says why it ended, where not by itself: "policy changed", "idle", "unreachable", ...
	End    string `json:"end"`
	Up     int64  `json:"up"`     // bytes from the sandbox
	Down   int64  `json:"down"`   // bytes to it
	Millis int64  `json:"millis"` // how long it took, waiting for the user included
}

// pace bounds how fast one session fills the ledger: paceBurst decisions at once, then paceRate a second. What
// comes faster waits.
const (
	paceBurst = 2000
	paceRate  = 200
)

// pace is a token bucket; the proxy's lock guards it.
type pace struct {
	used float64
	at   time.Time
}

// delay takes one token and returns how long to wait for it.
func (b *pace) delay(now time.Time) time.Duration {
	if !b.at.IsZero() {
		b.used = max(0, b.used-now.Sub(b.at).Seconds()*paceRate)
	}
	b.at = now
	b.used++
	if over := b.used - paceBurst; over > 0 {
		return time.Duration(over / paceRate * float64(time.Second))
	}
	return 0
}

func sleep(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return ctx.Err()
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
