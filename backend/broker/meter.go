package broker

import (
	"bytes"
	"encoding/json"
	"math"
	"strconv"
	"strings"
)

// Bounds of what the meter keeps of an answer.
const (
	maxUsage = 64 << 10 // bytes of one "usage"
	maxName  = 200      // of a model's name, and of a key
)

// meter reads the usage out of an answer that passes by, whatever its lines are: events with a "usage" in them, or one
// document. It is an io.Writer that never fails. Providers repeat and correct the numbers within an answer, so the
// largest count. It follows JSON only as far as it must: what is said in a text, or deeper in a document, is not taken
// for usage.
type meter struct {
	model string
	tally
	bytes int64 // that have passed by
	short bool  // only the name of the model is wanted

	in      string // the keys that lead to the value, for the two outer levels, "/" between them
	outer   string
	key     []byte // the text that is being read
	depth   int
	value   bool // what comes next is a value, not a key
	text    bool // inside of a text
	escaped bool
	usage   []byte // what is kept of a usage or an error, nil outside of one
	usageAt int    // its depth
	isError bool   // it is an error
	failure []byte // the error that the answer had in it, nil for none
	line    lineBegin
}

// Write implements io.Writer.
func (m *meter) Write(p []byte) (int, error) {
	m.bytes += int64(len(p))
	for i := 0; i < len(p); i++ {
		if m.short && m.model != "" {
			break
		}
		if m.text && !m.escaped {
			i += m.pass(p[i:])
			if i == len(p) {
				break
			}
		}
		c := p[i]
		if c == '\n' || c == '\r' {
			m.text, m.escaped = false, false // no text of JSON goes over a line
		}
		switch m.line.next(c) {
		case newEvent:
			m.reset()
		case passOver:
			continue
		}
		m.take(c)
	}
	return len(p), nil
}

// pass takes in what of a text needs no look, and returns how much that was.
func (m *meter) pass(p []byte) int {
	n := bytes.IndexAny(p, "\"\\\n\r")
	if n < 0 {
		n = len(p)
	}
	m.key = append(m.key, p[:min(n, maxName-len(m.key))]...)
	if m.usage != nil {
		m.usage = append(m.usage, p[:min(n, maxUsage-len(m.usage))]...)
	}
	return n
}

// reset forgets a document that did not come to its end.
func (m *meter) reset() {
	m.depth, m.value, m.text, m.escaped, m.usage, m.in, m.outer = 0, false, false, false, nil, "", ""
}

func (m *meter) take(c byte) {
	if m.usage != nil && len(m.usage) < maxUsage {
		m.usage = append(m.usage, c)
	}
	switch {
	case m.escaped:
		m.escaped = false
		m.keep(c)
	case m.text && c == '\\':
		m.escaped = true
		m.keep(c)
	case m.text && c == '"':
		m.text = false
		m.ended()
	case m.text:
		m.keep(c)
	case c == '"':
		m.text, m.key = m.depth > 0, m.key[:0]
	case c == ':':
		m.value = true
	case c == ',':
		m.value = false
	case c == '{' || c == '[':
		m.open(c)
	case c == '}' || c == ']':
		m.close()
	}
}

func (m *meter) keep(c byte) {
	if len(m.key) < maxName {
		m.key = append(m.key, c)
	}
}

// ended takes in a text: a key, or the name of the model.
func (m *meter) ended() {
	switch {
	case m.depth > 2:
	case !m.value:
		m.in = string(m.key)
		if m.depth == 1 {
			m.outer = m.in
		}
	case m.in == "model" && m.told() && len(m.key) > 0:
		m.model = string(m.key)
	}
}

// told says whether the value that is being read is one of the answer's own: at its top, in Anthropic's "message" or in
// OpenAI's "response".
func (m *meter) told() bool {
	return m.depth == 1 || m.depth == 2 && (m.outer == "message" || m.outer == "response")
}

