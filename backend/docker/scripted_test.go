package docker

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"syscall"
	"testing"

	"background-agents/backend/session"
)

// scriptedEngine listens as an engine whose calls are answered by answer. What it was asked is returned, without the
// version's path.
func scriptedEngine(t *testing.T, answer func(w http.ResponseWriter, call string)) (c *connection,
	asked func() []string) {
	t.Helper()
	path := socketPath(t)
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var calls []string
	srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, at, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		call := r.Method + " /" + at
		switch {
		case strings.HasSuffix(r.URL.Path, "/_ping"):
			w.Header().Set("Api-Version", "1.51")
			return
		case strings.HasSuffix(r.URL.Path, "/info"):
			_, _ = io.WriteString(w, `{"OSType":"linux","Architecture":"x86_64","ServerVersion":"28.5.2","NCPU":2}`)
			return
		case strings.HasSuffix(r.URL.Path, "/version"):
			_, _ = io.WriteString(w, `{"Version":"28.5.2"}`)
			return
		}
		mu.Lock()
		calls = append(calls, call)
		mu.Unlock()
		w.Header().Set("Content-Type", "application/json")
		answer(w, call)
	})}
	go func() { _ = srv.Serve(l) }()
	t.Cleanup(func() { _ = srv.Close() })
	host := "unix://" + path
	c, err = open(t.Context(), endpoint{host: host, opts: hostOpts(host)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.api.Close() })
	return c, func() []string {
		mu.Lock()
		defer mu.Unlock()
		return append([]string(nil), calls...)
	}
}

func refuse(w http.ResponseWriter, status int, message string) {
	w.WriteHeader(status)
	_, _ = io.WriteString(w, `{"message":"`+message+`"}`)
}

// Another life of the application made the container of a fill between our look and our making it: it is removed, and
// ours is made.
func TestAFillThatIsMadeMeanwhileIsReplaced(t *testing.T) {
	t.Parallel()
	made, removed := 0, 0
	c, asked := scriptedEngine(t, func(w http.ResponseWriter, call string) {
		switch {
		case call == "POST /containers/create":
			if made++; made == 1 {
				refuse(w, http.StatusConflict, `Conflict. The container name is already in use`)
				return
			}
			refuse(w, http.StatusInternalServerError, "far enough")
		case strings.HasPrefix(call, "DELETE "):
			if removed++; removed == 2 {
				refuse(w, http.StatusConflict, "removal of container is already in progress")
				return
			}
			w.WriteHeader(http.StatusNoContent)
		case strings.HasSuffix(call, "/wait"):
			_, _ = io.WriteString(w, `{"StatusCode":0}`)
		default:
			refuse(w, http.StatusNotFound, "no such thing: "+call)
		}
	})
	e := &Engine{instance: "i"}
	_, err := e.fill(t.Context(), c, e.mirrorName("project1"), config{}, strings.NewReader(""))
	if err == nil || !strings.Contains(err.Error(), "far enough") {
		t.Errorf("%v", err)
	}
	name := "/containers/" + fillName(e.mirrorName("project1"))
	want := []string{
		"DELETE " + name, "POST /containers/create", // it is there again
		"DELETE " + name, "POST " + name + "/wait", "POST /containers/create",
		"DELETE " + name, // nothing is left behind
	}
	if got := asked(); strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("asked\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

// An engine that ends in the middle of a call is an engine that does not answer, and not a failure of what was asked.
func TestAnEngineThatEndsInACallIsAway(t *testing.T) {
	t.Parallel()
	for name, cut := range map[string]func(conn net.Conn){
		"before it answers": func(conn net.Conn) { _ = conn.Close() },
		"in the middle of its answer": func(conn net.Conn) {
			_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\nContent-Le")
			_ = conn.Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, _ := scriptedEngine(t, func(w http.ResponseWriter, _ string) {
				conn, _, err := http.NewResponseController(w).Hijack()
				if err != nil {
					t.Error(err)
					return
				}
				cut(conn)
			})
			for call, do := range map[string]func(e *Engine) error{
				"Sandboxes": func(e *Engine) error { _, err := e.Sandboxes(t.Context()); return err },
				"Sandbox":   func(e *Engine) error { _, err := e.Sandbox(t.Context(), "first"); return err },
				"Stop":      func(e *Engine) error { return e.Stop(t.Context(), "first") },
				"Remove":    func(e *Engine) error { return e.Remove(t.Context(), "first") },
			} {
				known := session.AsError(do(&Engine{instance: "i", conn: c}))
				if known == nil || known.Code != session.CodeDockerDown ||
					known.Message != "Docker does not answer at "+c.host+"." || known.Hint == "" {
					t.Errorf("%s: %+v", call, known)
				}
			}
		})
	}
	for _, err := range []error{io.EOF, io.ErrUnexpectedEOF, syscall.ECONNRESET} {
		if !broken(errors.Join(errors.New("read"), err)) {
			t.Errorf("%v is taken for an answer", err)
		}
	}
	if broken(errors.New("no such container")) || broken(context.Canceled) {
		t.Error("an answer is taken for a broken connection")
	}
}
