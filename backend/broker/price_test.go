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

// catalogue prices, in dollars for a million tokens: claude-opus-5-5 4 in, 20 out, 0.2 read, 5 written;
// gpt-6-sol 2 in, 10 out, 0.2 read, and 4, 15, 0.4 above 200,000.
func TestCostIsCountedByTheCataloguesPrices(t *testing.T) {
	for outcome, c := range map[string]struct {
		path, answer string
		in, out      int64
		usd          float64
	}{
		"Anthropic's stream, with caches": {"/anthropic/v1/messages",
			`data: {"type":"message_start","message":{"model":"claude-opus-5-5","usage":{"input_tokens":1000,"cache_read_input_tokens":100000,"cache_creation_input_tokens":10000,"output_tokens":1}}}` + "\n" +
				`data: {"type":"message_delta","usage":{"output_tokens":2000}}` + "\n",
			111000, 2000, (1000*4 + 100000*0.2 + 10000*5 + 2000*20) / 1e6},
		"a model with its date": {"/anthropic/v1/messages", `{"model":"claude-opus-5-5-20260922","usage":{"input_tokens":1000000,"output_tokens":0}}`, 1000000, 0, 4},
		"Responses, cached input is part of the input": {"/openai/v1/responses",
			`data: {"type":"response.completed","response":{"model":"gpt-6-sol","usage":{"input_tokens":10000,"input_tokens_details":{"cached_tokens":4000},"output_tokens":100}}}` + "\n",
			10000, 100, (6000*2 + 4000*0.2 + 100*10) / 1e6},
		"a large request costs more": {"/openai/v1/chat/completions",
			`{"model":"gpt-6-sol","usage":{"prompt_tokens":300000,"completion_tokens":100}}`, 300000, 100, (300000*4 + 100*15) / 1e6},
		"a model without a price":           {"/openai/v1/responses", `{"model":"unheard","usage":{"input_tokens":10,"output_tokens":10}}`, 10, 10, 0},
		"what the provider says it costs":   {"/openrouter/v1/chat/completions", `{"model":"v/m","usage":{"prompt_tokens":10,"completion_tokens":10,"cost":0.25}}`, 10, 10, 0.25},
		"a subscription costs nothing more": {"/claude/v1/messages", `{"model":"claude-opus-5-5","usage":{"input_tokens":1000000,"output_tokens":5}}`, 1000000, 5, 0},
	} {
		t.Run(outcome, func(t *testing.T) {
			b, _ := toward(t, keys{"anthropic": realKey, "openai": realKey, "openrouter": realKey, "claude": realKey}, func(w http.ResponseWriter, _ *http.Request) {
				_, _ = io.WriteString(w, c.answer)
			})
			ask(t, b, "POST", c.path, "{}")
			got := settled()
			if got.Requests != 1 || got.Input != c.in || got.Output != c.out || math.Abs(got.USD-c.usd) > 1e-9 {
				t.Errorf("used %+v, want %d %d %f", got, c.in, c.out, c.usd)
			}
		})
	}
}

// settled waits until a request has been counted, which is when its answer has ended.
func settled() session.Use {
	for range 100 {
		if u := used("one"); u.Requests > 0 {
			return u
		}
		time.Sleep(10 * time.Millisecond)
	}
	return session.Use{}
}

func TestRequestsThatWereRefusedHereAreNotCounted(t *testing.T) {
	b, _ := toward(t, keys{}, nil)
	ask(t, b, "POST", "/openai/v1/responses", "{}")
	ask(t, b, "POST", "/openai/v1/files", "{}")
	time.Sleep(50 * time.Millisecond)
	if u := used("one"); u != (session.Use{}) {
		t.Errorf("used %+v", u)
	}
}

func TestSpentBudgetIsAnErrorOfTheProtocolAndNothingGoesOn(t *testing.T) {
	b, requests := toward(t, keys{"anthropic": realKey, "openai": realKey}, nil)
	spent := &session.Error{Code: session.CodeBudget, Message: "The budget is spent.", Hint: "Raise the budget, then Retry."}
	var answer error = spent
	b.Allow = func(context.Context, session.ID) error { return answer }
	for path, form := range map[string]string{
		"/anthropic/v1/messages":      `{"error":{"message":"The budget is spent. Raise the budget, then Retry.","type":"billing_error"},"type":"error"}`,
		"/openai/v1/responses":        `"message":"The budget is spent. Raise the budget, then Retry.","param":null,"type":"billing_error"`,
		"/demo/v1/chat/completions":   `"message":"The budget is spent.`,
		"/openai/v1/chat/completions": `"message":"The budget is spent.`,
	} {
		if status, body := ask(t, b, "POST", path, `{"messages":[]}`); status != http.StatusPaymentRequired || !strings.Contains(body, form) {
			t.Errorf("%s: %d %s", path, status, body)
		}
	}
	if len(*requests) > 0 {
		t.Error("went on")
	}
	answer = fmt.Errorf("the store is gone") // no reason to stop
	if status, _ := ask(t, b, "POST", "/openai/v1/responses", "{}"); status != 200 {
		t.Errorf("with another error: %d", status)
	}
}