func (m *meter) open(c byte) {
	if m.usage == nil && c == '{' && m.value && (m.in == "usage" || m.in == "error") && m.told() {
		m.usage, m.usageAt, m.isError = append(make([]byte, 0, 512), c), m.depth, m.in == "error"
	}
	m.depth++
	m.value = c == '['
}

func (m *meter) close() {
	if m.depth == 0 {
		return
	}
	m.depth--
	m.value = true
	if m.usage != nil && m.depth == m.usageAt {
		if m.isError {
			m.failure = m.usage
		} else {
			m.count()
		}
		m.usage = nil
	}
}

// amount is a count of tokens as providers write it: any form of number, also as a text, within bounds.
type amount int64

const maxTokens = 1e12

// UnmarshalJSON implements json.Unmarshaler. A value that is not a number counts as 0.
func (n *amount) UnmarshalJSON(raw []byte) error {
	*n = amount(number(raw, maxTokens))
	return nil
}

// dollars are a price, likewise.
type dollars float64

const maxDollars = 1e6

// UnmarshalJSON implements json.Unmarshaler.
func (d *dollars) UnmarshalJSON(raw []byte) error {
	*d = dollars(number(raw, maxDollars))
	return nil
}

func number(raw []byte, most float64) float64 {
	v, err := strconv.ParseFloat(strings.Trim(string(raw), `"`), 64)
	if err != nil && !math.IsInf(v, 1) || math.IsNaN(v) {
		return 0
	}
	return min(max(v, 0), most)
}

// counts are a provider's words for what was used. Anthropic counts cached input apart; OpenAI counts it as input, and
// says in the details how much that was. OpenRouter says what it costs
// (https://openrouter.ai/docs/use-cases/usage-accounting).
type counts struct {
	Input      amount  `json:"input_tokens"`
	Output     amount  `json:"output_tokens"`
	Prompt     amount  `json:"prompt_tokens"`
	Completion amount  `json:"completion_tokens"`
	Read       amount  `json:"cache_read_input_tokens"`
	Written    amount  `json:"cache_creation_input_tokens"`
	OfInput    details `json:"input_tokens_details"`
	OfPrompt   details `json:"prompt_tokens_details"`
	Cost       dollars `json:"cost"`
}

type details struct {
	Cached amount `json:"cached_tokens"`
}

func (m *meter) count() {
	var c counts
	if json.Unmarshal(m.usage, &c) != nil {
		return
	}
	cached := c.OfInput.Cached + c.OfPrompt.Cached
	m.input = max(m.input, int64(c.Input+c.Prompt-cached))
	m.tally.read = max(m.tally.read, int64(c.Read), int64(cached))
	m.written = max(m.written, int64(c.Written))
	m.output = max(m.output, int64(c.Output+c.Completion))
	m.usd = max(m.usd, float64(c.Cost))
}

// lineBegin follows the lines of an answer, as events of a server have them
// (https://html.spec.whatwg.org/multipage/server-sent-events.html): "data:" at the beginning of one is no part of the
// document.
type lineBegin struct {
	have  int  // characters of "data:" that the line began with, -1 where it does not
	empty bool // the line before was empty
	any   bool // there is something on the line
}

type lineWas int

const (
	plainByte lineWas = iota
	passOver          // no part of a document
	newEvent          // an event begins
)

const dataField = "data:"

func (l *lineBegin) next(c byte) lineWas {
	switch {
	case c == '\n' || c == '\r':
		l.empty = !l.any || c == '\n' && l.empty
		l.have, l.any = 0, false
		return plainByte
	case l.have < 0:
		return plainByte
	case l.have < len(dataField) && c == dataField[l.have]:
		begins := l.empty && !l.any
		l.have, l.any = l.have+1, true
		if l.have == len(dataField) {
			l.have = -1
		}
		if begins {
			l.empty = false
			return newEvent
		}
		return passOver
	}
	l.have, l.any, l.empty = -1, true, false
	return plainByte
}
