package app

import (
	"strings"

	"github.com/wailsapp/wails/v2/pkg/logger"
)

// wailsLog keeps what the page says out of Wails' log: where a call fails before it reaches us, Wails writes it there as it
// came, and a call may carry a secret.
type wailsLog struct{ logger.Logger }

// Error implements logger.Logger.
func (l wailsLog) Error(message string) { l.Logger.Error(withoutCall(message)) }

// withoutCall takes the call out of what Wails' dispatcher says: "process message error: CALL -> ERROR".
func withoutCall(message string) string {
	const failed = "process message error: "
	if !strings.HasPrefix(message, failed) {
		return message
	}
	at := strings.LastIndex(message, " -> ")
	if at < 0 {
		return failed + "(it cannot be said)"
	}
	return failed + message[at+len(" -> "):]
}
