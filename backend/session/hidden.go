package session

import (
	"io"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
)

// maxKnown bounds the values that are looked for at once; beyond it those that are in force stay.
const maxKnown = 1000

// Hidden is what this life of the application knows of the user's secrets. It takes their values out of the log.
type Hidden struct {
	mu     sync.Mutex
	values map[string]*known // by name and time
	now    atomic.Pointer[redactor]
}

// add adds values. What is known stays: a sandbox that runs has the values of its start, and so has what it wrote.
func (h *Hidden) add(values []*known) {
	h.mu.Lock()
	defer h.mu.Unlock()
	merged := mergeKnown(h.values, values)
	if maps.Equal(merged, h.values) {
		return
	}
	h.values = merged
	h.now.Store(newRedactor(slices.Collect(maps.Values(merged))))
}

func mergeKnown(have map[string]*known, values []*known) map[string]*known {
	merged := maps.Clone(have)
	if merged == nil || len(merged)+len(values) > maxKnown {
		merged = map[string]*known{}
	}
	for _, k := range values {
		merged[k.key()] = k
		if k.mark != "" {
			remark(merged, k)
		}
	}
	return merged
}

// remark lets what the user said of a secret hold for its earlier values too.
func remark(all map[string]*known, by *known) {
	for key, old := range all {
		if old.vault == by.vault && old != by && old.mark != by.mark {
			changed := *old
			changed.mark = by.mark
			changed.shown = by.mark == MarkPlain || tooShort(old.value.Reveal())
			all[key] = &changed
		}
	}
}

// Writer returns a writer that passes on to w each write, which is a text of its own, without the values.
func (h *Hidden) Writer(w io.Writer) io.Writer { return hidingWriter{h, w} }

type hidingWriter struct {
	h *Hidden
	w io.Writer
}

func (w hidingWriter) Write(p []byte) (int, error) {
	r := w.h.now.Load()
	if r == nil {
		return w.w.Write(p)
	}
	if _, err := io.WriteString(w.w, r.text(string(p))); err != nil {
		return 0, err
	}
	return len(p), nil
}
