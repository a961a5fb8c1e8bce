package session

import (
	"context"
	"fmt"
	"time"
)

// NoAnswer is the error of a wait that has ended: who did not answer, for how long, and what to do. It has
// context.DeadlineExceeded in its chain.
func NoAnswer(code Code, who string, waited time.Duration, hint string) *Error {
	return newError(code, who+" did not answer within "+Spell(waited)+".", hint, context.DeadlineExceeded)
}

// Spell writes a time limit for a sentence: "5 seconds", "1 minute". What is no whole number of a unit is written in
// the next smaller.
func Spell(d time.Duration) string {
	for _, unit := range []struct {
		is   time.Duration
		name string
	}{{time.Hour, "hour"}, {time.Minute, "minute"}, {time.Second, "second"}, {time.Millisecond, "millisecond"}} {
		switch n := d / unit.is; {
		case n == 1 && d%unit.is == 0:
			return "1 " + unit.name
		case n >= 1 && d%unit.is == 0:
			return fmt.Sprintf("%d %ss", n, unit.name)
		}
	}
	return d.String()
}
