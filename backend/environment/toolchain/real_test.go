package toolchain

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"os"
	"path"
	"strings"
	"testing"

	"background-agents/backend/session"
	"background-agents/build/test/slow"
)

// These ask the makers themselves, for what is fetched through the Go module proxy and the npm registry. Nothing of
// it is run.
func realFetcher(t *testing.T) *Fetcher {
	slow.Test(t)
	return &Fetcher{Client: http.DefaultClient, Bases: Public, Dir: t.TempDir()}
}

// entries are the paths of an archive as they are in the tool's folder.
func entries(t *testing.T, p Part) map[string]bool {
	t.Helper()
	var names []string
	switch p.Format {
	case Zip:
		z, err := zip.OpenReader(p.Path)
		if err != nil {
			t.Fatal(err)
		}
		defer z.Close()
		for _, f := range z.File {
			names = append(names, f.Name)
		}
	case TarGz:
		f, err := os.Open(p.Path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		unpacked, err := gzip.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		for r := tar.NewReader(unpacked); ; {
			header, err := r.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, header.Name)
		}
	}
	found := map[string]bool{}
	for _, name := range names {
		if parts := strings.SplitN(name, "/", p.Strip+1); len(parts) > p.Strip {
			found[path.Join(p.Into, parts[p.Strip])] = true
		}
	}
	return found
}

func TestRealArchivesHaveWhatTheirLayoutNames(t *testing.T) {
	f := realFetcher(t)
	for _, d := range All() {
		tool := d.Name
		if d.Untried || d.Releases[0].Source == nil {
			continue
		}
		t.Run(tool, func(t *testing.T) {
			for _, version := range Versions(tool) {
				if tool != "pnpm" && tool != "yarn" && version != Versions(tool)[0] {
					continue // the largest ones once
				}
				got, err := f.Fetch(t.Context(), session.Toolchain{Name: tool, Version: version}, AMD64)
				if err != nil {
					t.Fatalf("%s: %v: %v", version, err, session.AsError(err).Err)
				}
				all := map[string]bool{}
				for _, p := range got.Parts {
					for name := range entries(t, p) {
						all[name] = true
					}
				}
				for _, p := range got.Parts {
					for _, pattern := range p.Executables {
						if !matches(pattern, all) {
							t.Errorf("%s: nothing is %s", version, pattern)
						}
					}
					for _, to := range p.Links {
						if !all[to] {
							t.Errorf("%s: a link leads to %s", version, to)
						}
					}
				}
				if err := got.Remove(); err != nil {
					t.Error(err)
				}
			}
		})
	}
}

func matches(pattern string, names map[string]bool) bool {
	for name := range names {
		if ok, err := path.Match(pattern, name); ok && err == nil {
			return true
		}
	}
	return false
}

// The table's checksums are the ones that the database signs, and a version without one is looked up.
func TestRealChecksumsOfGo(t *testing.T) {
	f := realFetcher(t)
	d, _ := Find("go")
	for _, r := range d.Releases {
		source := r.Source.(goModule)
		for arch, known := range source.sums {
			x := newIndex(f.Client, f.Bases, source.hosts(f.Bases))
			files, err := goModule{}.files(t.Context(), x, r.Version, arch)
			if err != nil || files[0].sum != known {
				t.Errorf("%s for %s: %v, %v", r.Version, arch, files, err)
			}
		}
	}
}

func TestRealIndexOfNPMForARM(t *testing.T) {
	f := realFetcher(t)
	for _, tool := range []string{"pnpm", "bun", "deno"} {
		for _, version := range Versions(tool) {
			r, _ := Lookup(tool, version)
			x := newIndex(f.Client, f.Bases, r.Source.hosts(f.Bases))
			if _, err := r.Source.files(t.Context(), x, version, ARM64); err != nil {
				t.Errorf("%s %s: %v", tool, version, err)
			}
		}
	}
}
