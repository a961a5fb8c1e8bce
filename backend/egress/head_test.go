package egress

import (
	"bufio"
	"io"
	"net/netip"
	"strings"
	"testing"
)

func addr(s string) netip.Addr { return netip.MustParseAddr(s) }

func read(raw string) (*request, target, error) {
	r, err := readRequest(bufio.NewReaderSize(strings.NewReader(raw), 16))
	if err != nil {
		return nil, target{}, err
	}
	t, err := r.target(nil)
	return r, t, err
}

func TestPlainRequestsAreRead(t *testing.T) {
	const h = "Host: example.com\r\n"
	for name, raw := range map[string]string{
		"simple":          "GET http://example.com/a?b=c HTTP/1.1\r\n" + h + "\r\n",
		"with port":       "GET http://example.com:80/ HTTP/1.1\r\n" + h + "\r\n",
		"port in Host":    "GET http://example.com/ HTTP/1.1\r\nHost: example.com:80\r\n\r\n",
		"capitals":        "GET http://EXAMPLE.com/ HTTP/1.1\r\nHOST: Example.COM\r\n\r\n",
		"empty line":      "\r\nGET http://example.com/ HTTP/1.1\r\n" + h + "\r\n",
		"HTTP/1.0":        "GET http://example.com/ HTTP/1.0\r\n\r\n",
		"length":          "POST http://example.com/ HTTP/1.1\r\n" + h + "Content-Length: 4\r\n\r\nbody",
		"chunked":         "POST http://example.com/ HTTP/1.1\r\n" + h + "Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n",
		"no path":         "GET http://example.com HTTP/1.1\r\n" + h + "\r\n",
		"spaces in value": "GET http://example.com/ HTTP/1.1\r\nHost:   example.com  \r\nX: a b\tc\r\n\r\n",
		"lists":           "GET http://example.com/ HTTP/1.1\r\n" + h + "Accept: a\r\nAccept: b\r\n\r\n",
	} {
		r, at, err := read(raw)
		if err != nil || at.String() != "example.com:80" {
			t.Errorf("%s: %v %v", name, at, err)
			continue
		}
		if body, err := io.ReadAll(r.Body); err != nil || strings.Contains(raw, "body") != (string(body) == "body") {
			t.Errorf("%s: body %q %v", name, body, err)
		}
	}
}

