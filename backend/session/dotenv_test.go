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
		if got := read(t, text); got != want {
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
		_, skipped, err := ParseDotenv([]byte(text))
		if err != nil || len(skipped) != 1 || skipped[0] != want {
			t.Errorf("%.40q skips %+v, want %+v", text, skipped, want)
		}
	}
}

func read(t *testing.T, text string) string {
	found, _, err := ParseDotenv([]byte(text))
	if err != nil {
		t.Errorf("%q: %v", text, err)
	}
	var got []string
	for _, a := range found {
		got = append(got, a.Name+"="+a.Value.Reveal())
	}
	return strings.Join(got, "|")
}

func long(n int) string { return strings.Repeat("abc\n", n/4) }

func FuzzDotenv(f *testing.F) {
	for _, s := range []string{"A=b", "export A='b\nc' # d\nB=\"\\\"\"", "A=`\nB", "=\n==\nA=\n'", "A=b\nA=c"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		found, skipped, err := ParseDotenv([]byte(text))
		if err != nil {
			return
		}
		text, _ = DotenvText([]byte(text))
		lines := strings.Count(newlines.Replace(text), "\n") + 1
		names, at := map[string]bool{}, map[int]bool{}
		for _, a := range found {
			if names[a.Name] || at[a.Line] || a.Value.Empty() || !secretName.MatchString(a.Name) || a.Line < 1 || a.Line > lines {
				t.Errorf("%q gives %+v", text, a)
			}
			names[a.Name], at[a.Line] = true, true
		}
		for _, s := range skipped {
			if at[s.Line] || s.Line < 1 || s.Line > lines || s.Reason == "" || s.Name != "" && !secretName.MatchString(s.Name) {
				t.Errorf("%q skips %+v", text, s)
			}
			at[s.Line] = true
		}
		// What was read is read again when it is written plainly.
		for _, a := range found {
			if strings.ContainsAny(a.Value.Reveal(), "'\x00") {
				continue
			}
			again, _, err := ParseDotenv([]byte(a.Name + "='" + a.Value.Reveal() + "'"))
			want := newlines.Replace(a.Value.Reveal()) // "\r" writes one
			if err != nil || len(again) != 1 || again[0].Value.Reveal() != want {
				t.Errorf("%q comes back as %+v", want, again)
			}
		}
	})
}
