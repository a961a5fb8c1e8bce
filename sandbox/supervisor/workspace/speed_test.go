package workspace

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// BenchmarkCheckpoint: 20,000 files, 100 of them changed each time, beside what the same costs with `git add -A` and
// `git write-tree` on a copy of the agent's index.
func BenchmarkCheckpoint(b *testing.B) {
	const files = 20000
	m := map[string]string{}
	for i := range files {
		m[fmt.Sprintf("dir%d/sub%d/file%d.txt", i%50, i%400, i)] = fmt.Sprintf("content %d\nmore\n", i)
	}
	f := clone(b, m)
	change := func(n int) {
		for i := range 100 {
			p := filepath.Join(f.Dir, fmt.Sprintf("dir%d/sub%d/file%d.txt", i%50, i%400, i))
			if err := os.WriteFile(p, fmt.Appendf(nil, "round %d of %d\n", n, i), 0o644); err != nil {
				b.Fatal(err)
			}
		}
	}
	var ours, floor time.Duration
	for n := range b.N {
		change(2 * n)
		begun := time.Now()
		if _, err := f.Checkpoint(context.Background()); err != nil {
			b.Fatal(err)
		}
		ours += time.Since(begun)
		change(2*n + 1)
		begun = time.Now()
		f.sh(f.Dir, "cp -p .git/index ../floor.index; export GIT_INDEX_FILE=$PWD/../floor.index; git add -A; git write-tree")
		floor += time.Since(begun)
	}
	b.ReportMetric(float64(ours.Milliseconds())/float64(b.N), "ms/checkpoint")
	b.ReportMetric(float64(floor.Milliseconds())/float64(b.N), "ms/floor")
	b.ReportMetric(ours.Seconds()/floor.Seconds(), "ratio")
}
