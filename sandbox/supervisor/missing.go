package main

import (
	"bufio"
	"crypto/rand"
	"encoding/json"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"syscall"

	"background-agents/sandbox/supervisor/missing"
	"background-agents/sandbox/wire"
)

// newReporter tells the host what programs in the sandbox say is missing.
func (s *session) newReporter() *missing.Reporter {
	return &missing.Reporter{
		Send: func(m wire.Missing) {
			m.Item = "missing-" + rand.Text()[:8]
			_ = s.Append(wire.Entry{Missing: &m})
		},
		Interpreter: func(script string) string { return interpreter(s.paths.workspace, script) },
	}
}

// ended looks at a tool call of the agent's that ran a command and has ended.
func (s *session) ended(t *wire.Tool) {
	if t.Kind == "execute" && (t.Status == "completed" || t.Status == "failed") {
		s.missing.Ended(missing.Run{Command: commandLine(t), Output: t.Output})
	}
}

// commandLine returns what a tool call ran, as far as its arguments say it: a text, or words.
func commandLine(t *wire.Tool) string {
	var in struct {
		Command json.RawMessage `json:"command"`
	}
	var text string
	var words []string
	_ = json.Unmarshal(t.Input, &in)
	switch {
	case json.Unmarshal(in.Command, &text) == nil && text != "":
		return text
	case json.Unmarshal(in.Command, &words) == nil && len(words) > 0:
		return strings.Join(words, " ")
	}
	return t.Title
}

// maxFirstLine bounds what is read of a script, in bytes: the system reads no more.
const maxFirstLine = 256

// interpreter names the program that a script in the workspace asks for in its first line, "" where it names none.
func interpreter(workspace, script string) string {
	if filepath.IsAbs(script) {
		rel, err := filepath.Rel(workspace, script)
		if err != nil {
			return ""
		}
		script = rel
	}
	root, err := os.OpenRoot(workspace)
	if err != nil {
		return ""
	}
	defer root.Close()
	f, err := root.OpenFile(script, os.O_RDONLY|syscall.O_NONBLOCK, 0) // a pipe would wait for its writer
	if err != nil {
		return ""
	}
	defer f.Close()
	if st, err := f.Stat(); err != nil || !st.Mode().IsRegular() {
		return ""
	}
	line, _ := bufio.NewReader(io.LimitReader(f, maxFirstLine)).ReadString('\n')
	line, is := strings.CutPrefix(line, "#!")
	words := strings.Fields(line)
	if !is || len(words) == 0 {
		return ""
	}
	name := path.Base(words[0])
	for _, word := range words[1:] {
		if name != "env" {
			break
		}
		if !strings.HasPrefix(word, "-") {
			name = word
		}
	}
	return name
}
