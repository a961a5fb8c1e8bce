package session

import (
	"cmp"
	"io"
	"slices"
	"strings"
)

// Tail is the end of an open item's text that is held back, because it may be the beginning of a secret. It is kept as a place
// in that secret, so that a crash loses nothing of the text and no part of the secret is ever stored.
type Tail struct {
	Secret  string `json:"secret"` // its name in the keychain
	At      Millis `json:"at"`     // when that value was set
	Form    int    `json:"form"`
	Length  int    `json:"length"`  // of the form, in bytes
	Covered int    `json:"covered"` // of what is held back, what is redacted already
	Gaps    []Gap  `json:"gaps,omitempty"`
}

// Gap is text that tools put into what they show: a line end in an encoding, the colors of grep. At counts the bytes of the
// form before it.
type Gap struct {
	At   int    `json:"at"`
	Text string `json:"text"`
}

// known is a value that is looked for.
type known struct {
	vault string
	at    Millis
	name  string
	value Secret
	mark  Mark
	shown bool // not looked for
}

// form is one text by which a value may show.
type form struct {
	text string
	of   *known
	n    int // of the value's forms
	gaps gaps
}

// redactor finds known values in text. It is never changed, and a nil one finds nothing. What it finds is every place at which
// a form stands; places that overlap are one. At the end of a text the beginning of a form counts too, where it is half of the
// form or more: what cut the text cut the secret.
type redactor struct {
	forms  []form
	pairs  [1 << 10]uint64  // bit set of the two bytes that forms begin with
	firsts [256]bool        // of the first of them
	starts map[uint16][]int // the forms that begin with these two bytes, the longest first
	// A gap may follow on the first byte, so that each form begins with that and the first byte of a gap as well.
}

// newRedactor returns nil where there is nothing to look for.
func newRedactor(values []*known) *redactor {
	r := &redactor{starts: map[uint16][]int{}}
	for _, k := range values {
		if k.shown {
			continue
		}
		for n, text := range formsOf(k.value.Reveal()) {
			f := form{text, k, n, gapsOf(text)}
			r.firsts[text[0]] = true
			for _, second := range f.seconds() {
				pair := uint16(text[0])<<8 | uint16(second)
				r.pairs[pair>>6] |= 1 << (pair & 63)
				if of := r.starts[pair]; len(of) == 0 || of[len(of)-1] != len(r.forms) {
					r.starts[pair] = append(of, len(r.forms))
				}
			}
			r.forms = append(r.forms, f)
		}
	}
	if len(r.forms) == 0 {
		return nil
	}
	for _, forms := range r.starts {
		slices.SortStableFunc(forms, func(a, b int) int { return cmp.Compare(len(r.forms[b].text), len(r.forms[a].text)) })
	}
	return r
}

// mark stands where a value stood.
func mark(name string) string { return "[secret " + name + "]" }

// text returns a whole text without the values.
func (r *redactor) text(s string) string {
	if r == nil {
		return s
	}
	out, _, _ := r.scan(s, 0, true)
	return out
}

// next takes the tail of a text so far and what follows on it, and returns what can be shown now and the new tail.
func (r *redactor) next(t *Tail, s string) (string, *Tail) {
	if r == nil && t == nil {
		return s, nil
	}
	before, covered := r.of(t)
	s = before + s
	if r == nil {
		return s, nil
	}
	out, held, covered := r.scan(s, covered, false)
	if held == len(s) {
		return out, nil
	}
	f, p := r.beginning(s[held:])
	return out, &Tail{f.of.vault, f.of.at, f.n, p.form, covered, p.gaps}
}

// last returns what is shown of the tail at the end of its text.
func (r *redactor) last(t *Tail) string {
	before, covered := r.of(t)
	if r == nil {
		return before
	}
	out, _, _ := r.scan(before, covered, true)
	return out
}

