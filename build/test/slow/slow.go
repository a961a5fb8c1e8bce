// Package slow marks tests that take longer than CI may.
package slow

import (
	"os"
	"testing"
)

// Test skips t but in `make check-all`, which sets BGA_SLOW. skips.txt lists each test that calls it.
func Test(t testing.TB) {
	t.Helper()
	if !all() {
		t.Skip("slow: make check-all runs it")
	}
}

// Of returns how many of something a test is to have: few in CI, many in `make check-all`.
func Of(few, many int) int {
	if all() {
		return many
	}
	return few
}

func all() bool { return os.Getenv("BGA_SLOW") != "" }
