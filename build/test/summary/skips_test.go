package main

import (
	"os"
	"strings"
	"testing"
)

func TestSkips(t *testing.T) {
	list, err := parseSkips("# no test\nbackend TestA why not\nbackend/x TestB/* not everywhere\nbackend/y * short: takes long\nbackend/z TestC slow: takes longer\n")
	if err != nil || len(list) != 4 {
		t.Fatal(list, err)
	}
	for _, c := range []struct {
		outcome, pkg, test string
		out                leftOut
		want               bool
	}{
		{"a listed test may be skipped", "background-agents/backend", "TestA", leftOut{}, true},
		{"and so may its subtests", "background-agents/backend", "TestA/one/two", leftOut{}, true},
		{"another one may not", "background-agents/backend", "TestAB", leftOut{}, false},
		{"a subtest may, without its test", "background-agents/backend/x", "TestB/one", leftOut{}, true},
		{"and its test may not", "background-agents/backend/x", "TestB", leftOut{}, false},
		{"another package's may not", "background-agents/backend/x", "TestA", leftOut{}, false},
		{"what is short may in a short run", "background-agents/backend/y", "TestC", leftOut{short: true}, true},
		{"and in no other", "background-agents/backend/y", "TestC", leftOut{}, false},
		{"what is slow may in CI", "background-agents/backend/z", "TestC", leftOut{slow: true}, true},
		{"and not where slow tests run", "background-agents/backend/z", "TestC", leftOut{}, false},
	} {
		t.Run(c.outcome, func(t *testing.T) {
			if got := mayBeSkipped(list, c.pkg, c.test, c.out); got != c.want {
				t.Error(got)
			}
		})
	}
	if _, err := parseSkips("backend TestA\n"); err == nil {
		t.Error("a line without a reason is taken")
	}
}

// TestListedTestsExist finds lines that have outlived their test.
func TestListedTestsExist(t *testing.T) {
	text, err := os.ReadFile("../skips.txt")
	if err != nil {
		t.Fatal(err)
	}
	list, err := parseSkips(string(text))
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range list {
		name, _, _ := strings.Cut(a.test, "/")
		if name != "*" && !declared(t, "../../../"+a.pkg, "func "+name+"(") {
			t.Errorf("%s has no %s any more: remove its line from skips.txt", a.pkg, name)
		}
	}
}

func declared(t *testing.T, dir, text string) bool {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		b, err := os.ReadFile(dir + "/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(b), text) {
			return true
		}
	}
	return false
}