// of returns the text of a tail, or where its secret is another by now a mark in its place.
func (r *redactor) of(t *Tail) (text string, covered int) {
	if t == nil {
		return "", 0
	}
	if r != nil {
		for _, f := range r.forms {
			if f.of.vault == t.Secret && f.of.at == t.At && f.n == t.Form && t.Length <= len(f.text) {
				return withGaps(f.text[:t.Length], t.Gaps), t.Covered
			}
		}
	}
	return mark(t.Secret[strings.LastIndexByte(t.Secret, '/')+1:]), 0
}

// scan returns s without the values. The first covered bytes belong to a value that was marked before. Unless s is the end of
// its text, what may be the beginning of a form is not in out: held says from where on, and left how much of that is marked
// already.
func (r *redactor) scan(s string, covered int, end bool) (out string, held, left int) {
	var b strings.Builder
	shown, held := covered, len(s) // up to shown s is in b, or was marked
	for i := 0; i < len(s); i++ {
		if !r.begins(s, i) {
			continue
		}
		n, name, more := r.match(s[i:], end)
		if more {
			held = i
			break
		}
		if n == 0 || i+n <= shown {
			continue
		}
		if i >= shown {
			b.WriteString(s[shown:i])
			b.WriteString(mark(name))
		}
		shown = i + n
	}
	if b.Len() == 0 && shown == 0 {
		return s[:held], held, 0
	}
	if shown < held {
		b.WriteString(s[shown:held])
	}
	return b.String(), held, max(0, shown-held)
}

// begins reports whether a form may begin at i; it is all that most of a text costs.
func (r *redactor) begins(s string, i int) bool {
	if i+1 == len(s) {
		return r.firsts[s[i]]
	}
	pair := uint16(s[i])<<8 | uint16(s[i+1])
	return r.pairs[pair>>6]&(1<<(pair&63)) != 0
}

// match returns the length of the longest form that s begins with, and whose it is. more says that s as a whole is the beginning
// of a longer one, so that what follows decides.
func (r *redactor) match(s string, end bool) (n int, name string, more bool) {
	if len(s) == 1 {
		return 0, "", !end
	}
	for _, at := range r.starts[uint16(s[0])<<8|uint16(s[1])] {
		f := &r.forms[at]
		p := f.follow(s)
		switch {
		case p.whole:
			return p.text, f.of.name, false
		case !p.open:
		case !end:
			return 0, "", true
		case cutShort(p.form, len(f.text)):
			return p.text, f.of.name, false
		}
	}
	return 0, "", false
}

// cutShort reports whether so much of a form is hidden as the form itself is.
func cutShort(n, of int) bool { return n >= minHidden && 2*n >= of }

// beginning returns a form that begins with s, and how far.
func (r *redactor) beginning(s string) (form, progress) {
	for _, f := range r.forms {
		if p := f.follow(s); p.open {
			p.gaps = f.gapsIn(s)
			return f, p
		}
	}
	return form{of: &known{}}, progress{} // cannot be: who asks has found one
}

// ending returns s, which follows on a cut, without the end of a form that it begins with.
func (r *redactor) ending(s string) string {
	if r == nil {
		return s
	}
	for _, f := range r.forms {
		for n := min(len(f.text)-1, len(s)); cutShort(n, len(f.text)); n-- {
			if s[:n] == f.text[len(f.text)-n:] {
				return mark(f.of.name) + s[n:]
			}
		}
	}
	return s
}

// writer returns a writer that passes on to w what is written, without the values. Close ends the text and leaves w open.
func (r *redactor) writer(w io.Writer) io.WriteCloser { return &redactingWriter{r: r, w: w} }

type redactingWriter struct {
	r    *redactor
	w    io.Writer
	tail *Tail
}

func (w *redactingWriter) Write(p []byte) (int, error) {
	var out string
	out, w.tail = w.r.next(w.tail, string(p))
	if _, err := io.WriteString(w.w, out); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (w *redactingWriter) Close() error {
	_, err := io.WriteString(w.w, w.r.last(w.tail))
	w.tail = nil
	return err
}
