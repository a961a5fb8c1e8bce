package egress

import (
	"bufio"
	"cmp"
	"context"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"time"

	"golang.org/x/net/http/httpproxy"

	"background-agents/backend/session"
)

// The waits on the way to a host end with its answer; or its program is told what did not answer, and for how long.
const (
	lookupLimit = 10 * time.Second // for the addresses of a name
	dialLimit   = 8 * time.Second  // for a connection to one address
	maxTried    = 4                // addresses of one name
)

var errUnreachable = errors.New("unreachable")

// unreachable is a failure on the way, with words for the client.
func unreachable(words string, cause error) error {
	return fmt.Errorf("%w: %w", errUnreachable, &wayError{words, cause})
}

type wayError struct {
	words string
	cause error
}

func (e *wayError) Error() string { return e.words }
func (e *wayError) Unwrap() error { return e.cause }

func reason(err error) string {
	var way *wayError
	if errors.As(err, &way) {
		return way.words
	}
	return "the connection ended"
}

// UpstreamFromEnvironment returns the Config.Upstream of a host that reaches the internet through a proxy named by
// HTTPS_PROXY, HTTP_PROXY and NO_PROXY.
func UpstreamFromEnvironment() func(*url.URL) (*url.URL, error) {
	return httpproxy.FromEnvironment().ProxyFunc()
}

// route finds the addresses of a flow's target, once, and judges each of them: one that is out of bounds spoils all.
// What is dialled later are these addresses. Where the host needs a proxy of its own, that proxy looks the name up
// again; then a name that the host cannot resolve passes only if a rule names it.
func (p *Proxy) route(f *flow, now policy, d *decision) error {
	t := f.target
	if p.Upstream != nil {
		scheme := "https"
		if t.port == 80 {
			scheme = "http"
		}
		u, err := p.Upstream(&url.URL{Scheme: scheme, Host: t.String()})
		if err != nil || u != nil && u.Scheme != "http" && u.Scheme != "https" {
			return unreachable("the host's own proxy setting cannot be used", err)
		}
		d.upstream = u
	}
	local, err := p.Local()
	if err != nil {
		return unreachable("the host's own addresses are not known", err)
	}
	d.addrs = []netip.Addr{t.addr}
	if t.name != "" {
		ctx, cancel := context.WithTimeout(f.ctx, lookupLimit)
		defer cancel()
		// With a dot at the end it is the whole name, and no search domain of the host's is tried.
		d.addrs, err = p.Resolver.LookupNetIP(ctx, "ip", t.name+".")
		if err != nil || len(d.addrs) == 0 {
			if d.addrs = nil; d.upstream != nil && d.rule != "open" {
				return nil
			}
			return unreachable(lateWords(ctx, f, "its name is not known", "its name was not found", lookupLimit), err)
		}
	}
	for _, a := range d.addrs {
		if rule := now.admits(t, a, local); rule != "" {
			no := refused(rule, t)
			switch {
			case rule == "private address":
				no.text = t.host() + " is in the user's own network. The user can allow it by name and by that very address."
			case t.name != "":
				no.text = t.name + " is at an address that sandboxes do not reach."
			}
			return no
		}
	}
	slices.SortStableFunc(d.addrs, func(a, b netip.Addr) int { return cmp.Compare(a.Unmap().BitLen(), b.Unmap().BitLen()) })
	d.addrs = d.addrs[:min(len(d.addrs), maxTried)]
	return nil
}

// dial connects to a flow's target. With tunnel, the host's own proxy is asked for a tunnel; else it gets the requests.
// It returns the address that answered, none where that is the proxy's.
func (p *Proxy) dial(f *flow, d decision, tunnel bool) (net.Conn, netip.Addr, error) {
	if d.upstream != nil {
		conn, err := p.dialUpstream(f, d.upstream, tunnel)
		return conn, netip.Addr{}, err
	}
	var errs []error
	words := "nothing answers there"
	for _, a := range d.addrs {
		ctx, cancel := context.WithTimeout(f.ctx, dialLimit)
		conn, err := p.Dialer.DialContext(ctx, "tcp", netip.AddrPortFrom(a.Unmap(), f.target.port).String())
		words = lateWords(ctx, f, words, "nothing answered there", dialLimit)
		cancel()
		if err == nil {
			return conn, a, nil
		}
		errs = append(errs, err)
		if f.ctx.Err() != nil {
			break
		}
	}
	return nil, netip.Addr{}, unreachable(words, errors.Join(errs...))
}

// lateWords are the words for a failure on the way: late with how long was waited where the wait has ended, else the
// others.
func lateWords(ctx context.Context, f *flow, words, late string, waited time.Duration) string {
	if ctx.Err() != nil && f.ctx.Err() == nil {
		return late + " within " + session.Spell(waited)
	}
	return words
}

func (p *Proxy) dialUpstream(f *flow, u *url.URL, tunnel bool) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(f.ctx, dialLimit)
	defer cancel()
	port := 80
	if u.Scheme == "https" {
		port = 443
	}
	conn, err := p.Dialer.DialContext(ctx, "tcp", net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), strconv.Itoa(port))))
	if err != nil {
		return nil, unreachable(lateWords(ctx, f, "the host's own proxy does not answer", "the host's own proxy did not answer", dialLimit), err)
	}
	if u.Scheme == "https" {
		conn = tls.Client(conn, &tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12})
	}
	if !tunnel {
		return conn, nil
	}
	defer context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })()
	conn, err = askTunnel(conn, u, f.target)
	if err != nil {
		return nil, unreachable(lateWords(ctx, f, "the host's own proxy refuses", "the host's own proxy did not answer", dialLimit), err)
	}
	return conn, nil
}

// askTunnel sends CONNECT and reads the answer; it closes conn where that is not a tunnel.
func askTunnel(conn net.Conn, u *url.URL, t target) (net.Conn, error) {
	r := &http.Request{Method: http.MethodConnect, URL: &url.URL{Opaque: t.String()}, Host: t.String(), Header: http.Header{"User-Agent": {""}}}
	authorize(r, u)
	err := r.Write(conn)
	if err == nil {
		br := bufio.NewReader(&bounded{conn, maxHead})
		var res *http.Response
		if res, err = http.ReadResponse(br, r); err == nil { //nolint:bodyclose // the answer to CONNECT has no body
			if res.StatusCode == http.StatusOK && br.Buffered() == 0 {
				return conn, nil
			}
			err = fmt.Errorf("answer %d", res.StatusCode)
		}
	}
	_ = conn.Close()
	return nil, err
}

// authorize adds the name and password of the host's own proxy.
func authorize(r *http.Request, u *url.URL) {
	if u.User == nil {
		return
	}
	password, _ := u.User.Password()
	r.Header.Set("Proxy-Authorization", "Basic "+base64.StdEncoding.EncodeToString([]byte(u.User.Username()+":"+password)))
}
