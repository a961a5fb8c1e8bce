package toolchain

import (
	"strings"
	"testing"

	"background-agents/backend/session"
)

func TestAPinnedToolIsFetched(t *testing.T) {
	for address, want := range map[string]Layout{
		"https://dl.example.org/tool-1.2.tar.gz":            {Format: TarGz, Strip: StripShared},
		"https://dl.example.org/tool-1.2.tgz":               {Format: TarGz, Strip: StripShared},
		"https://dl.example.org/tool-1.2.tar.xz?download=1": {Format: TarXz, Strip: StripShared},
		"https://dl.example.org/protoc-33.0-linux-x86_64.zip": {Format: Zip, Strip: StripShared,
			Executables: []string{"*", "bin/*"}},
		"https://dl.example.org:8443/a/jq-linux-amd64": {Format: Single, Into: "bin", Name: "jq-linux-amd64"},
	} {
		s := newStandIn(t)
		body := content(address)
		for _, host := range []string{"dl.example.org/", "dl.example.org:8443/a/"} {
			s.archives[host+fileNameOf(address)] = body
		}
		source, err := Pinned(address, strings.ToUpper(sha256Of(body)))
		if err != nil {
			t.Fatal(err)
		}
		got, err := s.fetcher(t).FetchRelease(t.Context(), "tool", Release{Source: source, Max: MaxPinned}, AMD64)
		if err != nil {
			t.Fatalf("%s: %v: %v", address, err, session.AsError(err).Err)
		}
		if l := got.Parts[0].Layout; l.Format != want.Format || l.Strip != want.Strip || l.Name != want.Name ||
			l.Into != want.Into || len(l.Executables) != len(want.Executables) {
			t.Errorf("%s: %+v", address, l)
		}
	}
}

func fileNameOf(address string) string {
	name, _, _ := strings.Cut(address[strings.LastIndex(address, "/")+1:], "?")
	return name
}

func TestAPinnedToolOfAnotherChecksumIsRefused(t *testing.T) {
	s := newStandIn(t)
	s.archives["dl.example.org/tool.zip"] = content("tool")
	source, err := Pinned("https://dl.example.org/tool.zip", sha256Of(content("another")))
	if err != nil {
		t.Fatal(err)
	}
	refusedAs(t, s.fetcher(t), Release{Version: "1", Source: source, Max: MaxPinned}, AMD64, session.CodeToolRefused)
}

func TestAPinnedToolFollowsNoRedirectToAnotherHost(t *testing.T) {
	body := content("tool")
	for from, ok := range map[string]bool{"github.com/o/r/releases/download/v1/tool": true, "dl.example.org/tool": false} {
		s := newStandIn(t)
		github(s, "o/r/releases/download/v1/tool", body)
		s.redirects["dl.example.org/tool"] = s.redirects["github.com/o/r/releases/download/v1/tool"]
		source, err := Pinned("https://"+from, sha256Of(body))
		if err != nil {
			t.Fatal(err)
		}
		r := Release{Version: "1", Source: source, Max: MaxPinned}
		if !ok {
			refusedAs(t, s.fetcher(t), r, AMD64, session.CodeToolRefused)
		} else if _, err := s.fetcher(t).FetchRelease(t.Context(), "tool", r, AMD64); err != nil {
			t.Errorf("%v", session.AsError(err).Err)
		}
	}
}

func TestPinnedRefuses(t *testing.T) {
	good := sha256Of(nil)
	for _, c := range []struct{ address, sum string }{
		{"http://dl.example.org/tool", good},
		{"ftp://dl.example.org/tool", good},
		{"file:///etc/passwd", good},
		{"//dl.example.org/tool", good},
		{"https:dl.example.org/tool", good},
		{"https://user:secret@dl.example.org/tool", good},
		{"https://user@dl.example.org/tool", good},
		{"https://dl.example.org/tool#part", good},
		{"https://dl.example.org/tool#", good},
		{"https://127.0.0.1/tool", good},
		{"https://[::1]/tool", good},
		{"https://[fe80::1%25eth0]/tool", good},
		{"https://127.1/tool", good},
		{"https://2130706433/tool", good},
		{"https://0x7f.0.0.1/tool", good},
		{"https://0x7f000001/tool", good},
		{"https://017700000001/tool", good},
		{"https://169.254.169.254./tool", good},
		{"https://localhost/tool", good},
		{"https://LOCALHOST./tool", good},
		{"https://a.localhost/tool", good},
		{"https://router/tool", good},
		{"https://printer.local/tool", good},
		{"https://metadata.google.internal/tool", good},
		{"https://nas.home.arpa/tool", good},
		{"https://a..example.org/tool", good},
		{"https:///tool", good},
		{"https://dl.example.org", good},
		{"https://dl.example.org/folder/", good},
		{"https://dl.example.org/%2e%2e", good},
		{"https://dl.example.org/a%2f..", good},
		{"https://dl.example.org/a%20b", good},
		{"https://dl.example.org/-rf", good},
		{"https://dl.example.org/tool", ""},
		{"https://dl.example.org/tool", good[1:]},
		{"https://dl.example.org/tool", good + "00"},
		{"https://dl.example.org/tool", "sha256:" + good},
		{"https://dl.example.org/tool", strings.Repeat("g", 64)},
	} {
		_, err := Pinned(c.address, c.sum)
		if session.CodeOf(err) != session.CodeInvalid || session.AsError(err).Hint == "" {
			t.Errorf("%s %s: %v", c.address, c.sum, err)
		} else if strings.Contains(err.Error(), "secret") {
			t.Errorf("the password is in %v", err)
		}
	}
}
