package toolchain

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"golang.org/x/mod/sumdb"
)

// sumKey verifies the signatures of sum.golang.org. It is the one in Go itself: cmd/go/internal/modfetch/key.go.
const sumKey = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"

// goModule is Go from the module proxy, as the go command fetches newer versions of itself: golang.org/toolchain, a
// zip for each processor. sums has the h1 of versions that are known; the checksum database has it for all.
//
// The zip has no execute bits. Its go.env says GOTOOLCHAIN=auto, and that is wanted: a project that asks for a newer
// Go gets it from the module proxy by itself.
type goModule struct {
	sums map[string]sum // by processor
	key  string         // of the checksum database; "" is sumKey
}

const goPath = "golang.org/toolchain"

func (goModule) hosts(b Bases) []string { return []string{hostOf(b.GoProxy), hostOf(b.SumDB)} }

func (s goModule) files(ctx context.Context, x *index, version, arch string) ([]file, error) {
	full := "v0.0.1-go" + version + ".linux-" + arch
	known, ok := s.sums[arch]
	if !ok {
		var err error
		if known, err = s.lookup(ctx, x, full); err != nil {
			return nil, err
		}
	}
	return []file{{
		url: x.bases.GoProxy + "/" + goPath + "/@v/" + full + ".zip",
		sum: known,
		Layout: Layout{Format: Zip, Strip: 2, // golang.org/toolchain@VERSION
			Executables: []string{"bin/*", "pkg/tool/*/*"}},
	}}, nil
}

// lookup asks the checksum database, and verifies its answer and that it belongs to the signed tree. The tree is not
// kept, so a database that shows us another history tomorrow is not noticed.
func (s goModule) lookup(ctx context.Context, x *index, version string) (sum, error) {
	key := s.key
	if key == "" {
		key = sumKey
	}
	ops := &sumOps{ctx: ctx, x: x, key: key, cache: map[string][]byte{}}
	lines, err := sumdb.NewClient(ops).Lookup(goPath, version)
	switch {
	case ops.failed() != nil: // the client's own error does not wrap it
		return "", ops.failed()
	case err != nil:
		return "", fmt.Errorf("%w: checksum database: %w", errIndex, err)
	}
	for _, line := range lines {
		fields := strings.Fields(line)
		if len(fields) == 3 && fields[0] == goPath && fields[1] == version && strings.HasPrefix(fields[2], "h1:") {
			return sum(fields[2]), nil
		}
	}
	return "", fmt.Errorf("%w: the checksum database does not name %s@%s", errIndex, goPath, version)
}

// sumOps is what the database's client needs, for one lookup: nothing is stored. Its methods are called concurrently.
type sumOps struct {
	ctx context.Context // of the lookup: the client's interface has none
	x   *index
	key string

	mu     sync.Mutex
	latest []byte
	cache  map[string][]byte
	err    error // the first of reading
}

func (o *sumOps) ReadRemote(path string) ([]byte, error) {
	text, err := o.x.read(o.ctx, o.x.bases.SumDB+path)
	if err != nil {
		o.mu.Lock()
		defer o.mu.Unlock()
		if o.err == nil {
			o.err = err
		}
	}
	return text, err
}

func (o *sumOps) failed() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.err
}

func (o *sumOps) ReadConfig(name string) ([]byte, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if name == "key" {
		return []byte(o.key), nil
	}
	return o.latest, nil
}

func (o *sumOps) WriteConfig(_ string, old, latest []byte) error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if string(o.latest) != string(old) {
		return sumdb.ErrWriteConflict
	}
	o.latest = latest
	return nil
}

func (o *sumOps) ReadCache(name string) ([]byte, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if data, ok := o.cache[name]; ok {
		return data, nil
	}
	return nil, errors.New("not cached")
}

func (o *sumOps) WriteCache(name string, data []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.cache[name] = data
}

func (*sumOps) Log(string) {}

func (*sumOps) SecurityError(string) {} // Lookup returns it too
