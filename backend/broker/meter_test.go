package broker

import (
	"context"
	"fmt"
	"io"
	"math"
	"net/http"
	"strings"
	"testing"
	"time"

	"background-agents/backend/session"
)

// maxLine is more than any line of an answer that is kept as a whole.
const maxLine = 1 << 20

func TestUsageIsFoundInAnyForm(t *testing.T) {
	for name, c := range map[string]struct {
		text          string
		input, output int64
	}{
		"an event of one megabyte": {`data: {"type":"response.completed","response":{"model":"m","instructions":"` +
			strings.Repeat(`x\"`, maxLine) + `","usage":{"input_tokens":30,"output_tokens":2}}}` + "\n\n", 30, 2},
		"a long text after it": {`{"usage":{"input_tokens":30,"output_tokens":2},"x":"` +
			strings.Repeat("x", maxLine) + `"}`, 30, 2},
		"pretty printed": {"{\n  \"id\": \"x\",\n  \"model\": \"m\",\n  \"usage\": {\n    \"input_tokens\": " +
			"30,\n    \"output_tokens\": 2\n  }\n}\n", 30, 2},
		"pretty printed, CRLF": {"{\r\n  \"model\": \"m\",\r\n\r\n  \"usage\" :\r\n {\r\n \"input_tokens\": " +
			"30,\r\n    \"output_tokens\": 2\r\n  }\r\n}", 30, 2},
		"lines that end in CR": {"data: {\"x\":1}\r\rdata: " +
			"{\"response\":{\"usage\":{\"input_tokens\":30,\"output_tokens\":2}}}\r\r", 30, 2},
		"an event in lines": {"event: a\ndata: {\"usage\":\ndata: {\"input_tokens\":30,\ndata: " +
			"\"output_tokens\":2}}\n\n", 30, 2},
		"after half an event": {"data: {\"x\":{\"y\n\ndata: " +
			"{\"usage\":{\"input_tokens\":30,\"output_tokens\":2}}\n\n", 30, 2},
		"no space":               {"data:{\"usage\":{\"input_tokens\":30,\"output_tokens\":2}}\n\n", 30, 2},
		"numbers of other forms": {`{"usage":{"input_tokens":3e1,"output_tokens":"2"}}`, 30, 2},
		"the largest counts":     {"data: {\"message\":{\"usage\":{\"input_tokens\":30,\"output_tokens\":1}}}\n\ndata: {\"usage\":{\"input_tokens\":0,\"output_tokens\":2}}\n\n", 30, 2},
		"absurd":                 {`{"usage":{"input_tokens":9223372036854775807,"prompt_tokens":9223372036854775807,"output_tokens":-5}}`, 2e12, 0},
		"null":                   {`{"usage":null,"model":null}`, 0, 0},
		"said by the model":      {`{"content":"{\"usage\":{\"input_tokens\":30}}","tool":{"input":{"usage":{"input_tokens":30}}},"a":["usage",{"input_tokens":30}]}`, 0, 0},
	} {
		for _, step := range []int{1, 7, 1 << 30} {
			m := &meter{}
			for at := 0; at < len(c.text); at += step {
				_, _ = io.WriteString(m, c.text[at:min(len(c.text), at+step)])
			}
			if m.input != c.input || m.output != c.output || m.bytes != int64(len(c.text)) {
				t.Errorf("%s, in steps of %d: %+v of %d bytes", name, step, m.tally, m.bytes)
			}
			if strings.Contains(c.text, `"m"`) && m.model != "m" {
				t.Errorf("%s: the model is %q", name, m.model)
			}
		}
	}
}

