package egress

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
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
	w.eventually("ten are held", func() bool { return w.proxy.boxes[sandboxID] != nil && w.proxy.boxes[sandboxID].held == 10 })
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
	if code, _ := w.get("https://example.com/"); code != 200 || len(w.asked) != 1 || w.asked[0].Host != "example.com" || w.asked[0].Program != "Go-http-client/1.1" {
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
	w.eventually("three are held", func() bool { return w.proxy.boxes[sandboxID] != nil && w.proxy.boxes[sandboxID].held == 3 })
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
		w.eventually("it is held", func() bool { return w.proxy.boxes[sandboxID] != nil && w.proxy.boxes[sandboxID].held == 1 })
		_ = conn.Close()
		w.eventually("it is let go", func() bool { return w.proxy.boxes[sandboxID].held == 0 })
	}
	conn := w.dial()
	fmt.Fprint(conn, "CONNECT example.com:443 HTTP/1.1\r\nUser-Agent: npm/10\x1b[31m\tü\r\n\r\n")
	_ = conn.Close()
	hold()
	hold()
	if row := w.row("example.com"); row.Allowed || row.Rule != "asked, sandbox hung up" || len(w.asked) != 1 || w.asked[0].Program != "npm/10 ?" {
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
		"command and shell":              {told{commands: []string{"curl https://example.com/", "bash -c 'curl …'"}}, []string{"curl https://example.com/", "bash -c 'curl …'"}},
		"text that is not what it seems": {told{commands: []string{"a\nb\x1b[31m\u202e"}}, []string{"a?b?[31m?"}},
		"too much of it":                 {told{commands: []string{long, "2", "3", "4", "5", "6", "7"}}, []string{long[:maxCommand], "2", "3", "4", "5"}},
		"a sandbox that does not say":    {told{wait: true}, nil},
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

func TestWhatIsHeldIsBounded(t *testing.T) {
	w := newWorld(t)
	w.answers(func(ctx context.Context, _ Request) bool { <-ctx.Done(); return false })
	for i := range maxQuestions {
		fmt.Fprintf(w.dial(), "CONNECT h%d.example.com:443 HTTP/1.1\r\n\r\n", i)
	}
	w.eventually("as many questions as may be", func() bool { b := w.proxy.boxes[sandboxID]; return b != nil && len(b.questions) == maxQuestions })
	if code := w.send("CONNECT more.example.com:443 HTTP/1.1\r\n\r\n"); code != 503 {
		t.Errorf("one question more: %d", code)
	}
	for range maxHeld - maxQuestions {
		fmt.Fprint(w.dial(), "CONNECT h0.example.com:443 HTTP/1.1\r\n\r\n")
	}
	w.eventually("as many held as may be", func() bool { return w.proxy.boxes[sandboxID].held == maxHeld })
	if code := w.send("CONNECT h0.example.com:443 HTTP/1.1\r\n\r\n"); code != 503 {
		t.Errorf("one held more: %d", code)
	}
	w.eventually("asked once for each", func() bool { return len(w.asked) == maxQuestions })
}

// A sandbox asks about one host after another and hangs up each time. Each question may be a notification.
func TestQuestionsAreBoundedUntilTheUserLooks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		var rules []string
		answers := make(chan bool)
		p := Open(Config{
			Policy: func(session.ID) (session.Network, []string, []string) { return session.Guarded, nil, nil },
			Ask: func(ctx context.Context, _ session.ID, _ Request) bool {
				asked++
				select {
				case yes := <-answers:
					return yes
				case <-ctx.Done():
					return false
				}
			},
			Record: func(c Connection) { rules = append(rules, c.Rule) },
		})
		ask := func(host string) net.Conn {
			here, there := net.Pipe()
			go p.Serve(t.Context(), sandboxID, there)
			fmt.Fprintf(here, "CONNECT %s:443 HTTP/1.1\r\n\r\n", host)
			synctest.Wait()
			return here
		}
		flood := func(name string) {
			for i := range 50 {
				_ = ask(fmt.Sprintf("%s%d.example.com", name, i)).Close()
				time.Sleep(2 * askLingers) // its question is withdrawn
			}
		}
		flood("a")
		if asked != maxQuestions || rules[len(rules)-1] != "denied, too many questions" {
			t.Errorf("asked %d times: %q", asked, rules)
		}
		p.Looked(sandboxID)
		flood("b")
		if asked != 2*maxQuestions {
			t.Errorf("asked %d times after the user has looked", asked)
		}
		p.Looked(sandboxID)
		conn := ask("answered.example.com")
		answers <- false
		synctest.Wait()
		_ = conn.Close()
		flood("c")
		if asked != 3*maxQuestions+1 {
			t.Errorf("asked %d times after the user has answered", asked)
		}
		p.Changed(sandboxID)
		_ = ask("d.example.com").Close()
		time.Sleep(2 * askLingers)
		if asked != 3*maxQuestions+2 {
			t.Errorf("asked %d times after the user has changed a rule", asked)
		}
		p.Looked(sandboxID)
		time.Sleep(2 * noHolds)
		_ = ask("192.0.2.1").Close() // refused; what was answered is forgotten
		synctest.Wait()
		if len(p.boxes) > 0 {
			t.Errorf("%+v is still known of the session", p.boxes[sandboxID])
		}
		_ = p.Close()
	})
}

