package egress

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"slices"
	"strings"
)

const (
	maxHead    = 64 << 10 // bytes of a request's line and headers together
	maxHeaders = 200
)

// malformed is a request that is refused for its form; the text is for the client.
type malformed string

func (m malformed) Error() string { return string(m) }

var errHeadTooLarge = errors.New("the request's headers are too large")

// request is a request as it was read, with its Host header, "" where it has none. (http.ReadRequest puts the host of
// the address in its place.)
type request struct {
	*http.Request
	hostHeader string
}

// readRequest reads one request whose form leaves nothing to interpret: two programs that read it see the same
// request. Its body is streamed from br.
func readRequest(br *bufio.Reader) (*request, error) {
	head, err := readHead(br)
	if err != nil {
		return nil, err
	}
	host, err := checkHead(head)
	if err != nil {
		return nil, err
	}
	r, err := http.ReadRequest(bufio.NewReaderSize(bytes.NewReader(head), len(head)))
	if err != nil {
		return nil, malformed("not an HTTP request")
	}
	switch {
	case slices.Equal(r.TransferEncoding, []string{"chunked"}):
		// What follows the last chunk is not read, so the connection ends with this request.
		r.Body, r.ContentLength, r.Close, r.Trailer = io.NopCloser(httputil.NewChunkedReader(br)), -1, true, nil
	case r.ContentLength > 0:
		r.Body = io.NopCloser(io.LimitReader(br, r.ContentLength))
	default:
		r.Body = http.NoBody
	}
	return &request{r, host}, nil
}

// readHead reads up to and with the empty line; an empty line before the request is passed over (RFC 9112, 2.2).
func readHead(br *bufio.Reader) ([]byte, error) {
	var head []byte
	for {
		line, err := br.ReadSlice('\n')
		head = append(head, line...)
		switch {
		case len(head) > maxHead:
			return nil, errHeadTooLarge
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && len(head) > 0 && errors.Is(err, io.EOF):
			return nil, io.ErrUnexpectedEOF
		case err != nil:
			return nil, err
		case bytes.Equal(head, []byte("\r\n")):
			head = head[:0]
		case bytes.HasSuffix(head, []byte("\r\n\r\n")):
			return head, nil
		case bytes.HasSuffix(head, []byte("\n\n")):
			return nil, malformed("a line does not end in CR LF")
		}
	}
}

func checkHead(head []byte) (host string, err error) {
	lines := strings.Split(strings.TrimSuffix(string(head), "\r\n\r\n"), "\r\n")
	if len(lines)-1 > maxHeaders {
		return "", errHeadTooLarge
	}
	count := map[string]int{}
	last := map[string]string{}
	for i, line := range lines {
		if strings.ContainsFunc(line, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
			return "", malformed("a line holds a control character")
		}
		if i == 0 {
			if err := checkRequestLine(line); err != nil {
				return "", err
			}
			continue
		}
		name, value, found := strings.Cut(line, ":")
		if !found || name == "" || strings.ContainsFunc(name, notToken) {
			return "", malformed("a header line has no plain name") // also a line that continues the one before
		}
		name = strings.ToLower(name)
		count[name]++
		last[name] = strings.Trim(value, " \t")
	}
	return last["host"], checkFraming(strings.HasSuffix(lines[0], "HTTP/1.0"), count, last)
}

func checkRequestLine(line string) error {
	parts := strings.Split(line, " ")
	if len(parts) != 3 || parts[0] == "" || strings.ContainsFunc(parts[0], notToken) || parts[1] == "" ||
		strings.ContainsFunc(parts[1], func(r rune) bool { return r <= ' ' || r > '~' }) {
		return malformed("not an HTTP request line")
	}
	if parts[2] != "HTTP/1.1" && parts[2] != "HTTP/1.0" {
		return malformed("not HTTP/1.1 or HTTP/1.0")
	}
	return nil
}

// checkFraming refuses whatever makes it doubtful where a request ends or whom it is for.
func checkFraming(old bool, count map[string]int, last map[string]string) error {
	length, encoding := count["content-length"], count["transfer-encoding"]
	switch {
	case count["host"] > 1:
		return malformed("more than one Host")
	case length > 0 && encoding > 0:
		return malformed("both Content-Length and Transfer-Encoding")
	case length > 1 || length == 1 && (last["content-length"] == "" || len(last["content-length"]) > 18 || strings.Trim(last["content-length"], "0123456789") != ""):
		return malformed("Content-Length is not one number")
	case encoding > 1 || encoding == 1 && (old || !strings.EqualFold(last["transfer-encoding"], "chunked")):
		return malformed("Transfer-Encoding is not chunked alone")
	}
	return nil
}

func notToken(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("!#$%&'*+-.^_`|~", r))
}

// hopByHop are the headers that are about one connection only (RFC 9110, 7.6.1).
var hopByHop = []string{"Connection", "Proxy-Connection", "Keep-Alive", "Te", "Trailer", "Transfer-Encoding", "Upgrade", "Proxy-Authorization", "Proxy-Authenticate"}

// strip removes the headers that end here, with those that Connection names.
func strip(h http.Header) {
	for _, line := range h.Values("Connection") {
		for name := range strings.SplitSeq(line, ",") {
			h.Del(strings.TrimSpace(name))
		}
	}
	for _, name := range hopByHop {
		h.Del(name)
	}
}

// target returns where a plain request wants to go. In a tunnel that is known already, and the request has the
// form that servers get; else it names its host, as proxies get it. The Host header says the same.
func (r *request) target(tunnel *target) (target, error) {
	var t target
	switch {
	case tunnel != nil:
		if t = *tunnel; r.URL.IsAbs() || !strings.HasPrefix(r.RequestURI, "/") {
			return t, malformed("not a path")
		}
	case r.URL.Scheme != "http" || r.URL.Opaque != "" || r.URL.User != nil:
		return target{}, malformed("not an http:// address; https goes by CONNECT")
	default:
		var err error
		if t, err = parseTarget(r.URL.Host, 80); err != nil {
			return target{}, fmt.Errorf("%s: %w", shown(r.URL.Host), err)
		}
	}
	if r.hostHeader == "" && !r.ProtoAtLeast(1, 1) && tunnel == nil {
		return t, nil
	}
	if host, err := parseTarget(r.hostHeader, 80); err != nil || host != t {
		return t, malformed("Host is not the host of the address")
	}
	return t, nil
}
