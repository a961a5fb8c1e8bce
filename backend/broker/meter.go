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
	line  []byte
	skip  bool
	model string
	tally
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

// counts are a provider's words for what was used. Anthropic counts cached input apart; OpenAI counts it as input, and says
// in the details how much that was. OpenRouter says what it costs
// (https://openrouter.ai/docs/use-cases/usage-accounting).
type counts struct {
	Input      int64   `json:"input_tokens"`
	Output     int64   `json:"output_tokens"`
	Prompt     int64   `json:"prompt_tokens"`
	Completion int64   `json:"completion_tokens"`
	Read       int64   `json:"cache_read_input_tokens"`
	Written    int64   `json:"cache_creation_input_tokens"`
	OfInput    details `json:"input_tokens_details"`
	OfPrompt   details `json:"prompt_tokens_details"`
	Cost       float64 `json:"cost"`
}

type details struct {
	Cached int64 `json:"cached_tokens"`
}

func (m *meter) read() {
	line := bytes.TrimSpace(bytes.TrimPrefix(m.line, []byte("data:")))
	if len(line) == 0 || line[0] != '{' || !bytes.Contains(line, []byte(`"usage"`)) {
		return
	}
	type answer struct {
		Model string `json:"model"`
		Usage counts `json:"usage"`
	}
	var v struct {
		answer
		Message answer `json:"message"`
		Answer  answer `json:"response"`
	}
	if json.Unmarshal(line, &v) != nil {
		return
	}
	for _, a := range []answer{v.answer, v.Message, v.Answer} {
		if a.Model != "" {
			m.model = a.Model
		}
		c := a.Usage
		cached := max(0, c.OfInput.Cached+c.OfPrompt.Cached)
		m.input = max(m.input, c.Input+c.Prompt-cached)
		m.tally.read = max(m.tally.read, c.Read, cached)
		m.written = max(m.written, c.Written)
		m.output = max(m.output, c.Output+c.Completion)
		m.usd = max(m.usd, c.Cost)
	}
}
