package journal

import (
	"fmt"
	"io"
	"time"

	"background-agents/sandbox/wire"
)

// add queues a record; it waits while the queue is full, which is while the disk is slow.
func (j *Journal) add(r *record) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	for !j.closed && (len(j.queue) >= maxQueue || j.waiting >= maxWaiting) {
		j.changed.Wait()
	}
	if j.closed {
		return errClosed
	}
	j.waiting += r.size()
	j.queue = append(j.queue, r)
	if len(j.queue) == 1 {
		j.changed.Broadcast()
	}
	return nil
}

// wait queues a record and waits until it is on the disk.
func (j *Journal) wait(r *record) error {
	if err := j.add(r); err != nil {
		return err
	}
	return <-r.done
}

// write is the writer: it takes whatever waits, and writes it with as few calls as it can.
func (j *Journal) write() {
	for {
		j.mu.Lock()
		for len(j.queue) == 0 && !j.closed {
			j.changed.Wait()
		}
		batch := j.queue
		j.queue, j.waiting = nil, 0
		j.changed.Broadcast()
		j.mu.Unlock()
		if len(batch) == 0 {
			return
		}
		j.writeBatch(join(batch))
	}
}

// pen is what the writer has encoded and not yet written. The state is ahead of the files by that much.
type pen struct {
	done    []*record // to be told
	last    uint64
	durable bool
}

func (j *Journal) writeBatch(batch []*record) {
	p := pen{last: j.last}
	for _, r := range batch {
		if r.do != nil {
			j.flush(&p)
			r.done <- r.do()
			p.last = j.last
			continue
		}
		err := j.encode(&p, r)
		switch {
		case r.done == nil:
		case err != nil:
			r.done <- err
		default:
			p.done = append(p.done, r)
			p.durable = true
		}
		if len(j.buf) >= writeChunk {
			j.flush(&p)
		}
	}
	j.flush(&p)
}

// encode appends a record to the buffer, unless it says nothing new.
func (j *Journal) encode(p *pen, r *record) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	if r.prompt != nil {
		fresh, err := j.state.accept(*r.prompt)
		if err != nil || !fresh {
			return err
		}
		r.fresh = true
		b, err := wire.Marshal(r.prompt)
		if err != nil {
			return err
		}
		j.buf = appendRecord(j.buf, kindPrompt, b)
		return nil
	}
	e := r.entry
	if e.TurnEnd != nil && e.TurnEnd.Prompt != j.state.Running {
		return nil // a journal that was renewed has no such turn
	}
	if e = j.afford(e); e == nil {
		return nil
	}
	e.Epoch, e.Seq = j.epoch, p.last+1
	own(e)
	b, err := fit(e)
	if err != nil {
		return err
	}
	p.last++
	j.state.apply(*e)
	j.buf = appendRecord(j.buf, kindEntry, b)
	return nil
}

// fit encodes an entry; a tool call that is too long loses its input, and then output.
func fit(e *wire.Entry) ([]byte, error) {
	b, err := wire.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("encode entry: %w", err)
	}
	if len(b) > maxEntry && e.Tool != nil {
		t := *e.Tool
		t.Input, t.Output = nil, cut(t.Output, wire.MaxText/8)
		e.Tool = &t
		if b, err = wire.Marshal(e); err != nil {
			return nil, err
		}
	}
	if len(b) > maxEntry {
		return nil, fmt.Errorf("an entry of %d bytes is longer than %d", len(b), maxEntry)
	}
	return b, nil
}

// flush writes and where it must syncs the buffer, and tells everyone. A disk that takes nothing is tried again every
// second for as long as the journal is open: the agent waits then, and nothing is lost.
func (j *Journal) flush(p *pen) {
	err := j.store(p.durable)
	for err != nil && j.report(err) {
		time.Sleep(time.Second)
		err = j.store(p.durable)
	}
	if err == nil && len(j.buf) > 0 {
		j.publish(p)
	}
	if cap(j.buf) > 64<<10 {
		j.buf = nil
	}
	j.buf = j.buf[:0]
	for _, r := range p.done {
		r.done <- err
	}
	p.done, p.durable = nil, false
	j.mu.Lock()
	end := j.segments[len(j.segments)-1].size
	j.mu.Unlock()
	if end >= segmentSize {
		if err := j.begin(j.epoch, j.last+1); err != nil {
			j.report(err) // the present segment serves on
		}
	}
}

// store brings the buffer to the file, all of it or nothing.
func (j *Journal) store(durable bool) error {
	if len(j.buf) == 0 {
		return nil
	}
	j.begun = true
	j.mu.Lock()
	at := j.segments[len(j.segments)-1].size
	j.mu.Unlock()
	_, err := j.file.WriteAt(j.buf, at)
	if err == nil && durable {
		err = j.file.Sync()
	}
	if err != nil {
		_ = j.file.Truncate(at)
		_, _ = j.file.Seek(at, io.SeekStart)
		return fmt.Errorf("write the journal: %w", err)
	}
	if !durable {
		j.syncLater()
	}
	return nil
}

// publish lets readers see what store wrote.
func (j *Journal) publish(p *pen) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.segments[len(j.segments)-1].size += int64(len(j.buf))
	j.last, j.failing = p.last, nil
	j.wakeReaders()
}

// syncLater syncs the file within SyncDelay. A segment that is full by then was synced by the next one's beginning.
func (j *Journal) syncLater() {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.pending {
		return
	}
	j.pending = true
	f := j.file
	j.syncing.Add(1)
	time.AfterFunc(SyncDelay, func() {
		defer j.syncing.Done()
		j.mu.Lock()
		j.pending = false
		j.mu.Unlock()
		_ = f.Sync() // fails where the file was closed, which synced it
	})
}

// report remembers why the disk takes nothing and says whether to try again.
func (j *Journal) report(err error) bool {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.failing = err
	return !j.closed
}

func (j *Journal) wakeReaders() {
	close(j.grown)
	j.grown = make(chan struct{})
}
