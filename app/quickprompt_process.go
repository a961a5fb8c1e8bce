//go:build !(webkit2_41 && (production || dev))

package app

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"sync"
)

// processQuickPrompt is another process of this program with one small window: where a second window cannot be made in this
// one. It is started at the first use and kept. Each line that it reads says to open; each that it writes is a
// QuickPromptEnd.
type processQuickPrompt struct {
	w       *window
	command func() (*exec.Cmd, error)

	mu   sync.Mutex
	tell io.WriteCloser // nil where no process runs
	wg   sync.WaitGroup
}

func newQuickPrompt(w *window) quickPrompt {
	return &processQuickPrompt{w: w, command: func() (*exec.Cmd, error) {
		program, err := os.Executable()
		if err != nil {
			return nil, err
		}
		return exec.CommandContext(context.Background(), program, quickWindowFlag), nil // it ends with its input
	}}
}

// open starts the process where none runs, and once more where the one that ran has ended.
func (q *processQuickPrompt) open() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for range 2 {
		if q.tell == nil && q.start() != nil {
			break
		}
		if _, err := io.WriteString(q.tell, "open\n"); err == nil {
			return
		}
		q.tell = nil
	}
	q.w.show() // there is no small window: the large one takes the prompt
	q.w.shell().Emit("show", Show{})
}

func (q *processQuickPrompt) start() error {
	cmd, err := q.command()
	if err != nil {
		return err
	}
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	q.tell = in
	q.wg.Go(func() {
		for lines := json.NewDecoder(out); ; {
			var end QuickPromptEnd
			if lines.Decode(&end) != nil {
				break
			}
			q.w.quickPromptEnded(end)
		}
		_ = cmd.Wait()
	})
	return nil
}

func (q *processQuickPrompt) ready()     {}
func (q *processQuickPrompt) resize(int) {}
func (q *processQuickPrompt) hide()      {}

func (q *processQuickPrompt) stop() {
	q.mu.Lock()
	if q.tell != nil {
		_ = q.tell.Close()
		q.tell = nil
	}
	q.mu.Unlock()
	q.wg.Wait()
}
