// Package slow marks tests that take longer than CI may.
package slow

import (
	"os"
	"testing"
)

// Test skips t but in `make check-all`, which sets BGA_SLOW. skips.txt lists each test that calls it.
func Test(t testing.TB) {
	t.Helper()
	if os.Getenv("BGA_SLOW") == "" {
		t.Skip("slow: make check-all runs it")
	}
}
