package egress

import (
	"context"
	"fmt"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"background-agents/backend/session"
)

func TestWhatIsHeldIsBounded(t *testing.T) {
	w := newWorld(t)
	w.answers(func(ctx context.Context, _ Request) bool { <-ctx.Done(); return false })
	for i := range maxQuestions {
		fmt.Fprintf(w.dial(), "CONNECT h%d.example.com:443 HTTP/1.1\r\n\r\n", i)
	}
	w.eventually("as many questions as may be", func() bool {
		b := w.proxy.boxes[sandboxID]
		return b != nil &&
			len(b.questions) == maxQuestions
	})
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
