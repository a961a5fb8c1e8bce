package gitrepo

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"background-agents/backend/session"
)

// benchFiles is the size of the repository that benchmarks run on.
const benchFiles = 20_000

func manyFiles(n int) map[string]string {
	rng := rand.New(rand.NewPCG(1, 2))
	files := map[string]string{}
	for i := range n {
		var b strings.Builder
		for range 20 + rng.IntN(80) {
			fmt.Fprintf(&b, "line %x\n", rng.Uint64())
		}
		files[fmt.Sprintf("dir%d/sub%d/file%d.txt", i%50, i%400, i)] = b.String()
	}
	return files
}

// newLargeWorld has its objects in packs, as a repository that was cloned has.
func newLargeWorld(b *testing.B) *world {
	b.Helper()
	w := newWorld(b, manyFiles(benchFiles))
	git(b, w.repo, "repack", "-adq")
	return w
}

// changeSome changes n files of the agent's, each by appending.
func changeSome(w *world, n, round int) {
	rng := rand.New(rand.NewPCG(uint64(round), 3))
	files := map[string]string{}
	for range n {
		i := rng.IntN(benchFiles)
		files[fmt.Sprintf("dir%d/sub%d/file%d.txt", i%50, i%400, i)] = strings.Repeat(fmt.Sprint("changed ", round, "\n"), 30)
	}
	write(w, w.agent, files)
}

func BenchmarkPublish(b *testing.B) {
	w := newLargeWorld(b)
	changeSome(w, 100, 1)
	v := w.turn(1)
	round := 0
	b.Run("first/plain git worktree add", func(b *testing.B) {
		for b.Loop() {
			round++
			git(b, w.repo, "worktree", "add", "-q", "-b", fmt.Sprint("plain", round), filepath.Join(w.TempDir(), "plain"))
		}
	})
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			round++
			s := w.session
			s.Branch = fmt.Sprint("agents/bench", round)
			b.StopTimer()
			if err := w.Forget(w.ctx, w.project, s, true); err != nil {
				b.Fatal(err)
			}
			if v = w.turn(1); v.Files == "" {
				b.Fatal("no result")
			}
			b.StartTimer()
			if _, err := w.Publish(w.ctx, w.project, s, v); err != nil {
				b.Fatal(err)
			}
			w.session.Branch = s.Branch
		}
	})
	plain := filepath.Join(w.TempDir(), "plain")
	git(b, w.repo, "worktree", "add", "-q", "-b", "plain-update", plain)
	b.Run("update/plain git reset --hard", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			round++
			changeSome(w, 100, round)
			w.turn(round)
			git(b, plain, "fetch", "-q", w.quarantineDir(w.project.ID), "+refs/sessions/*:refs/plain/*")
			b.StartTimer()
			git(b, plain, "reset", "-q", "--hard", fmt.Sprintf("refs/plain/sess0001/turn/%d/files", round))
			git(b, plain, "status", "--porcelain")
		}
	})
	b.Run("update", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			round++
			changeSome(w, 100, round)
			v := w.turn(round)
			b.StartTimer()
			if _, err := w.Publish(w.ctx, w.project, w.session, v); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("receive", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			round++
			changeSome(w, 100, round)
			c := w.checkpoint()
			bundle := w.bundle(c)
			b.StartTimer()
			if _, err := w.Receive(w.ctx, w.project, w.session, round, c, bytes.NewReader(bundle)); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("edits", func(b *testing.B) {
		for b.Loop() {
			if edits, err := w.Edits(w.ctx, w.project, w.session); err != nil || len(edits) > 0 {
				b.Fatal(edits, err)
			}
		}
	})
	b.Run("inspect", func(b *testing.B) {
		for b.Loop() {
			if _, err := w.Inspect(w.ctx, w.repo); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkDiff compares 5,000 changed files with 300,000 changed lines.
func BenchmarkDiff(b *testing.B) {
	w := newLargeWorld(b)
	files := map[string]string{}
	for i := range 5000 {
		files[fmt.Sprintf("dir%d/sub%d/file%d.txt", i%50, i%400, i)] = strings.Repeat(fmt.Sprint("changed ", i, "\n"), 30)
	}
	write(b, w.agent, files)
	v := w.turn(1)
	q := w.quarantineDir(w.project.ID)
	b.Run("plain git diff --raw --numstat", func(b *testing.B) {
		for b.Loop() {
			git(b, q, "diff", "--raw", "--numstat", w.base, v.Files)
		}
	})
	b.Run("list", func(b *testing.B) {
		for b.Loop() {
			if list, err := w.Diff(w.ctx, w.project, w.session, session.Range{}); err != nil || len(list) != 5000 {
				b.Fatal(len(list), err)
			}
		}
	})
	b.Run("one file", func(b *testing.B) {
		for b.Loop() {
			if _, err := w.Patch(w.ctx, w.project, w.session, session.Range{}, "dir1/sub1/file1.txt", session.PatchOptions{Context: 3}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
