package egress

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"background-agents/backend/session"
)

func TestUserIsAskedOnceForAHost(t *testing.T) {
	w := newWorld(t)
	w.web(site, "93.184.1.1", "example.com", "other.example.com")
	let := make(chan bool)
	w.answers(func(ctx context.Context, r Request) bool {
		select {
		case yes := <-let:
			return yes
		case <-ctx.Done():
			return false
		}
	})
	var wg sync.WaitGroup
	codes := make(chan int, 20)
	for i := range 10 {
		wg.Go(func() {
			code, _ := w.get([]string{"https", "http"}[i%2] + "://example.com/")
			codes <- code
		})
	}
	w.eventually("ten are held", func() bool {
		return w.proxy.boxes[sandboxID] != nil &&
			w.proxy.boxes[sandboxID].held == 10
	})
	if _, dialled, lookups := w.seen(); len(dialled) > 0 || len(lookups) > 0 {
		t.Errorf("before the answer: dialled %v, looked up %v", dialled, lookups)
	}
	let <- true
	wg.Wait()
	for range 10 {
		if code := <-codes; code != 200 {
			t.Errorf("held, then let through: %d", code)
		}
	}
	if code, _ := w.get("https://example.com/"); code != 200 || len(w.asked) != 1 ||
		w.asked[0].Host != "example.com" || w.asked[0].Program != "Go-http-client/1.1" {
		t.Errorf("%d, asked %+v", code, w.asked)
	}
	go func() { let <- false }()
	for range 3 {
		if code, _ := w.get("https://other.example.com/"); code != 403 {
			t.Errorf("said no: %d", code)
		}
	}
	if len(w.asked) != 2 {
		t.Errorf("asked %+v", w.asked)
	}
	if row := w.row("other.example.com"); row.Allowed || row.Rule != "asked" {
		t.Errorf("%+v", row)
	}
}

func TestPolicyAnswersWhatIsHeld(t *testing.T) {
	w := newWorld(t)
	w.web(site, "93.184.1.1", "a.example.com", "b.example.com", "c.example.com")
	withdrawn := make(chan string, 9)
	w.answers(func(ctx context.Context, r Request) bool { <-ctx.Done(); withdrawn <- r.Host; return true })
	codes := make([]int, 3)
	var wg sync.WaitGroup
	for i, name := range []string{"a", "b", "c"} {
		wg.Go(func() { codes[i], _ = w.get("https://" + name + ".example.com/") })
	}
	w.eventually("three are held", func() bool {
		return w.proxy.boxes[sandboxID] != nil &&
			w.proxy.boxes[sandboxID].held == 3
	})
	w.set(session.Guarded, []string{"a.example.com"}, []string{"b.example.com"})
	<-withdrawn
	<-withdrawn
	if len(w.asked) != 3 {
		t.Errorf("a question that stands was asked again: %v", w.asked)
	}
	w.row("a.example.com")
	w.set(session.Offline, nil, nil)
	wg.Wait()
	if codes[0] != 200 || codes[1] != 403 || codes[2] != 403 {
		t.Errorf("%v", codes)
	}
}

// A program that gave up waiting comes back: the question still stands, and the answer is there for it.
func TestQuestionStandsALittleWhenTheSandboxHangsUp(t *testing.T) {
	w := newWorld(t)
	w.web(site, "93.184.1.1", "example.com")
	let := make(chan bool)
	w.answers(func(ctx context.Context, _ Request) bool {
		select {
		case yes := <-let:
			return yes
		case <-ctx.Done():
			return false
		}
	})
	hold := func() {
		conn := w.dial()
		fmt.Fprint(conn, "CONNECT example.com:443 HTTP/1.1\r\nUser-Agent: npm/10 \xc3\xbc\r\n\r\n")
		w.eventually("it is held", func() bool {
			return w.proxy.boxes[sandboxID] != nil &&
				w.proxy.boxes[sandboxID].held == 1
		})
		_ = conn.Close()
		w.eventually("it is let go", func() bool { return w.proxy.boxes[sandboxID].held == 0 })
	}
	conn := w.dial()
	fmt.Fprint(conn, "CONNECT example.com:443 HTTP/1.1\r\nUser-Agent: npm/10\x1b[31m\tü\r\n\r\n")
	_ = conn.Close()
	hold()
	hold()
	if row := w.row("example.com"); row.Allowed || row.Rule != "asked, sandbox hung up" || len(w.asked) != 1 ||
		w.asked[0].Program != "npm/10 ?" {
		t.Errorf("%+v %+v", row, w.asked)
	}
	let <- true
	w.eventually("the answer is known", func() bool { return len(w.proxy.boxes[sandboxID].answers) == 1 })
	if code, _ := w.get("https://example.com/"); code != 200 || len(w.asked) != 1 {
		t.Errorf("%d, asked %+v", code, w.asked)
	}
}

// told is a connection whose holder is known.
type told struct {
	net.Conn
	commands []string
	wait     bool
}

func (c told) Commands(ctx context.Context) []string {
	if c.wait {
		<-ctx.Done()
	}
	return c.commands
}

func TestQuestionNamesTheCommand(t *testing.T) {
	long := strings.Repeat("x", 2*maxCommand)
	for name, c := range map[string]struct {
		conn told
		want []string
	}{
		"command and shell": {told{commands: []string{"curl https://example.com/", "bash -c 'curl …'"}},
			[]string{"curl https://example.com/", "bash -c 'curl …'"}},
		"text that is not what it seems": {told{commands: []string{"a\nb\x1b[31m\u202e"}}, []string{"a?b?[31m?"}},
		"too much of it": {told{commands: []string{long, "2", "3", "4", "5", "6", "7"}},
			[]string{long[:maxCommand], "2", "3", "4", "5"}},
		"a sandbox that does not say": {told{wait: true}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				asked := make(chan Request, 1)
				p := Open(Config{
					Policy: func(session.ID) (session.Network, []string, []string) { return session.Guarded, nil, nil },
					Ask:    func(_ context.Context, _ session.ID, r Request) bool { asked <- r; return false },
				})
				here, there := net.Pipe()
				c.conn.Conn = there
				begun := time.Now()
				go p.Serve(t.Context(), sandboxID, c.conn)
				fmt.Fprint(here, "CONNECT example.com:443 HTTP/1.1\r\n\r\n")
				if r := <-asked; !slices.Equal(r.Commands, c.want) || time.Since(begun) > callerWait {
					t.Errorf("asked with %q after %v", r.Commands, time.Since(begun))
				}
				_ = here.Close()
				_ = p.Close()
			})
		})
	}
}

func TestPolicyTakesBackAQuestionThatNobodyWaitsFor(t *testing.T) {
	w := newWorld(t)
	withdrawn := make(chan struct{})
	w.answers(func(ctx context.Context, _ Request) bool { <-ctx.Done(); close(withdrawn); return true })
	conn := w.dial()
	fmt.Fprint(conn, "CONNECT example.com:443 HTTP/1.1\r\n\r\n")
	w.eventually("it is held", func() bool {
		return w.proxy.boxes[sandboxID] != nil &&
			w.proxy.boxes[sandboxID].held == 1
	})
	_ = conn.Close()
	w.eventually("it is let go", func() bool { return w.proxy.boxes[sandboxID].held == 0 })
	w.set(session.Guarded, []string{"example.com"}, nil)
	select {
	case <-withdrawn:
	case <-time.After(5 * time.Second):
		t.Error("the user is still asked")
	}
}
