package projectconfig

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode"
)

// bombs are files that would cost a careless parser its memory, or show something else than they do.
func bombs() map[string]string {
	laughs := "a: &a [x,x,x,x,x,x,x,x,x]\n"
	for c := 'b'; c <= 'i'; c++ {
		laughs += fmt.Sprintf("%c: &%c [%s]\n", c, c, strings.TrimSuffix(strings.Repeat("*"+string(c-1)+",", 9), ","))
	}
	return map[string]string{
		"a billion laughs":       laughs,
		"an alias of itself":     "setup: &a [*a]\n",
		"deep lists":             "setup: " + strings.Repeat("[", 9000) + strings.Repeat("]", 9000),
		"deep mappings":          "setup: " + strings.Repeat("{a: ", 9000),
		"more than 64 KB":        "setup: " + strings.Repeat("x", MaxFile),
		"a command of 10 KB":     "setup: " + strings.Repeat("x", 10<<10),
		"21 commands":            "setup: [" + strings.Repeat("x,", 21) + "]",
		"101 variables":          "environment:\n  variables:\n" + numbered("    V%d: x\n", 101),
		"a variable of 5 KB":     "environment: {variables: {A: " + strings.Repeat("x", 5<<10) + "}}",
		"201 packages":           "environment:\n  packages:\n" + numbered("    - p%d\n", 201),
		"41 tools":               "environment:\n  tools:\n" + numbered("    t%d: 1\n", 41),
		"5,000 unknown keys":     numbered("k%d: x\n", 5000),
		"UTF-16":                 "\xff\xfes\x00e\x00t\x00u\x00p\x00",
		"no UTF-8":               "setup: \xc3\x28",
		"a zero byte":            "setup: \"a\\0b\"",
		"an escape sequence":     "setup: \"echo \\e[2K\\rharmless\"",
		"a carriage return":      "setup: \"evil\\rharmless\"",
		"right to left":          "setup: \"echo \\u202Egpj.x\"",
		"an invisible character": "setup: \"ec\\u200Bho\"",
		"a tag character":        "setup: \"echo \\U000E0041\"",
		"a line separator":       "setup: \"a\\u2028b\"",
		"a key with a sequence":  "\"\\e[31mred\": x",
		"a variable of git":      "environment: {variables: {git_ssh_command: evil}}",
		"a variable of a proxy":  "environment: {variables: {MY_PROXY: x}}",
		"a certificate":          "environment: {variables: {node_extra_ca_certs: x}}",
		"the model's address":    "environment: {variables: {ANTHROPIC_BASE_URL: 'https://evil.example'}}",
		"a key":                  "environment: {variables: {OPENAI_API_KEY: x}}",
		"the shell's start":      "environment: {variables: {BASH_ENV: x}}",
		"node's options":         "environment: {variables: {NODE_OPTIONS: x}}",
		"our own":                "environment: {variables: {BGA_HOME: x}}",
		"a function of bash":     "environment: {variables: {'BASH_FUNC_ls%%': '() { evil; }'}}",
		"a second line":          "environment: {variables: {A: \"b\\nLD_PRELOAD=x\"}}",
	}
}

func numbered(format string, n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

func TestHostileFilesAreRefused(t *testing.T) {
	for name, text := range bombs() {
		t.Run(name, func(t *testing.T) {
			begun := time.Now()
			f := Parse([]byte(text))
			if took := time.Since(begun); took > 2*time.Second {
				t.Errorf("took %v", took)
			}
			check(t, f)
			if len(f.Problems) == 0 {
				t.Fatalf("accepted: %+v", f)
			}
		})
	}
}

// check says what is so of any file.
func check(t *testing.T, f File) {
	t.Helper()
	if len(f.Problems) > MaxProblems {
		t.Errorf("%d problems", len(f.Problems))
	}
	for _, p := range f.Problems {
		if p.Text == "" || len(p.Text) > 600 || strings.ContainsFunc(p.Text,
			func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("a problem is %q", p.Text)
		}
	}
	for _, c := range f.Commands() {
		for _, line := range c.Lines {
			if strings.ContainsFunc(line, func(r rune) bool { return !unicode.IsPrint(r) && r != '\n' && r != '\t' }) {
				t.Errorf("a command is %q", line)
			}
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(whole))
	for name, text := range bombs() {
		if !strings.HasPrefix(name, "deep") {
			f.Add([]byte(text))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) { check(t, Parse(data)) })
}
