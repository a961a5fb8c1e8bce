package session

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
)

const canary = "s3cr3t/Cänary+Value=\"42\"?&x"

func redactorOf(values ...string) *redactor {
	var all []*known
	for i, v := range values {
		name := fmt.Sprintf("S%d", i)
		all = append(all, &known{vault: "secret/global/" + name, at: Millis(i), name: name, value: NewSecret(v)})
	}
	return newRedactor(all)
}

// streamed redacts a text that comes in pieces of n bytes.
func streamed(r *redactor, text string, n int) string {
	var out strings.Builder
	var tail *Tail
	for len(text) > 0 {
		n := min(n, len(text))
		var piece string
		piece, tail = r.next(tail, text[:n])
		out.WriteString(piece)
		text = text[n:]
	}
	return out.String() + r.last(tail)
}

func TestEveryFormOfAValueIsRedacted(t *testing.T) {
	r := redactorOf(canary)
	inJSON, err := json.Marshal(canary)
	if err != nil {
		t.Fatal(err)
	}
	twice, err := json.Marshal(string(inJSON))
	if err != nil {
		t.Fatal(err)
	}
	cases := map[string]string{
		"plain":                 canary,
		"JSON":                  string(inJSON),
		"JSON in JSON":          string(twice),
		"JSON of JavaScript":    quoted(canary, false),
		"JSON in ASCII":         ascii(quoted(canary, false)),
		"query":                 url.QueryEscape(canary),
		"path":                  url.PathEscape(canary),
		"query, lower case":     strings.ToLower("%2B") + url.QueryEscape(canary),
		"hex":                   hex.EncodeToString([]byte(canary)),
		"hex, upper case":       strings.ToUpper(hex.EncodeToString([]byte("user:" + canary))),
		"base64 raw":            base64.RawStdEncoding.EncodeToString([]byte(canary)),
		"base64 for URLs":       base64.URLEncoding.EncodeToString([]byte("x" + canary)),
		"base64 in basic auth":  base64.StdEncoding.EncodeToString([]byte("user:" + canary)),
		"base64 with what ends": base64.StdEncoding.EncodeToString([]byte("ab" + canary + "\n")),
	}
	for before := range 3 {
		for after := range 3 {
			text := strings.Repeat("<", before) + canary + strings.Repeat(">", after)
			cases[fmt.Sprintf("base64 at %d, %d after", before, after)] = base64.StdEncoding.EncodeToString([]byte(text))
		}
	}
	for name, text := range cases {
		got := r.text("before " + text + " after")
		if !strings.Contains(got, "[secret S0]") || !strings.HasPrefix(got, "before ") || !strings.HasSuffix(got, " after") {
			t.Errorf("%s: %q becomes %q", name, text, got)
		}
		// At most what the neighbours of the value decide is left beside it.
		if left := len(got) - len("before [secret S0] after"); strings.Contains(name, "base64") && left > 8 {
			t.Errorf("%s: %q has %d characters left", name, got, left)
		}
		for n := 1; n < 9; n++ {
			if s := streamed(r, "before "+text+" after", n); s != got {
				t.Errorf("%s: in pieces of %d: %q, want %q", name, n, s, got)
			}
		}
	}
}

func TestLinesOfAKeyAreRedactedOneByOne(t *testing.T) {
	var key strings.Builder
	key.WriteString("-----BEGIN PRIVATE KEY-----\n")
	for i := range 5 {
		key.WriteString(base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{byte(i), 17, byte(3 * i), 99}, 12)) + "\n")
	}
	key.WriteString("-----END PRIVATE KEY-----\n")
	r := redactorOf(key.String())
	if got := r.text(key.String()); got != "[secret S0]\n" {
		t.Errorf("as a whole: %q", got)
	}
	numbered := ""
	for i, line := range strings.Split(strings.TrimSpace(key.String()), "\n") {
		numbered += fmt.Sprintf("%05d| %s\n", i+1, line)
	}
	if got := r.text(numbered); strings.Count(got, "[secret S0]") != 5 || !strings.Contains(got, "00001| -----BEGIN PRIVATE KEY-----") {
		t.Errorf("with numbers: %q", got)
	}
	encoded := base64.StdEncoding.EncodeToString([]byte(key.String()))
	broken := ""
	for at := 0; at < len(encoded); at += 76 {
		broken += encoded[at:min(at+76, len(encoded))] + "\n"
	}
	if got := r.text(broken); len(got) > 100 {
		t.Errorf("as base64(1) prints it: %q", got)
	}
}

func TestShortValuesAreNotLookedFor(t *testing.T) {
	for _, v := range []string{"", "12345", " true ", "\n"} {
		if redactorOf(v) != nil {
			t.Errorf("%q is looked for", v)
		}
	}
	if newRedactor([]*known{{value: NewSecret("a value that is shown"), shown: true}}) != nil {
		t.Error("a value that is shown is looked for")
	}
}

