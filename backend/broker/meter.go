package broker

import (
	"bytes"
	"encoding/json"
)

// maxLine bounds what the meter keeps of a line of an answer; usage in a longer one is not counted.
const maxLine = 1 << 20

// meter reads the usage out of an answer that passes by: events with a "usage" in them, or one document. Providers
// repeat and correct the numbers within an answer, so the largest count.
type meter struct {
	line    []byte
	skip    bool
	in, out int64
}

// see looks at the next piece of an answer.
func (m *meter) see(p []byte) {
	for len(p) > 0 {
		end := bytes.IndexByte(p, '\n')
		piece := p
		if end >= 0 {
			piece = p[:end]
		}
		if !m.skip {
			m.line = append(m.line, piece...)
		}
		if len(m.line) > maxLine {
			m.line, m.skip = nil, true
		}
		if end < 0 {
			// A document has no line's end; it is read as soon as it is whole.
			if len(piece) > 0 && piece[len(piece)-1] == '}' && m.line != nil && m.line[0] == '{' {
				m.read()
			}
			return
		}
		m.read()
		m.line, m.skip = m.line[:0], false
		p = p[end+1:]
	}
}

type counts struct {
	Input      int64 `json:"input_tokens"`
	Output     int64 `json:"output_tokens"`
	Prompt     int64 `json:"prompt_tokens"`
	Completion int64 `json:"completion_tokens"`
	Cached     int64 `json:"cache_read_input_tokens"`     // Anthropic counts these apart
	Written    int64 `json:"cache_creation_input_tokens"` // and these
}

func (m *meter) read() {
	line := bytes.TrimSpace(bytes.TrimPrefix(m.line, []byte("data:")))
	if len(line) == 0 || line[0] != '{' || !bytes.Contains(line, []byte(`"usage"`)) {
		return
	}
	var v struct {
		Usage   counts                 `json:"usage"`
		Message struct{ Usage counts } `json:"message"`
		Answer  struct{ Usage counts } `json:"response"`
	}
	if json.Unmarshal(line, &v) != nil {
		return
	}
	for _, c := range []counts{v.Usage, v.Message.Usage, v.Answer.Usage} {
		m.in = max(m.in, c.Input+c.Prompt+c.Cached+c.Written)
		m.out = max(m.out, c.Output+c.Completion)
	}
}
