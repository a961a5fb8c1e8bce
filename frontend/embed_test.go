package frontend

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// literal is a text that is long enough to be found in one place only, without what the bundler would write differently.
var literal = regexp.MustCompile(`'([^'\\\n]{24,})'`)

// TestPageHasNoMadeUpBackend looks for the texts of src/backend/fake in the built page.
func TestPageHasNoMadeUpBackend(t *testing.T) {
	page := built(t)
	fakes, err := filepath.Glob("src/backend/fake/*.ts")
	if err != nil || len(fakes) < 3 {
		t.Fatalf("the made-up backend isn't in src/backend/fake: %v, %v", fakes, err)
	}
	var texts, found int
	for _, path := range fakes {
		source, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range literal.FindAllSubmatch(source, -1) {
			if texts++; bytes.Contains(page, m[1]) && !elsewhere(t, m[1]) {
				found++
				t.Errorf("the built page contains %q of %s", m[1], path)
			}
		}
	}
	if texts < 100 {
		t.Errorf("only %d texts were looked for", texts)
	}
}

// built returns all that the built page consists of.
func built(t *testing.T) []byte {
	t.Helper()
	if _, err := fs.Stat(Dist, "dist/index.html"); err != nil {
		t.Skip("the page is not built: run `make build`")
	}
	var all []byte
	err := fs.WalkDir(Dist, "dist", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(Dist, path)
		all = append(all, b...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// elsewhere reports whether the page's own source has the text, too.
func elsewhere(t *testing.T, text []byte) (found bool) {
	t.Helper()
	err := filepath.WalkDir("src", func(path string, d fs.DirEntry, err error) error {
		if err != nil || found {
			return err
		}
		if d.IsDir() {
			if filepath.Base(path) == "fake" {
				return fs.SkipDir
			}
			return nil
		}
		b, err := os.ReadFile(path)
		found = bytes.Contains(b, text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
