package broker

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"html"
	"io"
	"net/url"
	"strings"
	"testing"
	"testing/iotest"

	"background-agents/backend/session"
)

const longKey = "sk-ant-api03-Q9x_7+z/aB3-KcWm2Yt8LpZ0eNfRvUiOsDgHjXq5T1w4SbEyCaMnVlKoPuIrGdFhJzBx6QeWtYnAs"

// escaped writes each character of a text, or each second one, in a form.
func escaped(form, text string, each bool) string {
	var b strings.Builder
	for i, c := range []byte(text) {
		if each || i%2 == 0 {
			fmt.Fprintf(&b, form, c)
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// encodings are the ways in which a key may come back, each with what must not be left of it.
func encodings(key string) map[string]string {
	all := map[string]string{
		"as it is": key, "cut short": key[:max(minHidden, publicPart(key))], "hex": hex.EncodeToString([]byte(key)),
		"upper case hex": strings.ToUpper(hex.EncodeToString([]byte(key))),
		"percent":        escaped("%%%02X", key, true), "percent, lower": escaped("%%%02x", key, false), "query": url.QueryEscape(key),
		"JSON": escaped(`\u%04x`, key, true), "JSON, upper": escaped(`\u%04X`, key, false), "JSON in JSON": escaped(`\\u%04x`, key, true),
		"JSON of a slash": strings.ReplaceAll(key, "/", `\/`), "script": escaped(`\x%02x`, key, true),
		"HTML": html.EscapeString(key), "HTML numbers": escaped("&#%d;", key, true), "HTML hex": escaped("&#x%X;", key, false),
		"HTML zeros": escaped("&#%07d;", key, true), "HTML names": strings.NewReplacer("-", "&hyphen;", "_", "&lowbar;", "+", "&plus;", "/", "&sol;").Replace(key),
	}
	for offset, before := range []string{"", "x", "xy"} {
		text := []byte(before + key + "..")
		all[fmt.Sprint("base64, offset ", offset)] = base64.StdEncoding.EncodeToString(text)
		all[fmt.Sprint("base64url, offset ", offset)] = base64.RawURLEncoding.EncodeToString(text)
		all[fmt.Sprint("base64 in a URL, offset ", offset)] = url.QueryEscape(base64.StdEncoding.EncodeToString(text))
		wrapped := base64.StdEncoding.EncodeToString(text)
		if len(wrapped) > 20 {
			all[fmt.Sprint("base64 in lines, offset ", offset)] = wrapped[:16] + "\r\n" + wrapped[16:]
			all[fmt.Sprint("base64 in lines of JSON, offset ", offset)] = wrapped[:16] + `\n` + wrapped[16:]
		}
	}
	return all
}

// shows says what of a key is left in a text: some characters of it in a row, in any of the encodings.
func shows(text, key string) string {
	part := key[publicPart(key):]
	part = part[:min(len(part), minHidden)]
	for name, e := range encodings(key) {
		enough := 14
		for at := 0; at+enough <= len(e) && len(e) >= 2*enough; at += 4 {
			if piece := e[at : at+enough]; strings.Contains(text, piece) && !strings.HasPrefix(key, piece) {
				return fmt.Sprintf("%s: %q", name, piece)
			}
		}
	}
	if strings.Contains(text, part) {
		return part
	}
	return ""
}

func TestKeyIsHiddenInEachEncoding(t *testing.T) {
	for _, key := range []string{realKey, longKey, "eyJhbGciOiJSUzI1NiIsImtpZCI6IjE5MzQ0In0.eyJhdWQiOlsiaHR0cHM6Ly9hcGkub3BlbmFpLmNvbS92MSJdLCJjbGllbnRfaWQiOiJh.c2lnbmF0dXJl"} {
		h := newHider(Key{Secret: session.NewSecret(key)}, false)
		for name, e := range encodings(key) {
			text := h.hide("before " + e + " after")
			if !strings.HasPrefix(text, "before ") || !strings.HasSuffix(text, " after") || !strings.Contains(text, hiddenText) {
				t.Errorf("%s of %.8s: %q", name, key, text)
			}
			if left := len(text) - len("before "+hiddenText+" after"); left > 16 || shows(text, key) != "" { // the characters that edges share
				t.Errorf("%s of %.8s: %q shows %s", name, key, text, shows(text, key))
			}
		}
	}
}

// Whatever pieces an answer comes in, what is shown is the same.
func TestKeyIsHiddenAcrossAnyBorder(t *testing.T) {
	h := newHider(Key{Secret: session.NewSecret(longKey)}, false)
	for name, e := range encodings(longKey) {
		text := "data: {\"x\":\"" + e + "\"}\n\nsk-an %7 \\u00 &# data: " + e[:5]
		want := h.hide(text)
		for _, from := range []io.Reader{iotest.OneByteReader(strings.NewReader(text)), iotest.HalfReader(strings.NewReader(text)), iotest.DataErrReader(strings.NewReader(text))} {
			got, err := io.ReadAll(newHiding(from, h))
			if err != nil || string(got) != want {
				t.Fatalf("%s: %q %v, want %q", name, got, err, want)
			}
		}
		for at := range len(text) {
			got, err := io.ReadAll(newHiding(io.MultiReader(strings.NewReader(text[:at]), strings.NewReader(text[at:])), h))
			if err != nil || string(got) != want {
				t.Fatalf("%s, in two at %d: %q %v, want %q", name, at, got, err, want)
			}
		}
	}
}

// An answer that breaks off in a key does not show what was held back of it.
func TestWhatBreaksOffIsNotShown(t *testing.T) {
	h := newHider(Key{Secret: session.NewSecret(longKey)}, false)
	got, err := io.ReadAll(newHiding(io.MultiReader(strings.NewReader("a "+longKey[:10]), iotest.ErrReader(io.ErrUnexpectedEOF)), h))
	if !errors.Is(err, io.ErrUnexpectedEOF) || string(got) != "a " {
		t.Errorf("%q %v", got, err)
	}
}

func TestOtherTextStays(t *testing.T) {
	h := newHider(Key{Secret: session.NewSecret(longKey), Account: "0b1c2d3e-4f50-6172-8394-a5b6c7d8e9f0"}, false)
	for _, text := range []string{
		"Your key begins with sk-ant-api03- and goes on.", `{"id":"msg_013Zva2CMHLNnjNJJKqJ2EF","usage":{"input_tokens":1}}`, "% &amp; &lt;b&gt; \\n \\u00fc \\ 100%",
		"ü ☺ \xff\xfe", "c2stYW50LWFwaTAz", "736b2d616e742d6170693033", "", "s", "sk-ant-api03-xxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "0b1c2d3e-4f",
	} {
		if got := h.hide(text); got != text {
			t.Errorf("%q is %q", text, got)
		}
	}
	for _, word := range []string{"", "x", "ollama", "lm-studio", "EMPTY"} { // what servers take that want no key
		h := newHider(Key{Secret: session.NewSecret(word)}, false)
		if got := h.hide("a x ollama lm-studio EMPTY"); got != "a x ollama lm-studio EMPTY" {
			t.Errorf("with the key %q: %q", word, got)
		}
	}
	if got := newHider(Key{Secret: session.NewSecret("hunter2")}, true).hide("wrong: hunter2"); got != "wrong: [secret]" {
		t.Errorf("in an error: %q", got)
	}
}

// What is held back is bounded, whatever comes.
func TestWhatIsHeldBackIsBounded(t *testing.T) {
	h := newHider(Key{Secret: session.NewSecret(longKey)}, false)
	encoded := base64.StdEncoding.EncodeToString([]byte(longKey))
	for _, text := range []string{encoded[:30] + strings.Repeat("\n", 1<<16), "&#" + strings.Repeat("0", 1<<16), strings.Repeat("s", 1<<16), strings.Repeat(`\`, 1<<16)} {
		if _, rest := h.next(nil, []byte(text), false); len(rest) > 1<<10 {
			t.Errorf("%.40q: %d bytes are held back", text, len(rest))
		}
	}
}

func FuzzHider(f *testing.F) {
	h := newHider(Key{Secret: session.NewSecret(longKey)}, false)
	f.Add("a "+longKey, 5)
	f.Add(escaped("&#%d;", longKey, true), 50)
	f.Add(`sk-\u0061nt%2Dapi03-Q9x`, 3)
	f.Fuzz(func(t *testing.T, text string, at int) {
		at = max(0, min(at, len(text)))
		whole, _ := h.next(nil, []byte(text), true)
		shown, rest := h.next(nil, []byte(text[:at]), false)
		shown, _ = h.next(shown, append(bytes.Clone(rest), text[at:]...), true)
		if !bytes.Equal(whole, shown) || bytes.Contains(whole, []byte(longKey[:17])) {
			t.Fatalf("%q in two at %d: %q, whole %q", text, at, shown, whole)
		}
	})
}

func BenchmarkHider(b *testing.B) {
	h := newHider(Key{Secret: session.NewSecret(longKey)}, false)
	text := []byte(strings.Repeat(`data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello"}}`+"\n\n", 100))
	out := make([]byte, 0, 2*len(text))
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		h.next(out, text, false)
	}
}
