package toolchain

import (
	"archive/zip"
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"golang.org/x/mod/sumdb/note"

	"background-agents/backend/session"
)

func TestADatabaseSignedWithAnotherKeyIsRefused(t *testing.T) {
	s := newStandIn(t)
	r := offerGo(t, s, AMD64)
	_, other, err := note.GenerateKey(nil, "sum.golang.org")
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{other, ""} { // "" is the real one
		r.Source = goModule{key: key}
		refusedAs(t, s.fetcher(t), r, AMD64, session.CodeToolRefused)
	}
}

func TestAGoThatIsNotTheOneOfTheTableIsRefused(t *testing.T) {
	s := newStandIn(t)
	r := offerGo(t, s, AMD64)
	_, h1 := goZip(t, "v0.0.1-go1.25.4.linux-amd64", "another build")
	r.Source = goModule{sums: map[string]sum{AMD64: sum(h1)}}
	refusedAs(t, s.fetcher(t), r, AMD64, session.CodeToolRefused)
	for _, address := range s.asked {
		if strings.Contains(address, "sumdb") {
			t.Errorf("asked %s for what the table has", address)
		}
	}
}

func TestAnNPMPackageThatIsNotTheOneOfTheTableIsRefused(t *testing.T) {
	s := newStandIn(t)
	r := offerYarn(t, s)
	pinned := r.Source.(npm)
	pinned[0].sums = map[string]string{"@yarnpkg/cli-dist": integrityOf(content("published first"))}
	refusedAs(t, s.fetcher(t), r, AMD64, session.CodeToolRefused)
}

func TestAnIndexCannotNameAnotherHost(t *testing.T) {
	s := newStandIn(t)
	r := offerDotNet(t, s, AMD64)
	for address, text := range s.indexes {
		s.indexes[address] = []byte(strings.ReplaceAll(string(text), "builds.dotnet.microsoft.com", "evil.example.net"))
	}
	for address, body := range s.archives {
		s.archives[strings.ReplaceAll(address, "builds.dotnet.microsoft.com", "evil.example.net")] = body
	}
	refusedAs(t, s.fetcher(t), r, AMD64, session.CodeToolRefused)
}

func TestAMirrorIsAsked(t *testing.T) {
	s := newStandIn(t)
	r := offerMaven(t, s)
	f := s.fetcher(t)
	f.Bases.Apache = "https://mirror.example.org:8443/apache"
	refusedAs(t, f, r, AMD64, session.CodeNotFound)
	for _, where := range []map[string][]byte{s.indexes, s.archives} {
		for address, body := range where {
			where[strings.Replace(address, "archive.apache.org/dist", "mirror.example.org:8443/apache", 1)] = body
		}
	}
	if _, err := f.FetchRelease(t.Context(), "Maven", r, AMD64); err != nil {
		t.Fatal(session.AsError(err).Err)
	}
	f.Bases.Apache = "http://mirror.example.org:8443/apache"
	if _, err := f.FetchRelease(t.Context(), "Maven", r, AMD64); session.CodeOf(err) != session.CodeToolRefused {
		t.Fatalf("without https: %v", err)
	}
}

func TestACancelledFetchLeavesNothing(t *testing.T) {
	s := newStandIn(t)
	r := offerMaven(t, s)
	f := s.fetcher(t)
	ctx, cancel := context.WithCancel(t.Context())
	s.onArchive = func(w http.ResponseWriter, body []byte) bool {
		_, _ = w.Write(body[:10])
		w.(http.Flusher).Flush()
		cancel()
		<-t.Context().Done()
		return true
	}
	defer s.CloseClientConnections()
	if _, err := f.FetchRelease(ctx, "Maven", r, AMD64); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if names := leftovers(t, f); len(names) > 0 {
		t.Errorf("left behind: %v", names)
	}
}

func TestASilentMakerIsGivenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		silent := roundTrip(func(r *http.Request) (*http.Response, error) {
			<-r.Context().Done()
			return nil, r.Context().Err()
		})
		f := &Fetcher{Client: &http.Client{Transport: silent}, Bases: Public}
		begun := time.Now()
		_, err := f.FetchRelease(t.Context(), "Maven 3.9.16", Release{Version: "3.9.16", Source: apacheMaven{}}, AMD64)
		if session.CodeOf(err) != session.CodeTimeout || time.Since(begun) != Limit ||
			err.Error() != "Maven 3.9.16 could not be fetched: it took longer than 20 minutes." {
			t.Errorf("%v after %v", err, time.Since(begun))
		}
	})
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestWhatWentWrongIsASentence(t *testing.T) {
	for _, c := range []struct {
		err  error
		code session.Code
		says string
	}{
		{&net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}, session.CodeTool,
			"Go 1.25.4 could not be fetched: dial tcp: connection refused."},
		{&statusError{"go.example.org", 503}, session.CodeTool, "Go 1.25.4 could not be fetched: go.example.org answered 503."},
		{&statusError{"go.example.org", 404}, session.CodeNotFound,
			"Go 1.25.4 could not be fetched: its maker does not have this version."},
		{&os.PathError{Op: "write", Path: "x", Err: syscall.ENOSPC}, session.CodeDiskFull,
			"The disk is full, so Go 1.25.4 could not be fetched."},
		{errNoArch, session.CodeNotFound, "There is no Go 1.25.4 for amd64 processors."},
	} {
		err := explain("Go 1.25.4", AMD64, c.err)
		if session.CodeOf(err) != c.code || err.Error() != c.says || session.AsError(err).Hint == "" ||
			!errors.Is(err, c.err) {
			t.Errorf("%q: %v", session.CodeOf(err), err)
		}
	}
}

func TestAFolderThatCannotBeWrittenIsSaid(t *testing.T) {
	s := newStandIn(t)
	r := offerMaven(t, s)
	f := s.fetcher(t)
	f.Dir = filepath.Join(f.Dir, "missing")
	if _, err := f.FetchRelease(t.Context(), "Maven", r, AMD64); session.CodeOf(err) != session.CodeTool {
		t.Errorf("%v", err)
	}
}

// A zip of 3 MB can hold gigabytes. Its hash is not computed, and nothing of it is unpacked.
func TestAZipThatUnpacksToGigabytesIsRefused(t *testing.T) {
	name := filepath.Join(t.TempDir(), "large.zip")
	out, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	w := zip.NewWriter(out)
	for _, entry := range []string{"a", "b", "c"} {
		if _, err := w.CreateRaw(&zip.FileHeader{Name: entry, Method: zip.Deflate, UncompressedSize64: maxUnpacked / 2}); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), out.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := zipSum(name); !errors.Is(err, errTooLarge) {
		t.Errorf("%v", err)
	}
}
