package control

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"background-agents/backend/session"
)

// recorder is an application that notes what it is asked; every method that is not written out here panics.
type recorder struct {
	session.Operations
	mu     sync.Mutex
	asked  []string
	err    error
	events chan session.Event
	output string
	gone   chan struct{} // closed when a Watch or an Exec saw its caller go
}

func (r *recorder) note(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = append(r.asked, fmt.Sprintf(format, args...))
}

func (r *recorder) Rename(_ context.Context, id session.ID, title string) error {
	r.note("Rename %s %q", id, title)
	return r.err
}

func (r *recorder) Patch(_ context.Context, id session.ID, turn int, path string, o session.PatchOptions) (session.Patch, error) {
	r.note("Patch %s %d %s %+v", id, turn, path, o)
	return session.Patch{Path: path, Hunks: []session.Hunk{{Lines: []string{"+a\x00b"}}}}, r.err
}

func (r *recorder) Create(_ context.Context, n session.NewSession) (session.Session, error) {
	return session.Session{ID: "aaaaaaaa", Title: n.Prompt.Text, Status: session.Starting}, r.err
}

func (r *recorder) Agents(context.Context) ([]session.Agent, error) {
	return []session.Agent{{ID: "opencode"}}, r.err
}

func (r *recorder) Attach(_ context.Context, name, mime string, in io.Reader) (session.Attachment, error) {
	n, err := io.Copy(io.Discard, in)
	return session.Attachment{Name: name, Mime: mime, Size: n}, errors.Join(err, r.err)
}

func (r *recorder) Output(_ context.Context, _ session.ID, _ session.ItemID, w io.Writer) error {
	if _, err := io.WriteString(w, r.output); err != nil {
		return err
	}
	return r.err
}

func (r *recorder) WritePatch(_ context.Context, _ session.ID, turn int, w io.Writer) error {
	_, err := fmt.Fprintf(w, "turn %d \xff\n", turn)
	return errors.Join(err, r.err)
}

func (r *recorder) Watch(ctx context.Context, f func(session.Event)) error {
	for {
		select {
		case e, ok := <-r.events:
			if !ok {
				return r.err
			}
			f(e)
		case <-ctx.Done():
			close(r.gone)
			return ctx.Err()
		}
	}
}

func (r *recorder) Exec(ctx context.Context, _ session.ID, e session.Exec) (int, error) {
	switch e.Command[0] {
	case "cat":
		_, err := io.Copy(e.Stdout, e.Stdin)
		fmt.Fprint(e.Stderr, "done")
		return 7, err
	case "flood":
		_, err := e.Stdout.Write(bytes.Repeat([]byte("x"), 5<<20))
		return 0, err
	case "hang":
		<-ctx.Done()
		close(r.gone)
		return 0, ctx.Err()
	}
	return 0, r.err
}

// running serves r in a new data folder and returns a client and the folder.
func running(t *testing.T, r *recorder) (*Client, string) {
	t.Helper()
	return runningIn(t, r, t.TempDir())
}

