package scripted

import (
	"context"
	"strconv"
	"strings"
	"time"
)

// reply is one answer on its way to the agent, in one of the protocols, streamed or collected. Text, thought and call
// begin it where it has not begun.
type reply interface {
	begin()
	text(piece string)
	thought(piece string)
	call(c call)
	// end completes the answer; usage counts tokens.
	end(u usage)
	// fail answers with an HTTP status, or where the answer has begun, with an error in the stream.
	fail(status int, message string)
	// flush sends what has been written so far.
	flush()
}

type usage struct{ In, Out, Thought int }

// tokens estimates how many tokens a text has: four bytes each, as is usual for English.
func tokens(text string) int { return (len(text) + 3) / 4 }

// ending says what is to become of the connection after the steps were played.
type ending int

const (
	complete ending = iota
	dropped         // cut, in the middle of the answer
	gone            // the agent has hung up
)

// player plays steps on a reply.
type player struct {
	ctx   context.Context
	reply reply
	pace  step
	usage usage
}

func (p *player) play(steps []step) ending {
	for _, s := range steps {
		switch s.Do {
		case "chunks":
			p.pace = s
		case "sleep":
			p.reply.begin()
			if !p.wait(s.Pause) {
				return gone
			}
		case "text", "think":
			if !p.words(s) {
				return gone
			}
		case "repeat":
			if !p.repeat(s) {
				return gone
			}
		case "error":
			p.reply.fail(s.N, "This is the error "+strconv.Itoa(s.N)+" that the script asked for.")
			return complete
		case "drop":
			p.reply.begin()
			p.reply.flush()
			return dropped
		case "hang":
			p.reply.begin()
			p.reply.flush()
			<-p.ctx.Done()
			return gone
		}
		if s.Call != nil {
			p.usage.Out += 20 + tokens(s.Call.Input)
			p.reply.call(*s.Call)
		}
	}
	p.reply.end(p.usage)
	return complete
}

// words streams a text: word by word, or in pieces of the size that the script has set.
func (p *player) words(s step) bool {
	send := p.reply.text
	if s.Do == "think" {
		send = p.reply.thought
		p.usage.Thought += tokens(s.Text)
	}
	p.usage.Out += tokens(s.Text)
	if p.pace.N == 0 {
		for _, word := range strings.SplitAfter(s.Text, " ") {
			send(word)
		}
		return p.ctx.Err() == nil
	}
	for rest := []rune(s.Text); len(rest) > 0; {
		n := min(p.pace.N, len(rest))
		send(string(rest[:n]))
		if rest = rest[n:]; !p.wait(p.pace.Pause) {
			return false
		}
	}
	return true
}

// repeat streams N chunks, each of which ends with its number and a line's end, so that one that is missing or comes
// twice can be found.
func (p *player) repeat(s step) bool {
	for i := 1; i <= s.N; i++ {
		piece := strings.TrimSpace(s.Text+" "+strconv.Itoa(i)) + "\n"
		p.usage.Out += tokens(piece)
		p.reply.text(piece)
		if !p.wait(p.pace.Pause) {
			return false
		}
	}
	return true
}

// wait sends what was written and pauses; with nothing to wait for it lets the buffer fill. It reports whether the
// agent is still there.
func (p *player) wait(d time.Duration) bool {
	if d <= 0 {
		return p.ctx.Err() == nil
	}
	p.reply.flush()
	select {
	case <-time.After(d):
		return true
	case <-p.ctx.Done():
		return false
	}
}
