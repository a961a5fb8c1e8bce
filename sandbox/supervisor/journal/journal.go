// Package journal keeps what happens in a sandbox until the host has stored it: an append-only log on the sandbox's
// own disk, which outlives the supervisor, the agent and the host's application.
//
// What it guarantees:
//   - Entries have Seq 1, 2, 3, … without a gap within an Epoch, which is random and made with the journal.
//   - The agent never waits for the host: Append waits for the disk at most. The host reads from the files.
//   - An entry is in the file before a Reader returns it. So nothing that the host has seen is lost when the supervisor
//     is killed at any moment; what is lost then is at most what Append had queued and the host has not seen.
//   - Accepted prompts, the begin and end of a turn and the answers to permissions are synced to the disk before
//     anyone is told. All else is synced within SyncDelay: a crash of the whole machine loses at most that much
//     text, and what of it the host has already stored is not told again (see Attach).
//   - A record that was cut off by a crash is cut away on Open.
//   - What the host has acknowledged is deleted, a segment at a time; of what it has not, MaxUnacked is kept.
package journal

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"os"
	"sync"
	"time"

	"background-agents/sandbox/wire"
)

// Bounds, in bytes unless said otherwise.
const (
	SyncDelay   = 50 * time.Millisecond
	segmentSize = 8 << 20 // a segment that is longer is followed by a new one
	maxQueue    = 1024    // records that wait to be written
	maxWaiting  = 4 << 20 // text of them
	maxEntry    = 3 << 20 // JSON of one entry
	maxJoined   = 32 << 10
	writeChunk  = 512 << 10
)

// MaxUnacked bounds the files of a journal whose host is away. Past it, text and output are left out, and a notice says
// so; turns, permissions and the end of tool calls are kept.
var MaxUnacked int64 = 1 << 30

var errClosed = errors.New("the journal is closed")

// Journal is an open journal. One process may have it open.
type Journal struct {
	dir string

	mu       sync.Mutex
	changed  *sync.Cond // queue became shorter or longer, or closed
	queue    []*record
	waiting  int // bytes
	closed   bool
	epoch    string
	last     uint64     // seq of the last entry in the files
	segments []*segment // oldest first; the last is written to
	state    State
	grown    chan struct{} // closed and replaced when the files have grown
	failing  error         // why the disk takes nothing at present
	known    bool          // a host may have entries of this epoch: it acknowledged some, or the epoch is of an earlier process
	damaged  bool          // a Reader met a record that the disk has changed
	full     bool          // MaxUnacked was reached, and the notice written

	written sync.WaitGroup // the writer
	syncing sync.WaitGroup // syncs under way
	// Only the writer touches these.
	file    *os.File
	begun   bool // something was appended since Open
	pending bool // a sync is planned
	buf     []byte
}

// Open opens the journal in dir, making it where it is missing or where the disk has lost its beginning.
func Open(dir string) (*Journal, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	j := &Journal{dir: dir, grown: make(chan struct{})}
	j.changed = sync.NewCond(&j.mu)
	if err := j.load(); err != nil {
		return nil, err
	}
	j.written.Go(j.write)
	return j, nil
}

// Append adds an entry to the journal, fills in its Epoch, Seq and At, and puts the epoch before its items' ids. It returns once the entry is queued, or for
// the entries that must survive anything once it is synced. It is safe for concurrent use.
func (j *Journal) Append(e wire.Entry) error {
	e.At = time.Now().UnixMilli()
	if e.Delta != nil && len(e.Delta.Text) > wire.MaxText {
		for _, part := range split(e.Delta.Text, wire.MaxText) {
			d := *e.Delta
			d.Text = part
			if err := j.add(&record{entry: &wire.Entry{At: e.At, Delta: &d}}); err != nil {
				return err
			}
		}
		return nil
	}
	r := &record{entry: &e}
	if !durable(e) {
		return j.add(r)
	}
	r.done = make(chan error, 1)
	return j.wait(r)
}

// durable says which entries are synced before anyone is told.
func durable(e wire.Entry) bool {
	return e.TurnBegin != nil || e.TurnEnd != nil || e.Permission != nil && e.Permission.Answer != ""
}

// Accept records a prompt that is to be run. It reports false where the prompt was accepted before, in whatever state
// it is now, and ErrBusy where too many wait.
func (j *Journal) Accept(p wire.Prompt) (fresh bool, err error) {
	r := &record{prompt: &p, done: make(chan error, 1)}
	err = j.wait(r)
	return r.fresh, err
}

// Epoch returns the journal's present epoch.
func (j *Journal) Epoch() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.epoch
}

// End returns the place of the last entry.
func (j *Journal) End() wire.Cursor {
	j.mu.Lock()
	defer j.mu.Unlock()
	return wire.Cursor{Epoch: j.epoch, Seq: j.last}
}

// State returns what the entries so far come to.
func (j *Journal) State() State {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.state.clone()
}

// Err returns why the disk takes nothing at present, nil where it does. What was appended meanwhile waits.
func (j *Journal) Err() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.failing
}

// Close writes and syncs what waits and closes the files.
func (j *Journal) Close() error {
	j.mu.Lock()
	if j.closed {
		j.mu.Unlock()
		return nil
	}
	j.closed = true
	j.changed.Broadcast()
	j.mu.Unlock()
	j.written.Wait()
	j.syncing.Wait()
	return errors.Join(j.file.Sync(), j.file.Close())
}

func newEpoch() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // it never fails
	return hex.EncodeToString(b[:])
}
