package journal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"background-agents/sandbox/wire"
)

// maxSkip bounds how many entries a host can have that a crash of the machine took from the disk.
const maxSkip = 10_000_000

var errTrimmed = errors.New("that part of the journal is gone")

// Attach returns a reader of the entries after the host's cursor: of all of them, where it has another epoch. A host that
// has more than the journal (the machine crashed before the last text was synced) goes on from what it has. Where
// the journal no longer has what the host lacks, the disk has damaged it, or the host has followed another journal since, a new epoch
// begins without it; renewed is true then.
func (j *Journal) Attach(at wire.Cursor) (r *Reader, renewed bool, err error) {
	rec := &record{done: make(chan error, 1)}
	rec.do = func() error {
		epoch, last, reach := j.reach(at)
		switch {
		case reach:
		case at.Epoch == epoch && at.Seq > last && at.Seq-last < maxSkip && !j.begun && !j.isDamaged():
			if err := j.begin(epoch, at.Seq+1); err != nil {
				return err
			}
		default:
			renewed = true
			j.mu.Lock()
			j.damaged = false
			j.state.apply(wire.Entry{TurnEnd: &wire.TurnEnd{}})
			j.mu.Unlock()
			if err := j.begin(newEpoch(), 1); err != nil {
				return err
			}
		}
		r, err = j.reader(at)
		return err
	}
	err = j.wait(rec)
	return r, renewed, err
}

// reach reports whether the files have all that follows at.
func (j *Journal) reach(at wire.Cursor) (epoch string, last uint64, ok bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if at.Epoch != j.epoch {
		// A host that has entries of this epoch, and then of another, has followed somebody else in between: an agent in the
		// supervisor's place. It cannot take the same entries twice.
		if at.Epoch != "" && j.known {
			return j.epoch, j.last, false
		}
		at.Seq = 0
	}
	return j.epoch, j.last, !j.damaged && at.Seq <= j.last && at.Seq+1 >= j.segments[0].first
}

func (j *Journal) isDamaged() bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.damaged
}

// reader opens the segment that has the entry after at.
func (j *Journal) reader(at wire.Cursor) (*Reader, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if at.Epoch != j.epoch {
		at.Seq = 0
	}
	i := len(j.segments) - 1
	for i > 0 && j.segments[i].first > at.Seq+1 {
		i--
	}
	r := &Reader{j: j, seg: j.segments[i], next: j.segments[i].first, from: at.Seq + 1}
	return r, r.open()
}

// Ack says that the host has stored everything up to a place; segments that it covers are deleted.
func (j *Journal) Ack(to wire.Cursor) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if to.Epoch != j.epoch || to.Seq > j.last {
		return
	}
	j.known = true
	n := 0
	for n+1 < len(j.segments) && j.segments[n+1].first <= to.Seq+1 {
		n++
	}
	if n > 0 {
		j.drop(n)
	}
}

// Reader reads the journal's entries in order. It is used by one goroutine, which closes it.
type Reader struct {
	j    *Journal
	seg  *segment
	file *os.File
	off  int64
	next uint64 // seq of the next entry in the files
	from uint64 // first seq to return
	buf  []byte
}

func (r *Reader) open() (err error) {
	r.file, err = os.Open(filepath.Join(r.j.dir, r.seg.name()))
	return err
}

// Close closes the reader.
func (r *Reader) Close() error { return r.file.Close() }

// Next waits for entries and returns their JSON, at most max bytes of it unless the first is longer, and the seq of the
// last. They are valid until the next call.
func (r *Reader) Next(ctx context.Context, maxEntries, maxBytes int) (entries [][]byte, last uint64, err error) {
	for {
		end, err := r.await(ctx)
		if err != nil {
			return nil, 0, err
		}
		entries, last, err = r.read(end, maxEntries, maxBytes)
		if err != nil || len(entries) > 0 {
			return entries, last, err
		}
	}
}

// await waits until there is more to read and returns where it ends.
func (r *Reader) await(ctx context.Context) (int64, error) {
	for {
		r.j.mu.Lock()
		end, grown, closed := r.seg.size, r.j.grown, r.j.closed
		following, err := r.following()
		r.j.mu.Unlock()
		switch {
		case err != nil:
			return 0, err
		case r.off < end:
			return end, nil
		case following != nil:
			_ = r.file.Close()
			r.seg, r.off, r.next = following, 0, following.first
			if err := r.open(); err != nil {
				return 0, fmt.Errorf("%w: %w", errTrimmed, err)
			}
			continue
		case closed:
			return 0, errClosed
		}
		if cap(r.buf) > 64<<10 {
			r.buf = nil // nothing to do: give back what a flood needed
		}
		select {
		case <-grown:
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
}

// following returns the segment after the reader's, nil where it is the last. The caller holds mu.
func (r *Reader) following() (*segment, error) {
	if r.seg.epoch != r.j.epoch {
		return nil, errTrimmed
	}
	for _, s := range r.j.segments {
		switch {
		case s.number == r.seg.number+1 && s.first == r.next:
			return s, nil
		case s.number > r.seg.number:
			if r.off < r.seg.size {
				return nil, nil // what is left of this one comes first
			}
			return nil, errTrimmed
		}
	}
	return nil, nil
}

// read returns the entries that lie between the reader's place and end, as far as the bounds allow.
func (r *Reader) read(end int64, maxEntries, maxBytes int) (entries [][]byte, last uint64, err error) {
	n := int(min(end-r.off, int64(maxBytes)))
	if err := r.fill(n); err != nil {
		return nil, 0, err
	}
	b := r.buf[:n]
	for len(b) > 0 && len(entries) < maxEntries {
		kind, payload, size, err := parseRecord(b)
		if errors.Is(err, io.ErrShortBuffer) && (len(entries) > 0 || r.off+int64(size) <= end) {
			if len(entries) > 0 {
				break
			}
			if err := r.fill(size); err != nil { // one record that is longer than the bound
				return nil, 0, err
			}
			b = r.buf[:size]
			continue
		}
		if err != nil {
			r.j.mu.Lock()
			r.j.damaged = true
			r.j.mu.Unlock()
			return nil, 0, fmt.Errorf("read the journal at byte %d: %w", r.off, err)
		}
		b = b[size:]
		r.off += int64(size)
		if kind != kindEntry {
			continue
		}
		if r.next >= r.from {
			entries, last = append(entries, payload), r.next
		}
		r.next++
	}
	return entries, last, nil
}

func (r *Reader) fill(n int) error {
	if cap(r.buf) < n {
		r.buf = make([]byte, n)
	}
	if _, err := r.file.ReadAt(r.buf[:n], r.off); err != nil {
		return fmt.Errorf("read the journal: %w", err)
	}
	return nil
}