func TestWhatIsCutOffIsRedactedFromHalfOfItOn(t *testing.T) {
	r := redactorOf("sk-live-0123456789abcdef")
	for text, want := range map[string]string{
		"a sk-live-0123456789": "a [secret S0]",
		"a sk-live-0123":       "a [secret S0]",
		"a sk-live-012":        "a sk-live-012",
		"a sk":                 "a sk",
	} {
		if got := r.text(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
	if got := r.ending("23456789abcdef and more"); got != "[secret S0] and more" {
		t.Errorf("the end of a value: %q", got)
	}
	if got := r.ending("abcdef and more"); got != "abcdef and more" {
		t.Errorf("a little of the end of a value: %q", got)
	}
}

func TestTailIsAPlaceAndNotText(t *testing.T) {
	r := redactorOf("sk-live-0123456789abcdef")
	out, tail := r.next(nil, "key: sk-live-0123")
	if out != "key: " || tail == nil || tail.Length != 12 {
		t.Fatalf("%q %+v", out, tail)
	}
	b, err := json.Marshal(tail)
	if err != nil || strings.Contains(string(b), "sk-live") {
		t.Fatalf("%s %v", b, err)
	}
	if again := redactorOf("sk-live-0123456789abcdef"); again.last(tail) != "[secret S0]" {
		t.Errorf("after a restart: %q", again.last(tail))
	}
	out, tail = r.next(tail, "!")
	if out != "sk-live-0123!" || tail != nil {
		t.Errorf("what was no secret is %q %+v", out, tail)
	}
	_, tail = r.next(nil, "sk-live-0123")
	for _, other := range []*redactor{nil, redactorOf("another value")} {
		if got := other.last(tail); got != "[secret S0]" {
			t.Errorf("where the value is known no more: %q", got)
		}
	}
}

// naive finds the same places without any cleverness.
func naive(r *redactor, s string) string {
	type span struct {
		from, to int
		name     string
	}
	var spans []span
	for i := range len(s) {
		best := span{}
		for _, f := range r.forms {
			n := 0
			if strings.HasPrefix(s[i:], f.text) {
				n = len(f.text)
			} else if cutShort(len(s)-i, len(f.text)) && strings.HasPrefix(f.text, s[i:]) {
				n = len(s) - i
			}
			if i+n > best.to && n > 0 {
				best = span{i, i + n, ""}
			}
		}
		if best.to > 0 {
			spans = append(spans, best)
		}
	}
	var b strings.Builder
	at := 0
	for _, p := range spans {
		if p.to <= at {
			continue
		}
		if p.from >= at {
			b.WriteString(s[at:p.from] + "#")
		}
		at = p.to
	}
	return b.String() + s[at:]
}

func unnamed(s string, names int) string {
	for i := range names {
		s = strings.ReplaceAll(s, fmt.Sprintf("[secret S%d]", i), "#")
	}
	return s
}

func FuzzRedactor(f *testing.F) {
	f.Add("abcdefgh", "defghijk", "xxabcdefghijkyy abcdefg", uint8(3))
	f.Add("aaaaaa", "aaaaaaaaaa", "aaaaaaaaaaaaaaaaaaaaaaa", uint8(1))
	f.Add(canary, "hunter2", "user:hunter2 "+base64.StdEncoding.EncodeToString([]byte("ab"+canary)), uint8(5))
	f.Add("abcabcabd", "cabcab", "abcabcabcabcabd", uint8(2))
	f.Add("öäüöäü", "%C3%B6", "öäüöä %C3%B6%C3%A4", uint8(1))
	f.Fuzz(func(t *testing.T, one, two, text string, n uint8) {
		if len(one)+len(two) > 200 || len(text) > 2000 {
			return
		}
		r := redactorOf(one, two)
		if r == nil {
			return
		}
		whole := r.text(text)
		if !strings.ContainsAny(one+two+text, "#[S\n\r\x1b") { // the naive way knows no gaps
			if want := naive(r, text); unnamed(whole, 2) != want {
				t.Errorf("%q: %q, want %q", text, whole, want)
			}
		}
		if got := streamed(r, text, int(n%16)+1); got != whole {
			t.Errorf("%q in pieces of %d: %q, want %q", text, n%16+1, got, whole)
		}
		pieces := slices.Collect(slices.Values(strings.SplitAfter(text, "a")))
		var tail *Tail
		var out, piece string
		again := redactorOf(one, two)
		for i, p := range pieces { // and with a restart before each piece
			piece, tail = []*redactor{r, again}[i%2].next(tail, p)
			out += piece
			if tail != nil && tail.Length >= len(cmp.Or(longest(r), "x")) {
				t.Errorf("%d bytes are held back", tail.Length)
			}
		}
		if out += again.last(tail); out != whole {
			t.Errorf("%q over restarts: %q, want %q", text, out, whole)
		}
	})
}

func longest(r *redactor) string {
	long := ""
	for _, f := range r.forms {
		if len(f.text) > len(long) {
			long = f.text
		}
	}
	return long
}

func BenchmarkRedactor(b *testing.B) {
	text := strings.Repeat("func (m *Manager) readSecrets(ctx context.Context) error { return nil } // s3cr3t? not yet\n", 700)
	var values []string
	for i := range 30 {
		values = append(values, fmt.Sprintf("sk-live-%032x", i*7919))
	}
	r := redactorOf(values...)
	b.Run("delta", func(b *testing.B) {
		var tail *Tail
		for b.Loop() {
			_, tail = r.next(tail, "a few words as models send them ")
		}
	})
	b.Run("output of 64 KB", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			r.text(text)
		}
	})
	b.Run("delta without secrets", func(b *testing.B) {
		var none *redactor
		for b.Loop() {
			_, _ = none.next(nil, "a few words as models send them ")
		}
	})
}