// What nobody counted is estimated, and said to be.
func TestUsageThatIsNotToldIsEstimated(t *testing.T) {
	const body = `{"model":"gpt-6-sol","messages":["` + "0123456789012345678901234567890123456789" + `"]}`
	answer := strings.Repeat("data: {\"choices\":[{\"delta\":{\"content\":\"word\"}}]}\n\n", 100)
	in, out := int64(len(body)+3)/4, int64(len(answer)+3)/4
	for name, c := range map[string]struct {
		path, answer string
		want         session.Use
	}{
		"not told": {"/openai/v1/chat/completions", answer,
			session.Use{Input: in, Output: out, Estimated: in + out, USD: (float64(in)*2 + float64(out)*10) / 1e6}},
		"told": {"/openai/v1/chat/completions", answer +
			`data: {"model":"gpt-6-sol","usage":{"prompt_tokens":7,"completion_tokens":3}}` + "\n\n",
			session.Use{Input: 7, Output: 3, USD: (7*2 + 3*10) / 1e6}},
		"only output is told": {"/openai/v1/chat/completions", `{"usage":{"completion_tokens":3}}`,
			session.Use{Input: in, Output: 3, Estimated: in, USD: (float64(in)*2 + 3*10) / 1e6}},
		"told to be nothing": {"/openai/v1/responses", `{"usage":{"input_tokens":0,"output_tokens":0}}`,
			session.Use{Input: in, Output: 12, Estimated: in + 12, USD: (float64(in)*2 + 12*10) / 1e6}},
		"empty": {"/openai/v1/responses/compact", "",
			session.Use{Input: in, Estimated: in, USD: float64(in) * 2 / 1e6}},
		"counting costs nothing": {"/anthropic/v1/messages/count_tokens", `{"input_tokens":70}`, session.Use{}},
	} {
		t.Run(name, func(t *testing.T) {
			b, _ := toward(t, keys{"anthropic": realKey, "openai": realKey},
				func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, c.answer) })
			ask(t, b, "POST", c.path, body)
			got := settled()
			if c.want.Requests = 1; math.Abs(got.USD-c.want.USD) > 1e-9 {
				t.Errorf("costs %f, want %f", got.USD, c.want.USD)
			}
			if got.USD = c.want.USD; got != c.want {
				t.Errorf("used %+v, want %+v", got, c.want)
			}
		})
	}
	t.Run("models are listed for nothing", func(t *testing.T) {
		b, _ := toward(t, keys{"openai": realKey}, func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, `{"data":[]}`)
		})
		ask(t, b, "GET", "/openai/v1/models", "")
		if got := settled(); got != (session.Use{Requests: 1}) {
			t.Errorf("used %+v", got)
		}
	})
	t.Run("failures cost nothing", func(t *testing.T) {
		b, _ := toward(t, keys{"openai": realKey}, func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusTooManyRequests)
		})
		ask(t, b, "POST", "/openai/v1/responses", body)
		time.Sleep(50 * time.Millisecond)
		if got := used("one"); got != (session.Use{}) {
			t.Errorf("used %+v", got)
		}
	})
}

// An agent that hangs up before the usage comes has used what it read, or what it sent.
func TestAgentThatHangsUpPays(t *testing.T) {
	body := `{"model":"gpt-6-sol","input":"` + strings.Repeat("word ", 200) + `"}`
	for name, begun := range map[string]bool{"before the answer": false, "in the answer": true} {
		t.Run(name, func(t *testing.T) {
			asked := make(chan struct{})
			b, _ := toward(t, keys{"openai": realKey}, func(w http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				if begun {
					fmt.Fprintf(w, "data: {\"type\":\"response.output_text.delta\",\"delta\":%q}\n\n",
						strings.Repeat("word ", 2000))
					_ = http.NewResponseController(w).Flush()
				}
				close(asked)
				<-r.Context().Done()
			})
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			r, _ := http.NewRequestWithContext(ctx, http.MethodPost, "http://x/openai/v1/responses",
				strings.NewReader(body))
			go func() {
				<-asked
				if !begun {
					cancel()
				}
			}()
			a, err := client(t, b).Do(r)
			if err == nil {
				_, _ = io.ReadFull(a.Body, make([]byte, 5000))
				_ = a.Body.Close()
			}
			cancel()
			got := settled()
			if got.Input != int64(len(body)+3)/4 || begun != (got.Output >= 2500) ||
				got.Estimated != got.Input+got.Output || got.USD == 0 {
				t.Errorf("used %+v", got)
			}
		})
	}
}

func BenchmarkMeter(b *testing.B) {
	text := []byte(strings.Repeat(`data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello"}}`+"\n\n", 100))
	m := &meter{}
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		_, _ = m.Write(text)
	}
}
