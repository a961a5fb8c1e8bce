package toolbox

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"background-agents/sandbox/wire"
)

// item is one entry of an archive that a test makes.
type item struct {
	name, text string
	kind       byte // of tar; 0 is a file
	mode       int64
	target     string
}

func tarball(t *testing.T, items ...item) []byte {
	t.Helper()
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, i := range items {
		h := &tar.Header{Name: i.name, Typeflag: i.kind, Mode: i.mode, Size: int64(len(i.text)), Linkname: i.target}
		if i.kind == 0 {
			h.Typeflag = tar.TypeReg
		}
		if err := w.WriteHeader(h); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(i.text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func tarGz(t *testing.T, items ...item) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(tarball(t, items...)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zipped(t *testing.T, items ...item) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, i := range items {
		f, err := w.Create(i.name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(i.text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// stream is what the host sends for archives of these parts.
func stream(t *testing.T, parts []wire.ToolArchive, bodies ...[]byte) *bytes.Buffer {
	t.Helper()
	for i := range parts {
		parts[i].Size = int64(len(bodies[i]))
	}
	head, err := json.Marshal(wire.ToolArchives{Digest: "sha256:abc", Parts: parts})
	if err != nil {
		t.Fatal(err)
	}
	return bytes.NewBuffer(append(append(head, '\n'), bytes.Join(bodies, nil)...))
}

func TestArchivesOfEachFormatAreUnpacked(t *testing.T) {
	goods := []item{{name: "tool-1.2/bin/tool", text: "#!/bin/sh\n"}, {name: "tool-1.2/lib/data", text: "data"}}
	xz := exec.Command("xz", "--stdout")
	xz.Stdin = bytes.NewReader(tarball(t, goods...))
	packed, err := xz.Output()
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		part wire.ToolArchive
		body []byte
	}{
		"tar.gz":         {wire.ToolArchive{Format: "tar.gz", Strip: 1}, tarGz(t, goods...)},
		"tar.xz":         {wire.ToolArchive{Format: "tar.xz", Strip: 1}, packed},
		"zip":            {wire.ToolArchive{Format: "zip", Strip: 1}, zipped(t, goods...)},
		"shared folders": {wire.ToolArchive{Format: "tar.gz", Strip: -1}, tarGz(t, goods...)},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.WriteFile(filepath.Join(dir, "left by another fill"), nil, 0o600); err != nil {
				t.Fatal(err)
			}
			c.part.Executables = []string{"bin/*"}
			c.part.Links = map[string]string{"bin/t": "bin/tool"}
			digest, err := Fill(dir, stream(t, []wire.ToolArchive{c.part}, c.body))
			if err != nil || digest != "sha256:abc" {
				t.Fatal(digest, err)
			}
			if got := listed(t, dir); got != ".sealed -rw-r--r--, bin/t -> tool, bin/tool -rwxr-xr-x, lib/data -rw-r--r--" {
				t.Error(got)
			}
		})
	}
}

// listed is all that a folder holds, with modes.
func listed(t *testing.T, dir string) string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(dir, func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		if target, err := os.Readlink(name); err == nil {
			all = append(all, rel+" -> "+target)
			return nil
		}
		all = append(all, rel+" "+info.Mode().String())
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, ", ")
}

func TestSeveralArchivesMakeOneTool(t *testing.T) {
	dir := t.TempDir()
	body := stream(t, []wire.ToolArchive{
		{Format: "tar.gz", Strip: 1, Into: "rust"}, {Format: "file", Name: "bin/single"},
	}, tarGz(t, item{name: "./x/", kind: tar.TypeDir}, item{name: "./x/a", text: "a", mode: 0o4755}, item{name: "./x/b", kind: tar.TypeLink, target: "./x/a", mode: 0o644},
		item{name: "x/c", kind: tar.TypeSymlink, target: "a"}), []byte("#!/bin/sh\n"))
	if _, err := Fill(dir, body); err != nil {
		t.Fatal(err)
	}
	if got := listed(t, dir); got != ".sealed -rw-r--r--, bin/single -rwxr-xr-x, rust/a -rwxr-xr-x, rust/b -rw-r--r--, rust/c -> a" {
		t.Error(got) // without the bit that changes who runs it
	}
}

func TestAnArchiveStaysInItsFolder(t *testing.T) {
	for name, items := range map[string][]item{
		"a path above":              {{name: "../out", text: "x"}},
		"a path above within":       {{name: "a/../../out", text: "x"}},
		"an absolute path":          {{name: "/out", text: "x"}},
		"an absolute link":          {{name: "l", kind: tar.TypeSymlink, target: "/etc"}},
		"a link above":              {{name: "a/l", kind: tar.TypeSymlink, target: "../../x"}},
		"a file through links":      {{name: "a", kind: tar.TypeSymlink, target: "b/.."}, {name: "b", kind: tar.TypeSymlink, target: ".."}, {name: "a/out", text: "x"}},
		"a hard link above":         {{name: "h", kind: tar.TypeLink, target: "../../etc/passwd"}},
		"a device":                  {{name: "d", kind: tar.TypeChar}},
		"a pipe":                    {{name: "p", kind: tar.TypeFifo}},
		"the seal":                  {{name: ".sealed", text: "sha256:abc"}},
		"a folder where a file was": {{name: "f", text: "x"}, {name: "f/g", text: "x"}},
	} {
		t.Run(name, func(t *testing.T) {
			above := t.TempDir()
			dir := filepath.Join(above, "tool")
			if err := os.Mkdir(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			_, err := Fill(dir, stream(t, []wire.ToolArchive{{Format: "tar.gz"}}, tarGz(t, items...)))
			if err == nil {
				t.Error("it is unpacked")
			}
			if got := listed(t, above); strings.Contains(got, "out") || name != "the seal" && strings.Contains(got, wire.ToolSeal) {
				t.Error(got)
			}
		})
	}
	for name, part := range map[string]wire.ToolArchive{
		"its folder":      {Format: "file", Name: "x", Into: "../y"},
		"its name":        {Format: "file", Name: "../x"},
		"a layout's link": {Format: "file", Name: "x", Links: map[string]string{"l": "../../x"}},
		"its format":      {Format: "rar"},
	} {
		if _, err := Fill(t.TempDir(), stream(t, []wire.ToolArchive{part}, []byte("x"))); err == nil {
			t.Errorf("%s may lead anywhere", name)
		}
	}
}

func TestAFillThatIsCutOffIsNotSealed(t *testing.T) {
	whole := stream(t, []wire.ToolArchive{{Format: "tar.gz"}, {Format: "file", Name: "y"}}, tarGz(t, item{name: "x", text: strings.Repeat("x", 4000)}), []byte("yyyy")).Bytes()
	for cut := 0; cut < len(whole); cut += max(1, len(whole)/50) {
		dir := t.TempDir()
		if _, err := Fill(dir, bytes.NewReader(whole[:cut])); err == nil {
			t.Errorf("%d of %d bytes are a tool", cut, len(whole))
		}
		if _, err := os.Lstat(filepath.Join(dir, wire.ToolSeal)); err == nil {
			t.Fatalf("%d of %d bytes are sealed", cut, len(whole))
		}
	}
	if _, err := Fill(t.TempDir(), bytes.NewReader(append(whole, 'x'))); err == nil {
		t.Error("more than was announced is a tool")
	}
}
