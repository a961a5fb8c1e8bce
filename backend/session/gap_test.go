package session

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html"
	"math/rand"
	"regexp"
	"strings"
	"testing"
)

const odd = `s3cr3t-Value/With+Signs=&<"9f8e7d6c5b4a`

// broken puts a line end after each n bytes.
func broken(text string, n int, end string) string {
	var b strings.Builder
	for len(text) > n {
		b.WriteString(text[:n] + end)
		text = text[n:]
	}
	return b.String() + text + end
}

// printed is what commands print of a text of some lines with a value in it.
func printed(text, value string) map[string]string {
	word := value[len(value)/3 : len(value)/2]
	b64, hx := base64.StdEncoding.EncodeToString([]byte(text)), hex.EncodeToString([]byte(text))
	return map[string]string{
		"base64":              broken(b64, 76, "\n"),
		"base64 on Windows":   broken(b64, 76, "\r\n"),
		"openssl base64":      broken(b64, 64, "\n"),
		"base64 -w0":          b64,
		"base64 -w 20":        broken(b64, 20, "\n"),
		"base64url":           broken(base64.URLEncoding.EncodeToString([]byte(text)), 76, "\n"),
		"xxd -p":              broken(hx, 60, "\n"),
		"xxd -u -p":           broken(strings.ToUpper(hx), 60, "\n"),
		"grep --color":        strings.ReplaceAll(text, word, "\x1b[01;31m\x1b[K"+word+"\x1b[m\x1b[K"),
		"grep --color, often": regexp.MustCompile(`[0-9a-f]`).ReplaceAllString(text, "\x1b[01;31m\x1b[K$0\x1b[m\x1b[K"),
		"grep --color, first": strings.ReplaceAll(text, value[:1], "\x1b[01;31m\x1b[K"+value[:1]+"\x1b[m\x1b[K"),
		"html of Go":          html.EscapeString(text),
		"html of Python":      strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#x27;").Replace(text),
		"html between tags":   strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;").Replace(text),
		"printf %q":           strings.NewReplacer("&", `\&`, "<", `\<`, `"`, `\"`).Replace(text),
	}
}

func TestWhatCommonCommandsPrintIsRedacted(t *testing.T) {
	r := redactorOf(odd)
	for before := range 80 { // wherever the line ends fall
		text := strings.Repeat("x", before) + "\nTOKEN=" + odd + "\nHOME=/home/agent\n"
		for name, shown := range printed(text, odd) {
			out := r.text(shown)
			if !strings.Contains(out, "[secret S0]") {
				t.Errorf("%s after %d bytes is shown: %q", name, before, out)
			}
			// What is left must not decode to half of it.
			bare := strings.NewReplacer("\n", "", "\r", "").Replace(out)
			for from := 0; from+len(odd)/2 <= len(odd); from++ {
				part := odd[from : from+len(odd)/2]
				if strings.Contains(bare, part) || strings.Contains(bare, hex.EncodeToString([]byte(part))) {
					t.Fatalf("%s after %d bytes shows %q: %q", name, before, part, out)
				}
			}
		}
	}
}

func TestTextsInPiecesAreRedactedAsWholeOnes(t *testing.T) {
	r := rand.New(rand.NewSource(5))
	values := []string{odd, "aaaaaaaaaaaaaaaaaaaaaaaa", "abcabcabcabcabcabcabd", "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END KEY-----"}
	for range 1500 {
		red := redactorOf(values[r.Intn(len(values))], values[r.Intn(len(values))])
		var b strings.Builder
		for range 1 + r.Intn(6) {
			v := values[r.Intn(len(values))]
			forms := formsOf(v)
			form := forms[r.Intn(len(forms))]
			switch r.Intn(6) {
			case 0:
				b.WriteString("plain \x1b[1mwords\x1b[m\n")
			case 1:
				b.WriteString(broken(form, 1+r.Intn(70), "\n"))
			case 2:
				b.WriteString(broken(form, 1+r.Intn(30), "\x1b[01;31m\x1b[K"))
			case 3:
				b.WriteString(broken(form[:1+r.Intn(len(form)-1)], 1+r.Intn(30), "\r\n"))
			case 4:
				b.WriteString(strings.Repeat("a\r", r.Intn(20)))
			case 5:
				b.WriteString("\x1b[1;2;3;4;5;6;7;8;9;10;11;12m" + strings.Repeat("a", r.Intn(20)) + "\x1b")
			}
		}
		text := b.String()
		whole := red.text(text)
		var tail *Tail
		var got strings.Builder
		for rest := text; rest != ""; {
			n := 1 + r.Intn(min(len(rest), 9))
			var out string
			out, tail = red.next(tail, rest[:n])
			got.WriteString(out)
			rest = rest[n:]
			for _, g := range tailGaps(tail) {
				if strings.Trim(g.Text, "\r\n\x1b[;0123456789mK") != "" {
					t.Fatalf("a gap holds %q", g.Text)
				}
			}
		}
		got.WriteString(red.last(tail))
		if got.String() != whole {
			t.Fatalf("%q\nwhole  %q\npieces %q", text, whole, got.String())
		}
	}
}

func tailGaps(t *Tail) []Gap {
	if t == nil {
		return nil
	}
	return t.Gaps
}

func TestEveryShownFieldIsRedacted(t *testing.T) {
	r := redactorOf(odd)
	for name, e := range map[string]Entry{
		"option":   {Agent: &EntryAgent{Options: []Option{{Name: odd, Choices: []OptionValue{{Name: odd, Description: odd}}}}}},
		"command":  {Agent: &EntryAgent{Commands: []Command{{Name: odd}}}},
		"phase":    {Phase: &EntryPhase{Phase: Phase{Name: odd}}},
		"priority": {Plan: &EntryPlan{Entries: []PlanEntry{{Priority: odd}}}},
		"currency": {Usage: &Usage{Currency: odd}},
	} {
		out := r.entry(e)
		if shown := fmt.Sprintf("%+v %+v %+v %+v", out.Agent, out.Phase, out.Plan, out.Usage); strings.Contains(shown, "s3cr3t") {
			t.Errorf("%s: %s", name, shown)
		}
	}
}
