package agent

import (
	"errors"
	"fmt"
	"hash/maphash"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"background-agents/sandbox/wire"
)

// Bounds of the whole texts that are kept in files.
const (
	maxOutputFile = 256 << 20
	maxOutputs    = 1 << 30
)

// What is shown of a long text: with the note between them at most wire.MaxText.
const (
	shownHead = wire.MaxText / 4
	shownTail = wire.MaxText/2 + shownHead - 256
)

// outputs is the folder of whole texts. It is used under the transcript's lock.
type outputs struct {
	dir  string
	used int64 // bytes of files written by this agent
}

// output is the text of one tool call: up to wire.MaxText in memory, then its first and last part, and the whole in a file.
type output struct {
	head, tail []byte
	total      int64
	stored     int64 // bytes in the file
	sum        uint64
	hash       *maphash.Hash // of the whole text, to see whether new text continues the old
	taken      bool          // the file is the agent's own whole text
	source     string        // where that lies
}

var seed = maphash.MakeSeed()

// set replaces the text. Agents send live output as the whole of it each time: where the new text continues the old, only what is new is written.
func (o *output) set(d *outputs, item, s string) {
	if o.taken {
		return // what comes after is the agent's short form of it
	}
	if n := o.total; n > 0 && int64(len(s)) >= n && maphash.String(seed, s[:n]) == o.sum {
		o.append(d, item, s[n:])
		return
	}
	*o = output{stored: o.stored}
	if o.stored > 0 {
		d.remove(item, o.stored)
		o.stored = 0
	}
	o.append(d, item, s)
}

// add appends to the text.
func (o *output) add(d *outputs, item, s string) {
	if !o.taken {
		o.append(d, item, s)
	}
}

func (o *output) append(d *outputs, item, s string) {
	if s == "" {
		return
	}
	if o.hash == nil {
		o.hash = &maphash.Hash{}
		o.hash.SetSeed(seed)
	}
	o.hash.WriteString(s)
	o.sum = o.hash.Sum64()
	before := o.total
	o.total += int64(len(s))
	if o.total > wire.MaxText {
		if o.stored == 0 && before <= wire.MaxText { // head is all of it so far
			o.stored = d.write(item, 0, o.head)
		}
		if o.stored == before { // else a bound or a full disk ended it: no gaps
			o.stored += d.write(item, o.stored, []byte(s))
		}
	}
	if room := wire.MaxText - len(o.head); room > 0 && len(o.tail) == 0 {
		n := min(room, len(s))
		o.head = append(o.head, s[:n]...)
		s = s[n:]
	}
	if o.tail = append(o.tail, s[max(0, len(s)-wire.MaxText):]...); len(o.tail) > 2*wire.MaxText {
		o.tail = append(o.tail[:0], o.tail[len(o.tail)-wire.MaxText:]...)
	}
}

// take makes a file that the agent wrote the whole text.
func (o *output) take(d *outputs, item, path string) {
	o.source = path
	if o.stored > 0 {
		d.remove(item, o.stored)
		o.stored = 0
	}
	n, err := d.link(item, path)
	if err != nil || (!o.taken && n < o.total) {
		return
	}
	o.stored, o.total, o.taken = n, n, true
}

// retake looks at that file once more: OpenCode may still be writing it when it says that the command is over.
func (o *output) retake(d *outputs, item string) (grown bool) {
	if o.source == "" {
		return false
	}
	st, err := os.Lstat(o.source)
	if err != nil || (o.taken && st.Size() == o.total) {
		return false
	}
	before := o.total
	o.take(d, item, o.source)
	return o.total != before
}

func (o *output) size() int64 { return o.total }

// shown returns the text, or its first and last part with a note between them.
func (o *output) shown() string {
	all := int64(len(o.head) + len(o.tail))
	if o.total <= wire.MaxText || (o.taken && all <= wire.MaxText) {
		return string(o.head) + string(o.tail)
	}
	end := append(append([]byte{}, o.head...), o.tail...)
	end = end[max(shownHead, len(end)-shownTail):]
	head, tail := string(o.head), string(end)
	head = head[:cutAt(head, min(shownHead, len(head)-1))]
	tail = tail[len(tail)-cutFromEnd(tail):]
	return fmt.Sprintf("%s\n… %d bytes left out …\n%s", head, o.total-int64(len(head)+len(tail)), tail)
}

// cutFromEnd returns how many of s's bytes are left when it is begun between characters.
func cutFromEnd(s string) int {
	for i := range min(4, len(s)) {
		if s[i]&0xC0 != 0x80 {
			return len(s) - i
		}
	}
	return len(s)
}

func (d *outputs) path(item string) string { return filepath.Join(d.dir, item) }

// write appends p to an item's file of size bytes, as far as the bounds allow, and returns how much was written. A full disk
// costs the whole text, not the turn.
func (d *outputs) write(item string, size int64, p []byte) int64 {
	room := min(maxOutputFile-size, maxOutputs-d.used)
	if room <= 0 || d.dir == "" {
		return 0
	}
	f, err := os.OpenFile(d.path(item), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return 0
	}
	defer f.Close()
	n, _ := f.Write(p[:min(int64(len(p)), room)])
	d.used += int64(n)
	return int64(n)
}

func (d *outputs) remove(item string, size int64) {
	if os.Remove(d.path(item)) == nil {
		d.used -= size
	}
}

// link makes the regular file at path an item's text: by a hard link where that can be, else by a copy within the bounds.
func (d *outputs) link(item, path string) (int64, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if err != nil {
		return 0, err
	}
	defer f.Close()
	st, err := f.Stat()
	if err != nil || !st.Mode().IsRegular() || d.dir == "" {
		return 0, errors.Join(err, errors.New("not a regular file"))
	}
	os.Remove(d.path(item))
	if st.Size() <= maxOutputFile && d.used+st.Size() <= maxOutputs && os.Link(path, d.path(item)) == nil {
		d.used += st.Size()
		return st.Size(), nil
	}
	out, err := os.Create(d.path(item))
	if err != nil {
		return 0, err
	}
	defer out.Close()
	n, err := io.CopyN(out, f, max(0, min(st.Size(), maxOutputFile, maxOutputs-d.used)))
	d.used += n
	if err != nil && !errors.Is(err, io.EOF) {
		return n, err
	}
	return st.Size(), nil
}
