package gitrepo

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// maxChain bounds how many differences stand on one another. git itself makes chains of 50, and to read an object of a longer one it
// walks down all of it.
const maxChain = 1000

// weigh goes through a pack before git does, and refuses it where an object, or all of them, would be larger than the limits once they are
// unpacked: some MB of zeros may stand for as many GB, which index-pack would unpack and sum up for as long as it is let. It costs
// what it takes to inflate the pack, at most Limits.Total, and keeps no more than a place and a depth of each difference. named is how many
// differences say by id what they are to, which may be to each other: checkChains looks at those.
//
// What is damaged is left to index-pack, which says how.
func (in *incoming) weigh(pack io.Reader, objects int) (named int, err error) {
	limits := in.r.config.Limits
	p := &packReader{r: bufio.NewReaderSize(pack, 64<<10), width: len(in.c.Commit) / 2}
	if _, err := io.CopyN(io.Discard, p, packHead); err != nil {
		return 0, nil //nolint:nilerr // left to index-pack
	}
	tooLarge := func() error { return refused("unpacked it is larger than %d MB", limits.Total>>20) }
	var total, inflated int64
	depth := map[int64]int{}
	for range objects {
		e, err := p.next(limits.Total - inflated)
		switch {
		case err != nil:
			return named, nil //nolint:nilerr // left to index-pack
		case e.size > limits.Blob:
			return named, refused("a file is %d MB large, more than %d MB", e.size>>20, limits.Blob>>20)
		case e.over:
			return named, tooLarge()
		}
		inflated += e.inflated
		if total += e.size; total > limits.Total {
			return named, tooLarge()
		}
		if e.named {
			named++
		}
		if e.named || e.base != 0 {
			depth[e.at] = depth[e.base] + 1
		}
		if depth[e.at] > maxChain {
			return named, errChain()
		}
	}
	return named, nil
}

func errChain() error { return refused("an object stands on more than %d others", maxChain) }

// checkChains refuses differences by id that stand on too many others.
func (in *incoming) checkChains(ctx context.Context) error {
	base := make(map[string]string, len(in.own))
	err := in.r.run(ctx, in.at, ids(slices.Collect(maps.Keys(in.own))), func(out io.Reader) error {
		return eachLine(out, func(line string) error {
			if f := strings.Fields(line); len(f) == 2 && in.own[f[1]] {
				base[f[0]] = f[1]
			}
			return nil
		})
	}, "cat-file", "--batch-check=%(objectname) %(deltabase)", "--buffer")
	if err != nil {
		return fmt.Errorf("look at differences: %w", err)
	}
	depth := make(map[string]int, len(base))
	for id := range base {
		var chain []string
		for next := id; depth[next] == 0 && base[next] != ""; next = base[next] {
			if chain = append(chain, next); len(chain) > maxChain {
				return errChain()
			}
		}
		for _, id := range slices.Backward(chain) {
			if depth[id] = depth[base[id]] + 1; depth[id] > maxChain {
				return errChain()
			}
		}
	}
	return nil
}