// The clock of these is the test's own: ten minutes pass at once.
func TestTimeRunsOut(t *testing.T) {
	serve := func(t *testing.T, c Config, f func(p *Proxy, sandbox net.Conn)) {
		synctest.Test(t, func(t *testing.T) {
			p := Open(c)
			here, there := net.Pipe()
			ended := make(chan struct{})
			go func() { p.Serve(t.Context(), sandboxID, there); close(ended) }()
			f(p, here)
			_ = here.Close()
			<-ended
			_ = p.Close()
		})
	}
	guarded := func(session.ID) (session.Network, []string, []string) { return session.Guarded, nil, nil }
	status := func(t *testing.T, conn net.Conn, want string) {
		t.Helper()
		if b, _ := io.ReadAll(conn); len(b) < 12 || string(b[9:12]) != want {
			t.Errorf("%q, want %s", b, want)
		}
	}
	took := func(t *testing.T, begun time.Time, want time.Duration) {
		t.Helper()
		if d := time.Since(begun); d < want || d > want+2*time.Second {
			t.Errorf("took %v, want %v", d, want)
		}
	}
	t.Run("a question nobody answers", func(t *testing.T) {
		asks := 0
		c := Config{Policy: guarded, Ask: func(ctx context.Context, _ session.ID, _ Request) bool { asks++; <-ctx.Done(); return true }}
		serve(t, c, func(p *Proxy, conn net.Conn) {
			begun := time.Now()
			fmt.Fprint(conn, "CONNECT example.com:443 HTTP/1.1\r\n\r\n")
			status(t, conn, "403")
			took(t, begun, AskLimit)
			if p.boxes[sandboxID] != nil && len(p.boxes[sandboxID].answers) > 0 {
				t.Error("no answer is remembered as one")
			}
		})
	})
	t.Run("a question whose program does not come back", func(t *testing.T) {
		var withdrawn time.Time
		c := Config{Policy: guarded, Ask: func(ctx context.Context, _ session.ID, _ Request) bool {
			<-ctx.Done()
			withdrawn = time.Now()
			return true
		}}
		serve(t, c, func(p *Proxy, conn net.Conn) {
			fmt.Fprint(conn, "CONNECT example.com:443 HTTP/1.1\r\n\r\n")
			synctest.Wait()
			begun := time.Now()
			_ = conn.Close()
			time.Sleep(askLingers)
			synctest.Wait()
			if d := withdrawn.Sub(begun); d != askLingers {
				t.Errorf("withdrawn after %v", d)
			}
			synctest.Wait()
			if b := p.boxes[sandboxID]; b != nil && len(b.questions)+len(b.answers) > 0 {
				t.Error("it is still there")
			}
		})
	})
	t.Run("headers that trickle", func(t *testing.T) {
		serve(t, Config{Policy: guarded}, func(_ *Proxy, conn net.Conn) {
			begun := time.Now()
			var wg sync.WaitGroup
			defer wg.Wait()
			wg.Go(func() {
				for i := 0; ; i++ {
					if _, err := fmt.Fprint(conn, "CONNECT example.com:443 HTTP/1.1\r\nX: "[i%20:i%20+1]); err != nil {
						return
					}
					time.Sleep(time.Second)
				}
			})
			status(t, conn, "408")
			took(t, begun, headWait)
			_ = conn.Close()
		})
	})
	t.Run("nothing at all", func(t *testing.T) {
		serve(t, Config{Policy: guarded}, func(_ *Proxy, conn net.Conn) {
			begun := time.Now()
			_, _ = io.ReadAll(conn)
			took(t, begun, idleWait)
		})
	})
	tunnel := func(t *testing.T, network session.Network, f func(sandbox, server net.Conn)) []Connection {
		var mu sync.Mutex
		var rows []Connection
		wire := new(piped)
		c := Config{
			Policy:   func(session.ID) (session.Network, []string, []string) { return network, nil, nil },
			Record:   func(c Connection) { mu.Lock(); defer mu.Unlock(); rows = append(rows, c) },
			Resolver: fixed{}, Dialer: wire,
		}
		serve(t, c, func(_ *Proxy, conn net.Conn) {
			fmt.Fprint(conn, "CONNECT github.com:443 HTTP/1.1\r\n\r\n")
			_, _ = io.ReadFull(conn, make([]byte, len("HTTP/1.1 200 Connection established\r\n\r\n")))
			f(conn, wire.server)
		})
		return rows
	}
	t.Run("a tunnel without greeting", func(t *testing.T) {
		rows := tunnel(t, session.Guarded, func(conn, _ net.Conn) {
			begun := time.Now()
			_, _ = io.ReadAll(conn)
			took(t, begun, helloWait)
		})
		if len(rows) != 2 || rows[1].Up != 0 {
			t.Errorf("%+v", rows)
		}
	})
	t.Run("a greeting that trickles", func(t *testing.T) {
		raw := greeting(t, &tls.Config{ServerName: "github.com"})
		tunnel(t, session.Guarded, func(conn, _ net.Conn) {
			begun := time.Now()
			var wg sync.WaitGroup
			defer wg.Wait()
			wg.Go(func() {
				for _, b := range raw {
					if _, err := conn.Write([]byte{b}); err != nil {
						return
					}
					time.Sleep(time.Second)
				}
			})
			_, _ = io.ReadAll(conn)
			took(t, begun, helloWait)
		})
	})
	t.Run("a tunnel that is silent, after it was not", func(t *testing.T) {
		rows := tunnel(t, session.OpenNetwork, func(conn, server net.Conn) {
			begun := time.Now()
			go func() { _, _ = io.Copy(io.Discard, server) }()
			time.Sleep(14 * time.Minute)
			fmt.Fprint(conn, "still there")
			_, _ = io.ReadAll(conn)
			took(t, begun, 2*idleLimit)
		})
		if len(rows) != 2 || rows[1].End != "idle" || rows[1].Up != 11 {
			t.Errorf("%+v", rows)
		}
	})
}

func TestPolicyTakesBackAQuestionThatNobodyWaitsFor(t *testing.T) {
	w := newWorld(t)
	withdrawn := make(chan struct{})
	w.answers(func(ctx context.Context, _ Request) bool { <-ctx.Done(); close(withdrawn); return true })
	conn := w.dial()
	fmt.Fprint(conn, "CONNECT example.com:443 HTTP/1.1\r\n\r\n")
	w.eventually("it is held", func() bool { return w.proxy.boxes[sandboxID] != nil && w.proxy.boxes[sandboxID].held == 1 })
	_ = conn.Close()
	w.eventually("it is let go", func() bool { return w.proxy.boxes[sandboxID].held == 0 })
	w.set(session.Guarded, []string{"example.com"}, nil)
	select {
	case <-withdrawn:
	case <-time.After(5 * time.Second):
		t.Error("the user is still asked")
	}
}
