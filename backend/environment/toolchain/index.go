package toolchain

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
)

// The largest index is Rust's, of about 1 MB; .NET's has grown past 2 MB. maxRedirects is what GitHub needs twice
// over.
const (
	maxIndex     = 16 << 20
	maxRedirects = 4
)

// index reads from a maker's hosts and from no others.
type index struct {
	bases  Bases
	hosts  []string
	client http.Client
}

// newIndex copies the client: the copy has no cookies and its own rule for redirects.
func newIndex(client *http.Client, bases Bases, hosts []string) *index {
	x := &index{bases: bases, hosts: hosts, client: *client}
	x.client.Jar = nil
	x.client.CheckRedirect = func(next *http.Request, before []*http.Request) error {
		if len(before) > maxRedirects {
			return fmt.Errorf("%w: too many redirects", errHost)
		}
		next.Header.Del("Referer")
		return x.allow(next.URL)
	}
	return x
}

// allow returns an error for an address that the source does not list.
func (x *index) allow(u *url.URL) error {
	if u.Scheme != "https" || u.User != nil || !slices.Contains(x.hosts, hostOf(u.String())) {
		return fmt.Errorf("%w: %.140q", errHost, u.Scheme+"://"+u.Host) // paths and queries can hold secrets
	}
	return nil
}

// open asks for an address. The caller closes the body, which has the bytes as the maker stores them: without this
// header Go's client, and some servers, would unpack a .tar.gz on its way.
func (x *index) open(ctx context.Context, address string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, fmt.Errorf("%w: %.140q is no address", errIndex, address)
	}
	if err := x.allow(request.URL); err != nil {
		return nil, err
	}
	request.Header.Set("Accept-Encoding", "identity")
	request.Header.Set("User-Agent", "background-agents")
	response, err := x.client.Do(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		response.Body.Close()
		return nil, &statusError{host: hostOf(response.Request.URL.String()), code: response.StatusCode}
	}
	return response, nil
}

// read returns an index as it is.
func (x *index) read(ctx context.Context, address string) ([]byte, error) {
	response, err := x.open(ctx, address)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, maxIndex+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxIndex {
		return nil, fmt.Errorf("%w: an index of more than %d MB", errTooLarge, maxIndex>>20)
	}
	return text, nil
}

// readJSON reads an index into want. Fields that want does not have are ignored.
func (x *index) readJSON(ctx context.Context, address string, want any) error {
	text, err := x.read(ctx, address)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, want); err != nil {
		return fmt.Errorf("%w: %w", errIndex, err)
	}
	return nil
}

// readSum reads a file that has the checksum of the file name.
func (x *index) readSum(ctx context.Context, address, algorithm, name string) (sum, error) {
	text, err := x.read(ctx, address)
	if err != nil {
		return "", err
	}
	return sumFile(text, algorithm, name)
}
