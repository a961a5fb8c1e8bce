package environment

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/Masterminds/semver/v3"
)

// npmRange reads a range as npm does, such as "^20.9 || >=22". It is nil where the text is no range.
func npmRange(text string) fits {
	text = strings.TrimSpace(text)
	if text == "" || len(text) > maxRange {
		return nil
	}
	c, err := semver.NewConstraint(text)
	if err != nil {
		return nil
	}
	return func(v version) bool { return c.Check(v.semver()) }
}

var term = regexp.MustCompile(`(~>|~=|===?|!=|<=|>=|<|>|\^|~|=)?\s*v?(\d{1,6}(?:\.\d{1,6}){0,3})((?:\.[*x]){0,2})`)

// specifiers reads a range of Python (PEP 440), Poetry, RubyGems or Composer. The approximate operator of that
// ecosystem, such as ~= or ~>, lets the last number that is written grow. It is nil where the text is no range.
func specifiers(text, approximate string) fits {
	if len(text) > maxRange {
		return nil
	}
	var alternatives []string
	for _, part := range strings.Split(strings.ReplaceAll(text, "||", "|"), "|") {
		if strings.TrimSpace(part) == "*" {
			return func(version) bool { return true }
		}
		terms := term.FindAllStringSubmatch(part, -1)
		if len(terms) == 0 || strings.Trim(term.ReplaceAllString(part, ""), " ,\t") != "" {
			return nil
		}
		var all []string
		for _, m := range terms {
			all = append(all, translate(m[1], m[2], m[3] != "", approximate))
		}
		alternatives = append(alternatives, strings.Join(all, ", "))
	}
	return npmRange(strings.Join(alternatives, " || "))
}

func translate(op, number string, wild bool, approximate string) string {
	n := strings.Split(number, ".")
	switch {
	case op == approximate:
		up := numbers(strings.Join(n[:max(len(n)-1, 1)], "."))
		up[len(up)-1]++
		var next []string
		for _, i := range up {
			next = append(next, fmt.Sprint(i))
		}
		return ">=" + three(n) + ", <" + three(next)
	case op == "" || op == "=" || op == "==" || op == "===":
		return "=" + wildcard(n)
	case op == "!=" && wild:
		return "!=" + wildcard(n)
	case op == "^" || op == "~":
		return op + strings.Join(n[:min(len(n), 3)], ".")
	}
	return op + three(n) // >3.8 is true of 3.8.1
}

// three fills a number up: 3.9 is 3.9.0.
func three(n []string) string {
	for len(n) < 3 {
		n = append(n[:len(n):len(n)], "0")
	}
	return strings.Join(n[:3], ".")
}

// wildcard is every version that begins so: 3.9 is 3.9.x.
func wildcard(n []string) string {
	if len(n) >= 3 {
		return strings.Join(n[:3], ".")
	}
	return strings.Join(n, ".") + ".x"
}
