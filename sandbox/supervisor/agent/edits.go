package agent

import "strings"

// maxCompared bounds the work of comparing two texts: the product of their differing lines.
const maxCompared = 4 << 20

// countChanges counts the lines that were added and removed between two texts, as a diff would show them. Where too much
// differs, all that differs counts as replaced.
func countChanges(old, new string) (added, removed int) {
	a, b := splitLines(old), splitLines(new)
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	if len(a) == 0 || len(b) == 0 || len(a) > maxCompared/len(b) {
		return len(b), len(a)
	}
	same := common(a, b)
	return len(b) - same, len(a) - same
}

// common returns the length of the longest common subsequence of two lists of lines.
func common(a, b []string) int {
	row := make([]int, len(b)+1)
	for _, x := range a {
		diagonal := 0
		for j, y := range b {
			above := row[j+1]
			if x == y {
				row[j+1] = diagonal + 1
			} else {
				row[j+1] = max(above, row[j])
			}
			diagonal = above
		}
	}
	return row[len(b)]
}

func splitLines(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(s, "\n"), "\n")
}
