package main

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"
	"unicode/utf8"

	"background-agents/sandbox/wire"
)

// Bounds of a phase. What it writes beyond maxShown lies in its output file, up to maxOutput bytes.
const (
	showAfter = 100 * time.Millisecond // a phase that had nothing to do is not shown at all
	maxShown  = 192 << 10
	maxOutput = 64 << 20
)

// phase runs one step of the start and tells of it. f says whether there was something to do.
func (s *session) phase(name string, f func(out io.Writer) (did bool, err error)) error {
	p := &phase{s: s, begun: time.Now(), entry: wire.Phase{Item: "step-" + name + "-" + rand.Text()[:8], Name: name, Status: "running"}}
	p.timer = time.AfterFunc(showAfter, p.show)
	did, err := f(p)
	p.end(did, err)
	return err
}

// phase is an io.Writer that tells of what is written as it comes.
type phase struct {
	s     *session
	begun time.Time
	timer *time.Timer

	mu    sync.Mutex
	entry wire.Phase
	shown bool
	ended bool
	part  []byte // of a character that has not come whole
	told  int
	size  int64
	file  *os.File
}

func (p *phase) show() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tell("")
}

// tell appends an entry. The caller holds mu.
func (p *phase) tell(output string) {
	if p.ended || p.shown && output == "" {
		return
	}
	p.shown = true
	e := p.entry
	e.Millis = int(time.Since(p.begun).Milliseconds())
	e.Output = output
	_ = p.s.journal.Append(wire.Entry{Phase: &e}) // fails only when the supervisor ends
}

// Write implements io.Writer; it never fails, so that a hook does not end for what it says.
func (p *phase) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.keep(b)
	text := append(p.part, b...)
	whole := len(text)
	for n := 1; n < utf8.UTFMax && n <= len(text); n++ {
		if c := text[len(text)-n]; utf8.RuneStart(c) {
			if !utf8.FullRune(text[len(text)-n:]) {
				whole -= n
			}
			break
		}
	}
	p.part = append([]byte(nil), text[whole:]...)
	if room := maxShown - p.told; whole > 0 && room > 0 {
		shown := string(text[:whole])
		if whole > room {
			shown = string(text[:room]) + "\n[…]\n"
		}
		p.told += len(shown)
		p.tell(shown)
	}
	return len(b), nil
}

// keep writes the whole output to a file, for who asks for it.
func (p *phase) keep(b []byte) {
	if p.file == nil && p.size == 0 {
		p.file, _ = os.Create(filepath.Join(p.s.paths.outputs(), p.entry.Item))
	}
	if p.size += int64(len(b)); p.file != nil && p.size <= maxOutput {
		_, _ = p.file.Write(b)
	}
}

func (p *phase) end(did bool, err error) {
	p.timer.Stop()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.file != nil {
		_ = p.file.Close()
		if p.told < maxShown {
			_ = os.Remove(p.file.Name())
		}
	}
	switch {
	case err != nil:
		p.entry.Status = "failed"
	case did:
		p.entry.Status = "done"
	default:
		p.entry.Status = "skipped"
	}
	if err == nil && !did && !p.shown {
		p.ended = true
		return
	}
	p.shown = false // this one is told in any case
	p.tell(reason(err))
	p.ended = true
}

// reason is the last line of a phase that failed.
func reason(err error) string {
	if err == nil {
		return ""
	}
	if errors.Is(err, context.Canceled) {
		return "Stopped.\n"
	}
	return err.Error() + "\n"
}