func runningIn(t *testing.T, r *recorder, dir string) (*Client, string) {
	t.Helper()
	l, err := Listen(dir)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- Serve(ctx, l, r) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	c, err := Dial(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c, dir
}

func TestCallsArriveWithTheirArgumentsAndReturnTheirValues(t *testing.T) {
	r := &recorder{}
	c, _ := running(t, r)
	if err := c.Rename(t.Context(), "abc", "Ünïcode\n\"quoted\""); err != nil {
		t.Fatal(err)
	}
	p, err := c.Patch(t.Context(), "abc", 3, "a b/ü.go", session.PatchOptions{Context: 5, IgnoreWhitespace: true})
	if err != nil || p.Hunks[0].Lines[0] != "+a\x00b" {
		t.Fatalf("got %+v, %v", p, err)
	}
	want := []string{`Rename abc "Ünïcode\n\"quoted\""`, "Patch abc 3 a b/ü.go {Context:5 IgnoreWhitespace:true}"}
	if !reflect.DeepEqual(r.asked, want) {
		t.Fatalf("asked %q, want %q", r.asked, want)
	}
	agents, err := c.Agents(t.Context())
	if err != nil || len(agents) != 1 || agents[0].ID != "opencode" {
		t.Fatalf("got %+v, %v", agents, err)
	}
	if c.Hello.PID != os.Getpid() || c.Hello.Version != Version {
		t.Fatalf("hello is %+v", c.Hello)
	}
}

// A method that the server does not know, or names otherwise, is found here and not by a user.
func TestEveryOperationIsServedUnderTheNameTheClientUses(t *testing.T) {
	served := map[string]bool{"Watch": true, "Attach": true, "Output": true, "WritePatch": true, "Exec": true}
	for name := range calls {
		served[name] = true
	}
	operations := reflect.TypeFor[session.Operations]()
	for i := range operations.NumMethod() {
		name := operations.Method(i).Name
		if !served[name] {
			t.Errorf("%s is not served", name)
		}
		delete(served, name)
	}
	for name := range served {
		t.Errorf("%s is served and is no operation", name)
	}
	var source []byte
	for _, file := range []string{"operations.go", "outward.go"} {
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		source = append(source, b...)
	}
	for name := range calls {
		if !bytes.Contains(source, []byte(") "+name+"(ctx")) || !bytes.Contains(source, []byte(`"`+name+`"`)) {
			t.Errorf("the client's %s does not ask for %q", name, name)
		}
	}
}

func TestErrorsArriveAsTheyWere(t *testing.T) {
	want := &session.Error{Code: session.CodeUnsaved, Message: "There are 2 commits on no other branch.", Hint: "Push them."}
	r := &recorder{err: fmt.Errorf("rename: %w", want)}
	c, _ := running(t, r)
	err := c.Rename(t.Context(), "abc", "x")
	var got *session.Error
	if !errors.As(err, &got) || *got != *want {
		t.Fatalf("got %#v", err)
	}
	r.err = errors.New("disk on fire")
	if err := c.Rename(t.Context(), "abc", "x"); session.CodeOf(err) != session.CodeInternal || !strings.Contains(err.Error(), "disk on fire") {
		t.Fatalf("got %v", err)
	}
}

func TestWatchGivesEventsInOrderAndEndsWithItsCaller(t *testing.T) {
	r := &recorder{events: make(chan session.Event), gone: make(chan struct{})}
	c, _ := running(t, r)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		for i := range 500 {
			r.events <- session.Event{State: i == 0, Sessions: []session.Session{{Rev: uint64(i)}}}
		}
	}()
	var got []uint64
	err := c.Watch(ctx, func(e session.Event) {
		got = append(got, e.Sessions[0].Rev)
		if len(got) == 1 && !e.State {
			t.Error("first event has no state")
		}
		if len(got) == 500 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	for i, rev := range got {
		if rev != uint64(i) {
			t.Fatalf("event %d is %d", i, rev)
		}
	}
	select {
	case <-r.gone:
	case <-time.After(5 * time.Second):
		t.Fatal("the application still watches for a caller who has gone")
	}
}

func TestWatchThatLostItsPlaceSaysSo(t *testing.T) {
	r := &recorder{events: make(chan session.Event), err: &session.Error{Code: session.CodeTimeout, Message: "Too slow."}}
	c, _ := running(t, r)
	close(r.events)
	if err := c.Watch(t.Context(), func(session.Event) {}); session.CodeOf(err) != session.CodeTimeout {
		t.Fatalf("got %v", err)
	}
}

func TestAttachmentAndOutputArriveWhole(t *testing.T) {
	r := &recorder{output: strings.Repeat("0123456789", 300_000)}
	c, _ := running(t, r)
	a, err := c.Attach(t.Context(), "a b&c.png", "image/png", strings.NewReader(r.output))
	if err != nil || a.Size != 3_000_000 || a.Name != "a b&c.png" {
		t.Fatalf("got %+v, %v", a, err)
	}
	var out bytes.Buffer
	if err := c.Output(t.Context(), "abc", "item", &out); err != nil || out.String() != r.output {
		t.Fatalf("got %d bytes, %v", out.Len(), err)
	}
	out.Reset()
	if err := c.WritePatch(t.Context(), "abc", 3, &out); err != nil || out.String() != "turn 3 \xff\n" {
		t.Fatalf("got %q, %v", out.String(), err)
	}
	out.Reset()
	r.err = &session.Error{Code: session.CodeSandboxGone, Message: "Gone."}
	if err := c.Output(t.Context(), "abc", "item", &out); session.CodeOf(err) != session.CodeSandboxGone {
		t.Fatalf("an error after the first byte became %v", err)
	}
	r.output = ""
	if err := c.Output(t.Context(), "abc", "item", &out); session.CodeOf(err) != session.CodeSandboxGone {
		t.Fatalf("an error before the first byte became %v", err)
	}
}

func TestApplicationThatEndsIsSaidToHaveEnded(t *testing.T) {
	dir := t.TempDir()
	l, err := Listen(dir)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	r := &recorder{events: make(chan session.Event, 1), gone: make(chan struct{})}
	ended := make(chan error, 1)
	go func() { ended <- Serve(ctx, l, r) }()
	c, err := Dial(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	r.events <- session.Event{State: true}
	err = c.Watch(t.Context(), func(session.Event) { cancel() })
	if !errors.Is(err, ErrGone) {
		t.Fatalf("watch: %v", err)
	}
	if err := <-ended; err != nil {
		t.Fatalf("serve: %v", err)
	}
	if err := c.Rename(t.Context(), "a", "b"); !errors.Is(err, ErrGone) {
		t.Fatalf("rename: %v", err)
	}
	if _, err := Dial(t.Context(), dir); !errors.Is(err, ErrNotRunning) {
		t.Fatalf("dial: %v", err)
	}
}
