package session

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"unicode/utf8"
)

const (
	// fewForms is the length from which on a value is looked for in its usual forms only: each form of it lies in memory.
	fewForms = 4 << 10
	// minWord is the length from which on a word of a value of several lines is looked for by itself: a line of a private key,
	// which tools show with numbers or signs before it.
	minWord = 24
)

// formsOf returns the texts by which a value may show: as it is, and as JSON, URL, hexadecimal and base64 encodings write it.
// None is shorter than minHidden, none is there twice.
func formsOf(value string) []string {
	value = strings.TrimSpace(value)
	if tooShort(value) {
		return nil
	}
	short := len(value) <= fewForms
	var all []string
	add := func(forms ...string) { all = append(all, forms...) }
	add(value)
	add(jsonForms(value, short)...)
	add(hex.EncodeToString([]byte(value)))
	add(base64Forms(base64.StdEncoding, value, short)...)
	if short {
		add(strings.ToUpper(hex.EncodeToString([]byte(value))))
		add(base64Forms(base64.URLEncoding, value, short)...)
		add(urlForms(value)...)
		add(htmlForms(value)...)
		add(shellForm(value))
	}
	for _, part := range append(strings.Fields(value), wrapped(value)...) {
		if len(part) >= minWord {
			add(part)
			add(jsonForms(part, false)...)
		}
	}
	seen := map[string]bool{}
	kept := all[:0]
	for _, f := range all {
		if len(f) >= minHidden && !seen[f] {
			seen[f] = true
			kept = append(kept, f)
		}
	}
	return kept
}

// jsonForms returns the inside of value as a JSON string: plain, as JavaScript and others write it; with the escapes for
// pages; in ASCII alone; and as JSON within JSON, which is how models name the arguments of a tool.
func jsonForms(value string, all bool) []string {
	plain := quoted(value, false)
	if !all {
		return []string{plain}
	}
	forms := []string{plain, quoted(value, true), ascii(plain), strings.ReplaceAll(plain, "/", `\/`)}
	for _, f := range forms {
		forms = append(forms, quoted(f, false))
	}
	return forms
}

func quoted(value string, page bool) string {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(page)
	if e.Encode(value) != nil { // a string always has a JSON form
		return value
	}
	return strings.Trim(b.String(), "\n")[1 : b.Len()-2]
}

func ascii(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r < utf8.RuneSelf:
			b.WriteRune(r)
		case r > 0xFFFF:
			r -= 0x10000
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xD800+r>>10, 0xDC00+r&0x3FF)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}

// urlForms returns value as a query, a path and encodeURIComponent write it, with upper and lower case digits.
func urlForms(value string) []string {
	query := url.QueryEscape(value)
	spaced := strings.ReplaceAll(query, "+", "%20")
	component := strings.NewReplacer("%21", "!", "%27", "'", "%28", "(", "%29", ")", "%2A", "*").Replace(spaced)
	forms := []string{query, spaced, component, url.PathEscape(value)}
	for _, f := range forms {
		forms = append(forms, lowerPercent(f))
	}
	return forms
}

func lowerPercent(s string) string {
	b := []byte(s)
	for i := 0; i+2 < len(b); i++ {
		if b[i] == '%' {
			copy(b[i:], strings.ToLower(s[i:i+3]))
		}
	}
	return string(b)
}

// htmlForms returns value as pages have it: as Go, Python and JavaScript write quotes, and as text between tags, where quotes stay.
func htmlForms(value string) []string {
	var forms []string
	for _, quotes := range [][2]string{{"&#34;", "&#39;"}, {"&quot;", "&#x27;"}, {"&quot;", "&#39;"}, {"&quot;", "&apos;"}, {`"`, "'"}} {
		escaped := strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, quotes[0], "'", quotes[1])
		forms = append(forms, escaped.Replace(value))
	}
	return forms
}

// shellForm returns value as bash's printf %q writes it.
func shellForm(value string) string {
	var b strings.Builder
	for i := range len(value) {
		if strings.IndexByte(" !\"$&'()*,;<>?[\\]^`{|}", value[i]) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(value[i])
	}
	return b.String()
}

// base64Forms returns what stands for value in the encoding of any text that holds it: three alignments, without the characters
// that depend on what is around it; and where it is the end of the text, to the last character, padded and not.
func base64Forms(enc *base64.Encoding, value string, ends bool) []string {
	var forms []string
	for before := range 3 {
		text := enc.EncodeToString(append(make([]byte, before), value...))
		first, whole := (before*8+5)/6, (before+len(value))*8/6
		forms = append(forms, text[first:whole])
		if ends {
			forms = append(forms, text[first:], strings.TrimRight(text[first:], "="))
		}
	}
	return forms
}

// wrapped returns the lines of value's base64 as base64(1) and openssl(1) break them.
func wrapped(value string) []string {
	text := base64.StdEncoding.EncodeToString([]byte(value))
	text = text[:len(value)*8/6]
	var lines []string
	for _, width := range []int{76, 64} {
		for at := 0; len(text) > width && at < len(text); at += width {
			lines = append(lines, text[at:min(at+width, len(text))])
		}
	}
	return lines
}
