package broker

import (
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// A provider, or a gateway that someone debugs, repeats the key.
func TestNoAnswerTellsTheKey(t *testing.T) {
	key := func(r *http.Request) string { return r.Header.Get("X-Api-Key") }
	pack := func(w http.ResponseWriter, text string) {
		z := gzip.NewWriter(w)
		_, _ = io.WriteString(z, text)
		_ = z.Close()
	}
	header := func(name string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set(name, "a "+base64.StdEncoding.EncodeToString([]byte(key(r)))+" "+key(r))
			_, _ = io.WriteString(w, "body")
		}
	}
	for name, h := range map[string]http.HandlerFunc{
		"body": func(w http.ResponseWriter, r *http.Request) { fmt.Fprintf(w, `{"debug":%q}`, key(r)) },
		"piece by piece": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/event-stream")
			for _, c := range "data: " + key(r) + "\n\n" {
				_, _ = io.WriteString(w, string(c))
				_ = http.NewResponseController(w).Flush()
			}
		},
		"gzip": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			pack(w, key(r))
		},
		"gzip, unsaid": func(w http.ResponseWriter, r *http.Request) { pack(w, key(r)) },
		"gzip of failure": func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusInternalServerError)
			pack(w, key(r))
		},
		"another packing": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "br")
			_, _ = io.WriteString(w, key(r))
		},
		"request id": header("Request-Id"), "rate limit": header("X-Ratelimit-Limit"), "OpenAI's": header("Openai-Debug"), "cache": header("Cache-Control"),
		"type": header("Content-Type"),
		"a header's name": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Openai-"+key(r), "x")
			_, _ = io.WriteString(w, "body")
		},
		"failure": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Request-Id", key(r))
			w.WriteHeader(http.StatusBadRequest)
			fmt.Fprintf(w, "key %s**", key(r)[:len(key(r))-2])
		},
		"failure that is cut": func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, strings.Repeat("x", maxFailure-8)+key(r))
		},
		"trailer": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Trailer", "Request-Id")
			_, _ = io.WriteString(w, "x")
			w.Header().Set("Request-Id", key(r))
		},
	} {
		t.Run(name, func(t *testing.T) {
			b, requests, log := setUp(t, keys{"anthropic": longKey}, h)
			c := client(t, b)
			defer c.CloseIdleConnections()
			r, _ := http.NewRequest(http.MethodPost, "http://x/anthropic/v1/messages", strings.NewReader(`{}`))
			r.Header.Set("Accept-Encoding", "gzip, br")
			a, err := c.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			defer a.Body.Close()
			body, err := io.ReadAll(a.Body)
			if err != nil {
				t.Fatal(err)
			}
			all := fmt.Sprint(a.Header, a.Trailer, string(body), log.String())
			if left := shows(strings.ToLower(all), strings.ToLower(longKey)) + shows(all, longKey); left != "" {
				t.Errorf("it tells %s: %.300q", left, all)
			}
			if name == "failure that is cut" && strings.Contains(all, longKey[:5]) {
				t.Errorf("half a key at the bound: %q", all[len(all)-20:])
			}
			if accept := (*requests)[0].header.Get("Accept-Encoding"); accept != "identity" {
				t.Errorf("the provider may pack its answer as %q", accept)
			}
		})
	}
}

// What is no answer at all goes to the log, without the key.
func TestBrokenAnswerIsLoggedWithoutTheKey(t *testing.T) {
	b, _, log := setUp(t, keys{"anthropic": longKey}, func(w http.ResponseWriter, r *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		fmt.Fprintf(conn, "HTTP/1.1 %s\r\n\r\n", r.Header.Get("X-Api-Key"))
		_ = conn.Close()
	})
	if status, _ := ask(t, b, "POST", "/anthropic/v1/messages", "{}"); status != 502 || !strings.Contains(log.String(), "does not answer") {
		t.Errorf("%d %s", status, log.String())
	}
	if left := shows(log.String(), longKey); left != "" {
		t.Errorf("the log tells %s: %s", left, log.String())
	}
}

// A piece of a stream is with the agent before the next comes, also where its end could begin a key.
func TestHidingHoldsUpNoEvent(t *testing.T) {
	next := make(chan string)
	upstream := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/event-stream")
		for piece := range next {
			_, _ = io.WriteString(w, piece)
			_ = http.NewResponseController(w).Flush()
		}
	}))
	defer upstream.Close()
	b := opened(t, Config{Credentials: keys{"own": longKey}, Endpoints: []Endpoint{{ID: "own", Name: "Own", Protocol: OpenAI, URL: upstream.URL}}})
	r, _ := http.NewRequest(http.MethodPost, "http://x/own/v1/responses", strings.NewReader("{}"))
	go func() { next <- ": hello\n\n" }()
	a, err := client(t, b).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	read := func(want string) {
		t.Helper()
		got := make([]byte, len(want))
		if _, err := io.ReadFull(a.Body, got); err != nil || string(got) != want {
			t.Fatalf("read %q %v", got, err)
		}
	}
	read(": hello\n\n")
	for _, event := range []string{"data: {\"text\":\"sk-ant\"}\n\n", "data: {\"text\":\"%\\\\&\"}\n\n", "data: " + base64.StdEncoding.EncodeToString([]byte(longKey))[:15] + "}\n\n"} {
		begun := time.Now()
		next <- event
		read(event)
		if late := time.Since(begun); late > time.Second {
			t.Errorf("%q took %v", event, late)
		}
	}
	close(next)
}
