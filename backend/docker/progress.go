package docker

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"time"

	"background-agents/backend/session"
)

const (
	maxLog      = 16 << 10               // last bytes of a build's output that are kept and shown
	progressGap = 100 * time.Millisecond // between two calls that only bring more output
)

// progress tells how a build goes on. It is safe for concurrent use and tells from one goroutine at a time.
type progress struct {
	mu     sync.Mutex
	tell   func(session.ImageState)
	state  session.ImageState
	began  time.Time // of the step
	told   time.Time
	before int // steps done before the part whose steps are counted now
}

func newProgress(tell func(session.ImageState)) *progress {
	return &progress{tell: tell, state: session.ImageState{Status: "building"}}
}

// part begins a part of total steps.
func (p *progress) part(total int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.before = p.state.Done
	p.state.Total = p.before + total
}

// step begins step n of the part. The steps before it are done.
func (p *progress) step(n int, text string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.finish()
	p.state.Done = p.before + n - 1
	p.state.Step = line(text)
	p.began = time.Now()
	p.write(fmt.Sprintf("[%d/%d] %s", p.before+n, max(p.state.Total, p.before+n), p.state.Step))
	p.now()
}

// done ends the part.
func (p *progress) done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.finish()
	p.state.Done = p.state.Total
	p.now()
}

// finish writes how long the step took, where that was noticeable.
func (p *progress) finish() {
	if took := time.Since(p.began); !p.began.IsZero() && took > time.Second {
		p.write(fmt.Sprintf("      done in %s", took.Round(100*time.Millisecond)))
	}
	p.began = time.Time{}
}

// say adds output.
func (p *progress) say(text string) {
	text = escapes.ReplaceAllString(text, "")
	if strings.TrimSpace(text) == "" {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.write(strings.TrimRight(text, "\r\n"))
	if time.Since(p.told) >= progressGap {
		p.now()
	}
}

// grow tells how many bytes the step has brought so far; total is 0 where it is not known.
func (p *progress) grow(what string, bytes, total int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state.Size = bytes
	if time.Since(p.told) < progressGap {
		return
	}
	text := what + ": " + megabytes(bytes)
	if total > 0 {
		text += " of " + megabytes(total)
	}
	// It takes the place of the line before, as in a terminal.
	if i := strings.LastIndexByte(strings.TrimSuffix(p.state.Log, "\n"), '\n'); strings.HasPrefix(p.state.Log[i+1:], what+": ") {
		p.state.Log = p.state.Log[:i+1]
	}
	p.write(text)
	p.now()
}

// escapes are a terminal's colours and cursor movements.
var escapes = regexp.MustCompile(`\x1b\[[0-9;?]*[A-Za-z]`)

func (p *progress) write(text string) {
	p.state.Log += strings.ToValidUTF8(text, "?") + "\n"
	if over := len(p.state.Log) - maxLog; over > 0 {
		cut := p.state.Log[over:]
		if i := strings.IndexByte(cut, '\n'); i >= 0 {
			cut = cut[i+1:]
		}
		p.state.Log = cut
	}
}

func (p *progress) now() {
	p.told = time.Now()
	p.tell(p.state)
}

// lastLines returns the end of the output.
func (p *progress) lastLines(n int) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	lines := strings.Split(strings.TrimSpace(p.state.Log), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

// line makes one line of a step's text that a list can show.
func line(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > 160 {
		text = strings.ToValidUTF8(text[:160], "") + "…"
	}
	return text
}

func megabytes(n int64) string {
	if n >= 1e9 {
		return fmt.Sprintf("%.2f GB", float64(n)/1e9)
	}
	return fmt.Sprintf("%.1f MB", float64(n)/1e6)
}

// current returns the step under way, as "step 3 of 12 (RUN apt-get update)".
func (p *progress) current() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.state.Step == "" {
		return "the start"
	}
	text := p.state.Step
	if len(text) > 60 {
		text = strings.ToValidUTF8(text[:60], "") + "…"
	}
	return fmt.Sprintf("step %d of %d (%s)", p.state.Done+1, max(p.state.Total, p.state.Done+1), text)
}

// next begins the next step of a build that does not say how many it has.
func (p *progress) next(text string) {
	p.mu.Lock()
	n := p.state.Done - p.before + 1
	if p.state.Step != "" {
		n++
	}
	p.state.Total = max(p.state.Total, p.before+n)
	p.mu.Unlock()
	p.step(n, text)
}

// name says which image is being made.
func (p *progress) name(tag string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state.Name = tag
}

// built tells of the finished image.
func (p *progress) built(tag string, size int64, took time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.state.Name, p.state.Size, p.state.Status, p.state.Done = tag, size, "current", p.state.Total
	p.state.Step = fmt.Sprintf("Built %s, %s, in %s", tag, megabytes(size), took.Round(time.Second))
	p.write(p.state.Step)
	p.now()
}
