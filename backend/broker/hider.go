package broker

import (
	"encoding/base64"
	"regexp"
	"strings"
)

// hiddenText stands where a key was.
const hiddenText = "[secret]"

// Bounds of what is looked for.
const (
	minHidden = 12 // characters of a key that are enough to be hidden
	minShort  = 4  // a shorter key is none
)

// A hider takes keys out of what a provider answers: as they are and in the encodings that servers, gateways and their logs use,
// each from its first minHidden characters on, as far as it goes:
//
//   - text, in which any character may be written as %73, \u0073, \x73, &#115;, &#x73; or a named entity;
//   - hexadecimal, in either case;
//   - base64 and base64url, also where other text precedes the key in what was encoded, and in lines.
//
// The zero value hides nothing.
type hider struct {
	forms  []form
	starts [256]bool // bytes with which a form may begin
}

// form is one way to write a key: a sequence of characters, of which the first min are enough.
type form struct {
	text  string
	min   int
	kind  formKind
	quick [256]bool // bytes with which it may begin
}

type formKind int

const (
	asText formKind = iota
	asHex
	asBase64
)

// newHider returns a hider for a key and what goes with it. What is too short to be a secret, as the words that some servers take
// for a key, is hidden in errors only.
func newHider(key Key, failure bool) *hider {
	h := &hider{}
	for _, secret := range []string{key.Secret.Reveal(), key.Account} {
		enough := len(secret) >= minHidden || len(secret) >= 8 && strings.ContainsAny(secret, "0123456789")
		if !enough && !(failure && len(secret) >= minShort) {
			continue
		}
		h.add(secret)
	}
	return h
}

func (h *hider) add(secret string) {
	enough := min(len(secret), max(minHidden, publicPart(secret)))
	h.form(form{text: secret, min: enough, kind: asText})
	var nibbles strings.Builder
	for i := range len(secret) {
		nibbles.WriteByte("0123456789abcdef"[secret[i]>>4])
		nibbles.WriteByte("0123456789abcdef"[secret[i]&15])
	}
	h.form(form{text: nibbles.String(), min: 2 * enough, kind: asHex})
	for offset := range 3 { // bytes before the key, of the three that make four characters
		encoded := base64.RawStdEncoding.EncodeToString(append(make([]byte, offset), secret...))
		skip := (offset*8 + 5) / 6              // characters in which there are bits of what precedes the key
		whole := (offset + len(secret)) * 8 / 6 // the last may hold bits of what follows
		least := (offset+enough)*8/6 - skip
		h.form(form{text: encoded[skip:whole], min: least, kind: asBase64})
	}
}

func (h *hider) form(f form) {
	first := f.text[0]
	for _, c := range []byte{first, '%', '\\', '&'} {
		f.quick[c] = true
	}
	switch {
	case f.kind == asHex:
		f.quick[strings.ToUpper(string(first))[0]] = true
	case f.kind == asBase64 && (first == '+' || first == '-'):
		f.quick['+'], f.quick['-'] = true, true
	case f.kind == asBase64 && (first == '/' || first == '_'):
		f.quick['/'], f.quick['_'] = true, true
	}
	for c, may := range f.quick {
		h.starts[c] = h.starts[c] || may
	}
	h.forms = append(h.forms, f)
}

// known are the beginnings that the keys of a provider share.
var known = regexp.MustCompile(`^(sk-ant-[a-z]+[0-9]{2}-|sk-(proj|svcacct|admin|or-v1)-|sk-|gsk_|xai-|csk-|fw_|pplx-)`)

// publicPart returns how many characters a text must have in common with a key to tell something of it: what all keys of a
// provider begin with, and the head of every JSON web token, stand in documents and are no secrets.
func publicPart(key string) int {
	if head, _, found := strings.Cut(key, "."); found && strings.HasPrefix(key, "eyJ") {
		return len(head) + 1 + minHidden
	}
	return len(known.FindString(key)) + 4
}

// hide returns text without the keys.
func (h *hider) hide(text string) string {
	if h == nil || len(h.forms) == 0 {
		return text
	}
	out, _ := h.next(nil, []byte(text), true)
	return string(out)
}

// inName reports whether a header's name, whose letters have no case, tells a key.
func (h *hider) inName(name string) bool {
	if h == nil {
		return false
	}
	for _, f := range h.forms {
		if strings.Contains(strings.ToLower(name), strings.ToLower(f.text[:f.min])) {
			return true
		}
	}
	return false
}

// next appends to out the beginning of text without the keys, and returns the rest: what may be the beginning of one and must
// be seen again with what follows it. At the end there is no rest.
func (h *hider) next(out, text []byte, end bool) (shown, rest []byte) {
	if len(h.forms) == 0 {
		return append(out, text...), nil
	}
	for at := 0; at < len(text); {
		begin := at
		for at < len(text) && !h.starts[text[at]] {
			at++
		}
		out = append(out, text[begin:at]...)
		if at == len(text) {
			break
		}
		n, more := h.at(text[at:])
		switch {
		case more && !end:
			return out, text[at:]
		case n > 0:
			out = append(out, hiddenText...)
			at += n
		default:
			out = append(out, text[at])
			at++
		}
	}
	return out, nil
}

// at returns the length of the key with which text begins, 0 where it begins with none; more says that it depends on what
// follows text.
func (h *hider) at(text []byte) (n int, more bool) {
	for i := range h.forms {
		f := &h.forms[i]
		if !f.quick[text[0]] {
			continue
		}
		length, open := f.match(text)
		n, more = max(n, length), more || open
	}
	return n, more
}

// match is at for one form.
func (f *form) match(text []byte) (n int, more bool) {
	pos := 0
	for i := 0; i < len(f.text); i++ {
		if f.kind == asBase64 && i > 0 {
			skipped, open := lineBreak(text[pos:])
			if open && i >= 8 {
				return ended(pos, i, f.min), true
			}
			if i >= 8 {
				pos += skipped
			}
		}
		width, open := f.char(f.text[i], text[pos:])
		if open {
			return ended(pos, i, f.min), true
		}
		if width == 0 {
			return ended(pos, i, f.min), false
		}
		pos += width
	}
	return pos, false
}

func ended(pos, have, least int) int {
	if have < least {
		return 0
	}
	return pos
}

// char returns how many bytes of text write the character c; open says that there are too few to know.
func (f *form) char(c byte, text []byte) (width int, open bool) {
	got, width, open := character(text)
	if open || width == 0 {
		return 0, open
	}
	same := got == c
	switch f.kind {
	case asHex:
		same = same || got >= 'A' && got <= 'F' && got+'a'-'A' == c
	case asBase64:
		same = same || got == '-' && c == '+' || got == '_' && c == '/'
	}
	if !same {
		return 0, false
	}
	return width, false
}
