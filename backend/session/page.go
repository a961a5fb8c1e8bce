package session

import (
	"context"
	"iter"
	"slices"
)

// Bounds of one page of items: how many there are at most, and where their size together ends it. Each may be as large as
// MaxItemText, so a page that had its number only could hold hundreds of megabytes.
const (
	maxPage   = 1000
	MaxPageOf = 4 << 20 // bytes
)

// step is how many items Backward reads at once.
const step = 50

// pages is who has transcripts to read.
type pages interface {
	Items(ctx context.Context, id ID, from uint64, limit int) ([]Item, error)
}

// Backward goes through the last n of a session's items, the newest first. The session says where they end; what came
// since then is among them.
func Backward(ctx context.Context, r pages, s Session, n uint64) iter.Seq2[Item, error] {
	return func(yield func(Item, error) bool) {
		first := uint64(1)
		if s.Items > n {
			first = s.Items - n + 1
		}
		for from, to := s.Items+1, ^uint64(0); to > first; to = from {
			from = max(first, from-min(from, step))
			items, err := between(ctx, r, s.ID, from, to)
			if err != nil {
				yield(Item{}, err)
				return
			}
			for _, it := range slices.Backward(items) {
				if !yield(it, nil) {
					return
				}
			}
		}
	}
}

// between reads the items from one place to before another.
func between(ctx context.Context, r pages, id ID, from, to uint64) (items []Item, err error) {
	for from < to {
		page, err := r.Items(ctx, id, from, int(min(to-from, maxPage)))
		if err != nil || len(page) == 0 {
			return items, err
		}
		items = append(items, page...)
		from = page[len(page)-1].Seq + 1
	}
	return items, nil
}
