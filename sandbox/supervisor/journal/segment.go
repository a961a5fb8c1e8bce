package journal

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"

	"background-agents/sandbox/wire"
)

// segment is one file of the journal. Its name holds its number, the epoch and the seq of its first entry.
type segment struct {
	number uint64
	epoch  string
	first  uint64
	size   int64 // what readers may read
}

func (s *segment) name() string { return fmt.Sprintf("%08d-%s-%d.seg", s.number, s.epoch, s.first) }

// snapshot is the first record of a segment.
type snapshot struct {
	State State `json:"state"`
}

// load finds the segments of the newest epoch and cuts away a torn tail. It runs before anything else can.
func (j *Journal) load() error {
	entries, err := os.ReadDir(j.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		s := new(segment)
		if _, err := fmt.Sscanf(e.Name(), "%08d-%16s-%d.seg", &s.number, &s.epoch, &s.first); err != nil || s.name() != e.Name() {
			_ = os.Remove(filepath.Join(j.dir, e.Name())) // half-made
			continue
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		s.size = info.Size()
		j.segments = append(j.segments, s)
	}
	if len(j.segments) == 0 {
		return j.begin(newEpoch(), 1)
	}
	sort.Slice(j.segments, func(a, b int) bool { return j.segments[a].number < j.segments[b].number })
	newest := j.segments[len(j.segments)-1]
	for len(j.segments) > 0 && j.segments[0].epoch != newest.epoch {
		j.drop(1)
	}
	j.epoch = newest.epoch
	j.known = true
	err = j.replay(newest)
	if errors.Is(err, errTorn) { // its head is gone: nothing can follow on it
		j.state = State{}
		return j.begin(newEpoch(), 1)
	}
	return err
}

// replay reads the newest segment, cuts it after its last whole record and opens it for writing.
func (j *Journal) replay(s *segment) error {
	f, err := os.OpenFile(filepath.Join(j.dir, s.name()), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	j.last = s.first - 1
	whole, err := scan(f, func(at int64, kind byte, payload []byte) error {
		if (at == 0) != (kind == kindSnapshot) {
			return errTorn
		}
		return j.recall(kind, payload)
	})
	if err == nil && whole == 0 {
		err = errTorn
	}
	if err == nil {
		err = f.Truncate(whole)
	}
	if err == nil {
		_, err = f.Seek(whole, io.SeekStart)
	}
	if err != nil {
		_ = f.Close()
		return err
	}
	s.size, j.file = whole, f
	return nil
}

// recall takes one record of a former life into the state.
func (j *Journal) recall(kind byte, payload []byte) error {
	switch kind {
	case kindSnapshot:
		var s snapshot
		if err := json.Unmarshal(payload, &s); err != nil {
			return errTorn
		}
		j.state = s.State
	case kindPrompt:
		var p wire.Prompt
		if err := json.Unmarshal(payload, &p); err != nil {
			return errTorn
		}
		j.state.take(p)
	case kindEntry:
		var e wire.Entry
		if err := json.Unmarshal(payload, &e); err != nil {
			return errTorn
		}
		j.last = e.Seq
		j.state.apply(e)
	}
	return nil
}

// scan calls f for each whole record of r and returns where the last of them ends.
func scan(r io.Reader, f func(at int64, kind byte, payload []byte) error) (int64, error) {
	br := bufio.NewReaderSize(r, 64<<10)
	var at int64
	var buf []byte
	for {
		head, err := br.Peek(headerSize)
		if err != nil {
			return at, nil //nolint:nilerr // the journal ends here, or in a torn record
		}
		_, _, size, err := parseRecord(head)
		if errors.Is(err, errTorn) {
			return at, nil
		}
		if cap(buf) < size {
			buf = make([]byte, size)
		}
		if _, err := io.ReadFull(br, buf[:size]); err != nil {
			return at, nil //nolint:nilerr // a torn record
		}
		kind, payload, _, err := parseRecord(buf[:size])
		if err != nil {
			return at, nil //nolint:nilerr // a torn record
		}
		if err := f(at, kind, payload); err != nil {
			return at, err
		}
		at += int64(size)
	}
}

// begin makes a new segment and writes to it from now on. A new epoch lets go of all older ones. Readers see it once
// it is whole on the disk.
func (j *Journal) begin(epoch string, first uint64) error {
	j.mu.Lock()
	s := &segment{number: 1, epoch: epoch, first: first}
	if n := len(j.segments); n > 0 {
		s.number = j.segments[n-1].number + 1
	}
	head, err := wire.Marshal(snapshot{State: j.state})
	j.mu.Unlock()
	if err == nil && j.file != nil {
		err = j.file.Sync()
	}
	if err != nil {
		return err
	}
	f, err := j.create(s, appendRecord(nil, kindSnapshot, head))
	if err != nil {
		return fmt.Errorf("begin a segment of the journal: %w", err)
	}
	if j.file != nil {
		_ = j.file.Close()
	}
	j.file = f
	j.mu.Lock()
	defer j.mu.Unlock()
	j.segments = append(j.segments, s)
	if epoch != j.epoch || first != j.last+1 {
		j.drop(len(j.segments) - 1)
	}
	j.known = j.known && epoch == j.epoch
	j.epoch, j.last = epoch, first-1
	j.wakeReaders()
	return nil
}

func (j *Journal) create(s *segment, head []byte) (*os.File, error) {
	path := filepath.Join(j.dir, s.name())
	f, err := os.OpenFile(path+".new", os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	_, err = f.Write(head)
	if err == nil {
		err = f.Sync()
	}
	if err == nil {
		err = os.Rename(path+".new", path)
	}
	if err == nil {
		err = syncDir(j.dir)
	}
	if err != nil {
		_ = f.Close()
		return nil, err
	}
	s.size = int64(len(head))
	return f, nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// drop deletes the n oldest segments.
func (j *Journal) drop(n int) {
	for _, s := range j.segments[:n] {
		_ = os.Remove(filepath.Join(j.dir, s.name()))
	}
	j.segments = append([]*segment(nil), j.segments[n:]...)
}
