package logfile

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func sizes(t *testing.T, dir string) (all int64, of map[string]int64) {
	t.Helper()
	found, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	of = map[string]int64{}
	for _, e := range found {
		st, err := e.Info()
		if err != nil {
			t.Fatal(err)
		}
		all += st.Size()
		of[strings.TrimSuffix(e.Name(), ".1")] += st.Size()
	}
	return all, of
}

// 200 MB are written, by many sandboxes and by one.
func TestAFloodStaysWithinBounds(t *testing.T) {
	for _, sandboxes := range []int{1, 3, 40} {
		dir := t.TempDir()
		l, err := Open(dir)
		if err != nil {
			t.Fatal(err)
		}
		chunk := append(bytes.Repeat([]byte("x"), 8<<10-1), '\n')
		for n := range 200 << 20 / len(chunk) {
			if _, err := l.Write(fmt.Sprintf("session-%d.log", n%sandboxes), chunk); err != nil {
				t.Fatal(err)
			}
			if n%2000 != 0 {
				continue
			}
			all, of := sizes(t, dir)
			for name, size := range of {
				if size > MaxFile {
					t.Fatalf("%s has %d bytes", name, size)
				}
			}
			if all > MaxTotal {
				t.Fatalf("all have %d bytes", all)
			}
		}
		if _, err := l.Write("session-0.log", []byte("the last line\n")); err != nil {
			t.Fatal(err)
		}
		if all, _ := sizes(t, dir); all != l.total {
			t.Errorf("%d bytes are counted, %d are there", l.total, all)
		}
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		last, err := os.ReadFile(filepath.Join(dir, "session-0.log"))
		if err != nil || !bytes.HasSuffix(last, []byte("the last line\n")) {
			t.Errorf("the last line is not there: %v", err)
		}
	}
}

func TestWhatIsThereCounts(t *testing.T) {
	dir := t.TempDir()
	for i := range 30 {
		name := filepath.Join(dir, fmt.Sprintf("session-%d.log", i))
		if err := os.WriteFile(name, make([]byte, 4<<20), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "other.txt"), []byte("not ours"), 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if all, of := sizes(t, dir); all > MaxTotal+100 || of["other.txt"] == 0 {
		t.Errorf("%d bytes are there, other.txt has %d", all, of["other.txt"])
	}
}

func TestALinkIsNotFollowed(t *testing.T) {
	dir, outside := t.TempDir(), filepath.Join(t.TempDir(), "profile")
	if err := os.WriteFile(outside, []byte("theirs"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(outside, filepath.Join(dir, "backend.log")); err != nil {
		t.Skip(err)
	}
	l, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if _, err := l.Write("backend.log", []byte("line\n")); err == nil {
		t.Error("it is written to")
	}
	if text, err := os.ReadFile(outside); err != nil || string(text) != "theirs" {
		t.Errorf("%q %v", text, err)
	}
	for _, name := range []string{"../x.log", "x", "x.log.1"} {
		if _, err := l.Write(name, []byte("line\n")); err == nil {
			t.Errorf("%s is written", name)
		}
	}
}
