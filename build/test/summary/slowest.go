package main

import (
	"cmp"
	"fmt"
	"slices"
)

// A timed test is one of those that decide how long a run takes.
type timed struct {
	name    string
	seconds float64
}

// slowest prints the n tests that took longest.
func slowest(all []timed, n int) {
	slices.SortFunc(all, func(a, b timed) int { return cmp.Compare(b.seconds, a.seconds) })
	fmt.Println("the slowest tests:")
	for _, t := range all[:min(n, len(all))] {
		fmt.Printf("  %6.1f s  %s\n", t.seconds, t.name)
	}
}
