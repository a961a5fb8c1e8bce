package environment

import (
	"strings"
	"testing"
)

// taken are the versions of a list that fit.
func taken(f fits, versions string) string {
	if f == nil {
		return "unreadable"
	}
	var all []string
	for _, text := range strings.Fields(versions) {
		if f(version{text, numbers(text)}) {
			all = append(all, text)
		}
	}
	return strings.Join(all, " ")
}

func TestRangesOfEachEcosystem(t *testing.T) {
	for _, c := range []struct{ kind, text, versions, want string }{
		{"npm", ">=18", "17.9.1 18.0.0 24.1.0", "18.0.0 24.1.0"},
		{"npm", "^20.9.0", "20.8.0 20.9.0 20.19.1 21.0.0", "20.9.0 20.19.1"},
		{"npm", "~20.9.0", "20.9.4 20.10.0", "20.9.4"},
		{"npm", "20.x", "19.1.0 20.10.0 21.0.0", "20.10.0"},
		{"npm", "20", "20.10.0 21.0.0", "20.10.0"},
		{"npm", ">= 18 < 23", "17.0.0 18.1.0 22.9.0 23.0.0", "18.1.0 22.9.0"},
		{"npm", "18 - 20", "17.0.0 18.1.0 20.3.0 21.0.0", "18.1.0 20.3.0"},
		{"npm", "^18 || >=22", "18.2.0 20.0.0 22.1.0 24.0.0", "18.2.0 22.1.0 24.0.0"},
		{"npm", "please use pnpm", "1.0.0", "unreadable"},
		{"python", ">=3.9,<4", "3.8.1 3.9.0 3.14.1 4.0.0", "3.9.0 3.14.1"},
		{"python", "~=3.9", "3.8.1 3.9.1 3.14.0 4.0.0", "3.9.1 3.14.0"},
		{"python", "~=3.9.2", "3.9.1 3.9.3 3.10.0", "3.9.3"},
		{"python", "==3.11.*", "3.10.1 3.11.0 3.11.9", "3.11.0 3.11.9"},
		{"python", "!=3.12.*,>=3.11", "3.11.1 3.12.5 3.13.0", "3.11.1 3.13.0"},
		{"python", ">3.8", "3.8.0 3.8.1 3.9.0", "3.8.1 3.9.0"},
		{"python", "<=3.11", "3.10.5 3.11.0 3.11.2", "3.10.5 3.11.0"},
		{"python", "^3.11", "3.10.9 3.11.0 3.14.0 4.0.0", "3.11.0 3.14.0"},
		{"python", ">=3.9 and more", "3.9.0", "unreadable"},
		{"ruby", "~> 3.2", "3.1.0 3.2.1 3.4.0 4.0.0", "3.2.1 3.4.0"},
		{"ruby", "~> 3.2.0", "3.2.9 3.3.0", "3.2.9"},
		{"ruby", ">= 2.7, < 3.3", "2.6.0 2.7.8 3.2.9 3.3.0", "2.7.8 3.2.9"},
		{"ruby", "~> 3", "2.7.0 3.0.0 3.4.1 4.0.0", "3.0.0 3.4.1"},
		{"composer", "^8.2", "8.1.9 8.2.0 8.4.1 9.0.0", "8.2.0 8.4.1"},
		{"composer", "~8.2", "8.1.9 8.2.0 8.4.1 9.0.0", "8.2.0 8.4.1"},
		{"composer", "~8.2.1", "8.2.0 8.2.4 8.3.0", "8.2.4"},
		{"composer", "8.1.* | 8.3.*", "8.1.2 8.2.0 8.3.1", "8.1.2 8.3.1"},
		{"composer", ">=7.4 <8.3", "7.3.0 8.2.9 8.3.0", "8.2.9"},
		{"composer", "8.1 - 8.3", "8.0.0 8.3.7 8.4.0", "8.3.7"},
		{"composer", "*", "5.6.0", "5.6.0"},
		{"minimum", "1.24.4", "1.24.3 1.24.4 1.25.0 2.0.0", "1.24.4 1.25.0 2.0.0"},
		{"minimum", "1.21rc1", "1.20.9 1.21.0", "1.21.0"},
		{"minimum", "new", "1.0", "unreadable"},
		{"pin", "24", "24.0.0 24.9.1 2.4.0 25.0.0", "24.0.0 24.9.1"},
		{"pin", "v24.x", "24.9.1 25.0.0", "24.9.1"},
		{"pin", "3.1", "3.1.7 3.10.1 3.11.0", "3.1.7"},
		{"pin", "v20.1.0", "20.1.0 20.1.1", "20.1.0"},
		{"pin", "1.0.0", "1", "1"},
		{"pin", "1.25.0-rc.1", "1.25.0 1.25.0-rc.1", "1.25.0-rc.1"},
		{"pin", "$(curl x)", "1.0.0", "unreadable"},
	} {
		read := map[string]func(string) fits{"npm": npmRange, "minimum": atLeast, "pin": lineFits, "composer": composerRange,
			"python": func(s string) fits { return specifiers(s, "~=") },
			"ruby":   func(s string) fits { return specifiers(s, "~>") }}[c.kind]
		if got := taken(read(c.text), c.versions); got != c.want {
			t.Errorf("%s %q takes %q, want %q", c.kind, c.text, got, c.want)
		}
	}
}

func TestLinesOfKeys(t *testing.T) {
	json := parseJSON([]byte("{\n\"a\": [{\"b\": 1}, 2],\n\"engines\":\n{ \"x\": {},\n\"node\": \"1\" }}"))
	toml := parseTOML([]byte("top = '''\n'''\n[a.\"b.c\"]\nd = 1\ne.f = {g = 2}\n\n[[h]]\ni = 1\n"))
	for _, c := range []struct {
		doc  document
		keys string
		want int
	}{
		{json, "a", 2}, {json, "engines", 3}, {json, "engines x", 4}, {json, "engines node", 5}, {json, "none", 0},
		{json, "engines none", 3}, {toml, "top", 1}, {toml, "a b.c", 3}, {toml, "a b.c d", 4}, {toml, "a b.c e f", 5},
		{toml, "a b.c e f g", 5}, {toml, "h i", 8},
	} {
		if got := c.doc.line(strings.Fields(c.keys)...); got != c.want {
			t.Errorf("%s is in line %d, want %d", c.keys, got, c.want)
		}
	}
}