func TestRequestsWithTwoReadingsAreRefused(t *testing.T) {
	const get, post, h = "GET http://example.com/ HTTP/1.1\r\n", "POST http://example.com/ HTTP/1.1\r\n", "Host: example.com\r\n"
	for name, raw := range map[string]string{
		"length and chunked":        post + h + "Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"chunked and length":        post + h + "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
		"two lengths":               post + h + "Content-Length: 4\r\nContent-Length: 5\r\n\r\nbody!",
		"two equal lengths":         post + h + "Content-Length: 4\r\nContent-Length: 4\r\n\r\nbody",
		"length list":               post + h + "Content-Length: 4, 4\r\n\r\nbody",
		"signed length":             post + h + "Content-Length: +4\r\n\r\nbody",
		"negative length":           post + h + "Content-Length: -4\r\n\r\nbody",
		"hex length":                post + h + "Content-Length: 0x4\r\n\r\nbody",
		"empty length":              post + h + "Content-Length:\r\n\r\nbody",
		"huge length":               post + h + "Content-Length: 99999999999999999999\r\n\r\nbody",
		"two encodings":             post + h + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n",
		"encoding list":             post + h + "Transfer-Encoding: gzip, chunked\r\n\r\n",
		"strange encoding":          post + h + "Transfer-Encoding: xchunked\r\n\r\n",
		"encoding with vertical":    post + h + "Transfer-Encoding: \vchunked\r\n\r\n",
		"chunked in HTTP/1.0":       "POST http://example.com/ HTTP/1.0\r\n" + h + "Transfer-Encoding: chunked\r\n\r\n",
		"folded line":               get + h + "X: a\r\n b\r\n\r\n",
		"folded encoding":           post + h + "Transfer-Encoding:\r\n chunked\r\n\r\n",
		"folded first line":         get + " Host: example.com\r\n\r\n",
		"space before colon":        post + h + "Content-Length : 4\r\n\r\nbody",
		"tab before colon":          post + h + "Transfer-Encoding\t: chunked\r\n\r\n",
		"no colon":                  get + h + "garbage\r\n\r\n",
		"no name":                   get + h + ": x\r\n\r\n",
		"name with unicode":         get + h + "Hоst: evil.com\r\n\r\n",
		"bare LF":                   "GET http://example.com/ HTTP/1.1\nHost: example.com\n\n",
		"one bare LF":               get + "X: a\nHost: evil.com\r\n" + h + "\r\n",
		"bare CR":                   get + "X: a\rHost: evil.com\r\n" + h + "\r\n",
		"NUL in value":              get + h + "X: a\x00b\r\n\r\n",
		"NUL in address":            "GET http://example.com\x00.evil.com/ HTTP/1.1\r\n" + h + "\r\n",
		"two hosts":                 get + h + "Host: evil.com\r\n\r\n",
		"two equal hosts":           get + h + h + "\r\n",
		"host differs":              get + "Host: evil.com\r\n\r\n",
		"host's port differs":       get + "Host: example.com:8080\r\n\r\n",
		"no host":                   get + "\r\n",
		"empty host":                get + "Host:\r\n\r\n",
		"host with trailing dot":    get + "Host: example.com.\r\n\r\n",
		"user in address":           "GET http://example.com@evil.com/ HTTP/1.1\r\nHost: evil.com\r\n\r\n",
		"user before the host":      "GET http://user:pw@example.com/ HTTP/1.1\r\n" + h + "\r\n",
		"percent in host":           "GET http://ex%61mple.com/ HTTP/1.1\r\n" + h + "\r\n",
		"backslash in host":         "GET http://example.com\\@evil.com/ HTTP/1.1\r\n" + h + "\r\n",
		"https":                     "GET https://example.com/ HTTP/1.1\r\n" + h + "\r\n",
		"ftp":                       "GET ftp://example.com/ HTTP/1.1\r\n" + h + "\r\n",
		"opaque":                    "GET http:example.com HTTP/1.1\r\n" + h + "\r\n",
		"no address":                "GET / HTTP/1.1\r\n" + h + "\r\n",
		"two slashes":               "GET //example.com/ HTTP/1.1\r\n" + h + "\r\n",
		"asterisk":                  "OPTIONS * HTTP/1.1\r\n" + h + "\r\n",
		"empty host in address":     "GET http:/// HTTP/1.1\r\n" + h + "\r\n",
		"two spaces":                "GET  http://example.com/ HTTP/1.1\r\n" + h + "\r\n",
		"tab in line":               "GET\thttp://example.com/ HTTP/1.1\r\n" + h + "\r\n",
		"space in address":          "GET http://example.com/a b HTTP/1.1\r\n" + h + "\r\n",
		"unicode in address":        "GET http://exаmple.com/ HTTP/1.1\r\n" + h + "\r\n",
		"HTTP/0.9":                  "GET http://example.com/\r\n\r\n",
		"HTTP/1.2":                  "GET http://example.com/ HTTP/1.2\r\n" + h + "\r\n",
		"HTTP/2":                    "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
		"lower-case version":        "GET http://example.com/ http/1.1\r\n" + h + "\r\n",
		"method with a space in it": "GE\"T http://example.com/ HTTP/1.1\r\n" + h + "\r\n",
		"many headers":              get + h + strings.Repeat("X: y\r\n", maxHeaders+1) + "\r\n",
		"large headers":             get + h + "X: " + strings.Repeat("y", maxHead) + "\r\n\r\n",
		"cut off":                   get + h,
		"TLS":                       "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
	} {
		if r, at, err := read(raw); err == nil {
			t.Errorf("%s was read as %s %v", name, r.Method, at)
		}
	}
}

func TestHeadersOfOneConnectionAreRemoved(t *testing.T) {
	r, _, err := read("GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\nConnection: close, X-Inner, authorization\r\nX-Inner: 1\r\nProxy-Connection: keep-alive\r\n" +
		"Keep-Alive: 5\r\nTE: trailers\r\nUpgrade: websocket\r\nProxy-Authorization: Basic c2VjcmV0\r\nAuthorization: x\r\nX-Outer: 2\r\n\r\n")
	if err != nil {
		t.Fatal(err)
	}
	strip(r.Header)
	if len(r.Header) != 1 || r.Header.Get("X-Outer") != "2" {
		t.Errorf("left: %v", r.Header)
	}
}

func FuzzRequest(f *testing.F) {
	f.Add("GET http://example.com/ HTTP/1.1\r\nHost: example.com\r\n\r\n")
	f.Add("POST http://example.com/ HTTP/1.1\r\nHost: example.com\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n")
	f.Add("CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n")
	f.Fuzz(func(t *testing.T, raw string) {
		r, at, err := read(raw)
		if err != nil {
			return
		}
		if at.port == 0 || at.name == "" && !at.addr.IsValid() {
			t.Errorf("%q: no target", raw)
		}
		_, _ = io.Copy(io.Discard, r.Body)
	})
}
