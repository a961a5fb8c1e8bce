package toolchain

import (
	"bytes"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"strings"
	"testing"

	"background-agents/backend/session"
)

// An index that is well-formed and speaks of something else, as a confused mirror's does.
func TestAnIndexOfSomethingElseIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		offer     func(*testing.T, *standIn, ...string) Release
		old, with string
	}{
		"npm: another package":      {offerYarn, `"name":"@yarnpkg/cli-dist"`, `"name":"yarn"`},
		"npm: another version":      {offerYarn, `"version":"4.18.1"`, `"version":"4.18.0"`},
		"npm: sha1 only":            {offerYarn, `"integrity":"sha512-`, `"integrity":"sha1-`},
		"Rust: another version":     {offerRust, "version = \"1.98.0 (", "version = \"1.97.0 ("},
		"Rust: another format":      {offerRust, `manifest-version = "2"`, `manifest-version = "3"`},
		"Rust: a table twice":       {offerRust, "[renames.clippy]", "[pkg.rustc]"},
		"Adoptium: another release": {offerJava, `"release_name":"jdk-21.0.12+8"`, `"release_name":"jdk-21.0.11+9"`},
		"uv: of another file":       {offerUV, "*uv-", "*uw-"},
		"Composer: of another file": {offerComposer, "composer.phar", "installer.phar"},
		"a checksum that is too short": {offerPython, sha256Of(content("cpython-3.13.15+20260814-x86_64-unknown-linux-gnu-" +
			"install_only_stripped.tar.gz")), "abcdef"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStandIn(t)
			r := c.offer(t, s, AMD64, ARM64)
			changed := false
			for address, text := range s.indexes {
				s.indexes[address] = bytes.ReplaceAll(text, []byte(c.old), []byte(c.with))
				changed = changed || !bytes.Equal(text, s.indexes[address])
			}
			if !changed {
				t.Fatal("the index does not have it")
			}
			refusedAs(t, s.fetcher(t), r, AMD64, session.CodeToolRefused)
		})
	}
}

func TestABrokenGradleIsNotFound(t *testing.T) {
	s := newStandIn(t)
	r := offerGradle(t, s)
	for address, text := range s.indexes {
		s.indexes[address] = bytes.ReplaceAll(text, []byte(`"broken":false`), []byte(`"broken":true`))
	}
	refusedAs(t, s.fetcher(t), r, AMD64, session.CodeNotFound)
}

func TestRedirectsEnd(t *testing.T) {
	s := newStandIn(t)
	r := offerMaven(t, s)
	for address := range s.archives {
		s.redirects[address] = "https://" + address
	}
	refusedAs(t, s.fetcher(t), r, AMD64, session.CodeToolRefused)
	if len(s.asked) > maxRedirects+3 {
		t.Errorf("asked %d times", len(s.asked))
	}
}

func TestRequestsAreBare(t *testing.T) {
	s := newStandIn(t)
	r := offerMaven(t, s)
	f := s.fetcher(t)
	jar, _ := cookiejar.New(nil)
	jar.SetCookies(&url.URL{Scheme: "https", Host: "archive.apache.org"}, []*http.Cookie{{Name: "login", Value: "secret"}})
	f.Client.Jar = jar
	seen := f.Client.Transport
	f.Client.Transport = roundTrip(func(q *http.Request) (*http.Response, error) {
		if q.Header.Get("Accept-Encoding") != "identity" || q.Header.Get("Cookie") != "" || strings.Contains(q.UserAgent(), "Go") {
			t.Errorf("%v", q.Header)
		}
		return seen.RoundTrip(q)
	})
	if _, err := f.FetchRelease(t.Context(), "Maven", r, AMD64); err != nil {
		t.Fatal(session.AsError(err).Err)
	}
}
