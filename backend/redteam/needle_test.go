//go:build linux

package redteam

import (
	"bytes"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"net/url"
	"strings"
	"testing"
)

// needles are the forms in which a value may stand somewhere.
type needles [][]byte

// coreOf is the random part of a canary. It is hex, so it stands as it is in every escaped form (URL, JSON, HTML, shell).
func coreOf(canary string) string {
	_, core, _ := strings.Cut(canary, "-core-")
	return core[:32]
}

// needlesOf returns the forms of a random part of hex. Base64 and base32 depend on what comes before it, so there is one form for each alignment.
func needlesOf(core string) needles {
	n := needles{[]byte(core), []byte(strings.ToUpper(core)), []byte(hex.EncodeToString([]byte(core))), []byte(strings.ToUpper(hex.EncodeToString([]byte(core)))),
		[]byte(spread(core, "\x00")), []byte(reversed(core)), []byte(everyByte(core, "%")), []byte(everyByte(core, `\x`)), []byte(everyByte(core, `\u00`))}
	for shift := range 5 {
		pad := strings.Repeat("x", shift)
		if shift < 3 {
			b := base64.StdEncoding.EncodeToString([]byte(pad + core))
			n = append(n, []byte(strings.TrimRight(b, "=")[(shift*8+5)/6:][:(len(core)*8-16)/6]))
		}
		b := base32.StdEncoding.EncodeToString([]byte(pad + core))
		n = append(n, []byte(b[(shift*8+4)/5:][:(len(core)*8-16)/5]))
	}
	return n
}

func (n needles) in(b []byte) bool {
	for _, form := range n {
		if bytes.Contains(b, form) {
			return true
		}
	}
	return false
}

func spread(s, with string) string { return strings.Join(strings.Split(s, ""), with) }

func reversed(s string) string {
	b := []byte(s)
	for i, j := 0, len(b)-1; i < j; i, j = i+1, j-1 {
		b[i], b[j] = b[j], b[i]
	}
	return string(b)
}

func everyByte(s, mark string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		b.WriteString(mark + hex.EncodeToString([]byte{c}))
	}
	return b.String()
}

func TestEveryEncodingOfACanaryIsFound(t *testing.T) {
	value := canaryValue("sk-ant-")
	j, err := json.Marshal(value)
	must(t, err)
	forms := map[string]string{
		"plain": value, "JSON": string(j), "URL query": url.QueryEscape(value), "URL path": url.PathEscape(value), "HTML": html.EscapeString(value),
		"hex": hex.EncodeToString([]byte(value)), "upper case hex": strings.ToUpper(hex.EncodeToString([]byte(value))),
		"UTF-16": spread(value, "\x00"), "reversed": reversed(value), "every byte of a URL": everyByte(value, "%"), "escapes of JSON": everyByte(value, `\u00`),
	}
	for shift := range 7 {
		prefix := strings.Repeat("k", shift)
		forms["base64 after "+prefix] = base64.StdEncoding.EncodeToString([]byte(prefix + value))
		forms["base64 for URLs after "+prefix] = base64.RawURLEncoding.EncodeToString([]byte(prefix + value))
		forms["base32 after "+prefix] = base32.StdEncoding.EncodeToString([]byte(prefix + value))
	}
	for name, form := range forms {
		if !needlesOf(coreOf(value)).in([]byte("before " + form + " after")) {
			t.Errorf("%s: %q is not found", name, form)
		}
		if needlesOf(random()).in([]byte(form)) {
			t.Errorf("%s: another canary is found", name)
		}
	}
}
