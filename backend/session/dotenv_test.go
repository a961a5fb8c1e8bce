package session

import (
	"strings"
	"testing"
)

func TestDotenvIsReadAsItsReadersDo(t *testing.T) {
	for text, want := range map[string]string{
		"A=b":                          "A=b",
		"\uFEFFA=b\r\nC=d\r\n":         "A=b|C=d",
		"  export  A = b  ":            "A=b",
		"export\tA=b":                  "A=b",
		"exported=b":                   "exported=b",
		"export=b":                     "export=b",
		"# A=b\n\n A=b":                "A=b",
		"A=b#c":                        "A=b#c",
		"A=b #c":                       "A=b",
		"A=#c":                         "",
		"A='b #c' # note":              "A=b #c",
		`A='b\n"c"'`:                   `A=b\n"c"`,
		`A="b\n\"c\"\t\\n"`:            "A=b\n\"c\"\t\\n",
		"A=\"one\ntwo\n\"\nB=c":        "A=one\ntwo\n|B=c",
		"A=`b'\"c`":                    `A=b'"c`,
		"A=$B ${C}":                    "A=$B ${C}",
		"A=b=c==":                      "A=b=c==",
		"A=it's":                       "A=it's",
		"KEY='-----BEGIN\nabc\n-----'": "KEY=-----BEGIN\nabc\n-----",
	} {
		found, _ := parseDotenv(text)
		var got []string
		for _, a := range found {
			got = append(got, a.name+"="+a.value)
		}
		if strings.Join(got, "|") != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
}

func TestWhatIsNoSecretIsSkippedWithItsLineAndReason(t *testing.T) {
	for text, want := range map[string]Skipped{
		"A=b\nsk-live-0123":               {2, "", "The line has no = in it."},
		"\n1A=b":                          {2, "", "What stands before = is not a name."},
		"sk-live=0123":                    {1, "", "What stands before = is not a name."},
		"A=":                              {1, "A", "It has no value."},
		"A=''":                            {1, "A", "It has no value."},
		"A='b\nQUJD=\nC=d":                {1, "A", "The quote is not closed, so nothing after it was read."},
		"A=\"b\" c":                       {1, "A", "There is text after the closing quote."},
		"A=1\nA=2":                        {1, "A", "It is set again in line 2."},
		"A='" + long(200<<10):             {1, "A", "The quote is not closed within 128 KB, so nothing after it was read."},
		strings.Repeat("A", 65) + "=b":    {1, "", "What stands before = is not a name."},
		strings.Repeat("\n", 2e4) + "A=b": {20_001, "", "The text has more than 20,000 lines."},
	} {
		_, skipped := parseDotenv(text)
		if len(skipped) != 1 || skipped[0] != want {
			t.Errorf("%.40q skips %+v, want %+v", text, skipped, want)
		}
	}
}

func long(n int) string { return strings.Repeat("abc\n", n/4) }

func FuzzDotenv(f *testing.F) {
	for _, s := range []string{"A=b", "export A='b\nc' # d\nB=\"\\\"\"", "A=`\nB", "=\n==\nA=\n'", "A=b\nA=c"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		found, skipped := parseDotenv(text)
		lines := strings.Count(text, "\n") + 1
		names, at := map[string]bool{}, map[int]bool{}
		for _, a := range found {
			if names[a.name] || at[a.line] || a.value == "" || !secretName.MatchString(a.name) || a.line < 1 || a.line > lines {
				t.Errorf("%q gives %+v", text, a)
			}
			names[a.name], at[a.line] = true, true
		}
		for _, s := range skipped {
			if at[s.Line] || s.Line < 1 || s.Line > lines || s.Reason == "" || s.Name != "" && !secretName.MatchString(s.Name) {
				t.Errorf("%q skips %+v", text, s)
			}
			at[s.Line] = true
		}
		// What was read is read again when it is written plainly.
		for _, a := range found {
			if strings.ContainsAny(a.value, "'\r") {
				continue
			}
			again, _ := parseDotenv(a.name + "='" + a.value + "'")
			if len(again) != 1 || again[0].value != a.value {
				t.Errorf("%q comes back as %+v", a.value, again)
			}
		}
	})
}
