package docker

import (
	"encoding/binary"
	"encoding/json"
	"strings"
)

// traceID marks the messages in which BuildKit tells how a build goes on: base64 of a protocol buffer, StatusResponse of
// moby/buildkit api/services/control/control.proto.
const traceID = "moby.buildkit.trace"

// trace turns BuildKit's messages into progress. Only what is shown is read of them.
type trace struct {
	p     *progress
	begun map[string]bool // digests of steps that were told
}

func newTrace(p *progress) *trace { return &trace{p: p, begun: map[string]bool{}} }

func (t *trace) add(aux json.RawMessage) {
	var b []byte
	if json.Unmarshal(aux, &b) != nil {
		return
	}
	fields(b, func(number int, value []byte) {
		switch number {
		case 1:
			t.vertex(value)
		case 3:
			t.log(value)
		}
	})
}

// vertex is a step: digest 1, name 3, started 5, error 7.
func (t *trace) vertex(b []byte) {
	var digest, name, failure string
	started := false
	fields(b, func(number int, value []byte) {
		switch number {
		case 1:
			digest = string(value)
		case 3:
			name = string(value)
		case 5:
			started = true
		case 7:
			failure = string(value)
		}
	})
	if failure != "" {
		t.p.say(failure)
	}
	if !started || t.begun[digest] {
		return
	}
	t.begun[digest] = true
	// "[stage 3/7] RUN ..." counts within its stage only, and stages run side by side.
	if strings.HasPrefix(name, "[internal]") {
		return
	}
	t.p.next(name)
}

// log is a step's output: msg 4.
func (t *trace) log(b []byte) {
	fields(b, func(number int, value []byte) {
		if number == 4 {
			t.p.say(string(value))
		}
	})
}

// fields calls f for each field of a protocol buffer that has a length (strings, bytes, messages); others are passed over.
func fields(b []byte, f func(number int, value []byte)) {
	for len(b) > 0 {
		key, n := binary.Uvarint(b)
		if n <= 0 {
			return
		}
		b = b[n:]
		switch key & 7 {
		case 0:
			if _, n = binary.Uvarint(b); n <= 0 {
				return
			}
		case 1:
			n = 8
		case 5:
			n = 4
		case 2:
			size, m := binary.Uvarint(b)
			if m <= 0 || size > uint64(len(b)-m) {
				return
			}
			f(int(key>>3), b[m:m+int(size)])
			n = m + int(size)
		default:
			return
		}
		if n > len(b) {
			return
		}
		b = b[n:]
	}
}
