package broker

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"background-agents/backend/session"
)

func TestAnswersStreamAndTokensAreCounted(t *testing.T) {
	next := make(chan string)
	b, _, _ := setUp(t, keys{"anthropic": realKey}, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for piece := range next {
			_, _ = io.WriteString(w, piece)
			_ = http.NewResponseController(w).Flush()
		}
	})
	conn := client(t, b)
	r, _ := http.NewRequest(http.MethodPost, "http://x/anthropic/v1/messages", strings.NewReader("{}"))
	go func() { next <- "event: message_start\n" }()
	answer, err := conn.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	all := bufio.NewReader(answer.Body)
	read := func(want string) {
		t.Helper()
		line, err := all.ReadString('\n')
		if err != nil || line != want {
			t.Fatalf("read %q %v, want %q", line, err, want)
		}
	}
	read("event: message_start\n")
	// Each piece is here before the next is written, or this waits for ever.
	for _, piece := range []string{
		`data: {"type":"message_start","message":{"usage":{"input_tokens":10,"cache_read_input_tokens":5,"output_tokens":1}}}` + "\n",
		`data: {"type":"message_delta","usage":{"output_tokens":42}}` + "\n",
	} {
		begun := time.Now()
		next <- piece[:20]
		next <- piece[20:]
		read(piece)
		if late := time.Since(begun); late > time.Second {
			t.Errorf("a piece took %v", late)
		}
	}
	close(next)
	if _, err := all.ReadByte(); err != io.EOF {
		t.Errorf("at the end: %v", err)
	}
	conn.CloseIdleConnections()
	for range 100 { // the count is taken when the answer has ended
		if used("one").Requests > 0 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if got := used("one"); got != (session.Use{Requests: 1, Input: 15, Output: 42}) {
		t.Errorf("used %+v", got)
	}
}

func TestAnswerThatBreaksOffBreaksOffForTheAgent(t *testing.T) {
	b, _, _ := setUp(t, keys{"openai": realKey}, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "data: half\n\n")
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	})
	r, _ := http.NewRequest(http.MethodPost, "http://x/openai/v1/responses", strings.NewReader("{}"))
	answer, err := client(t, b).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if text, err := io.ReadAll(answer.Body); err == nil {
		t.Errorf("half an answer was taken for the whole: %q", text)
	}
}

func TestAgentThatHangsUpEndsTheRequest(t *testing.T) {
	ended := make(chan struct{})
	b, _, _ := setUp(t, keys{"openai": realKey}, func(w http.ResponseWriter, r *http.Request) {
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
		close(ended)
	})
	ctx, cancel := context.WithCancel(t.Context())
	r, _ := http.NewRequestWithContext(ctx, http.MethodPost, "http://x/openai/v1/responses", strings.NewReader("{}"))
	if _, err := client(t, b).Do(r); err != nil {
		t.Fatal(err)
	}
	cancel()
	select {
	case <-ended:
	case <-time.After(5 * time.Second):
		t.Error("the provider still works for an agent that is gone")
	}
}
