package control

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"

	"background-agents/backend/session"
)

// Client asks a running application. Its methods may be called from any goroutine.
type Client struct {
	// Hello is what the application said of itself.
	Hello Hello
	http  *http.Client
}

var _ session.Operations = (*Client)(nil)

// Dial finds the application that has the data folder dir open. The error has ErrNotRunning in its chain where there
// is none, and ErrSilent where it does not answer.
func Dial(ctx context.Context, dir string) (*Client, error) { return dialWithin(ctx, dir, helloWait) }

func dialWithin(ctx context.Context, dir string, wait time.Duration) (*Client, error) {
	c := &Client{http: &http.Client{Transport: &http.Transport{
		DialContext:        func(ctx context.Context, _, _ string) (net.Conn, error) { return dial(ctx, dir) },
		DisableCompression: true,
		MaxIdleConns:       2,
	}}}
	hello, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	req, err := http.NewRequestWithContext(hello, http.MethodGet, "http://"+host+"/hello", nil)
	if err != nil {
		return nil, err
	}
	resp, err := c.http.Do(req)
	if session.CodeOf(err) == session.CodeExposed || session.CodeOf(err) == session.CodeInvalid {
		return nil, session.AsError(err) // the process there is not to be trusted, so it is not asked
	}
	if err != nil && hello.Err() != nil {
		return nil, silent(ctx, wait)
	}
	if err != nil {
		return nil, notRunning(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, readError(resp)
	}
	if err := json.NewDecoder(resp.Body).Decode(&c.Hello); err != nil {
		if hello.Err() != nil {
			return nil, silent(ctx, wait)
		}
		return nil, gone(err)
	}
	if c.Hello.Protocol != Protocol {
		return nil, internal(fmt.Sprintf("The running application is version %s, this is %s, and they do not understand each other.",
			c.Hello.Version, Version), nil)
	}
	return c, nil
}

func notRunning(cause error) error {
	return &session.Error{
		Code: session.CodeNotFound, Message: "The application is not running.", Hint: "Start it, or use `bga serve`.",
		Err: fmt.Errorf("%w: %w", ErrNotRunning, cause),
	}
}

// silent says that the application did not answer, unless its caller gave up.
func silent(ctx context.Context, waited time.Duration) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	err := session.NoAnswer(session.CodeTimeout, "The running application", waited, "Quit it, or end its process, and try again.")
	err.Err = errors.Join(ErrSilent, err.Err)
	return err
}

// Close drops idle connections; calls that are under way go on.
func (c *Client) Close() error {
	c.http.CloseIdleConnections()
	return nil
}

// post sends a request and returns its response, which has status 200 and whose body the caller closes.
func (c *Client) post(ctx context.Context, name string, query url.Values, body io.Reader) (*http.Response, error) {
	u := url.URL{Scheme: "http", Host: host, Path: "/v1/" + name, RawQuery: query.Encode()}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, u.String(), body)
	if err != nil {
		return nil, err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, gone(err)
	}
	if resp.StatusCode != http.StatusOK {
		defer resp.Body.Close()
		return nil, readError(resp)
	}
	return resp, nil
}

func arguments(args []any) (io.Reader, error) {
	if args == nil {
		args = []any{}
	}
	raw, err := json.Marshal(args)
	return bytes.NewReader(raw), err
}

// ask does one operation and returns its value.
func ask[R any](ctx context.Context, c *Client, name string, args ...any) (R, error) {
	var result R
	body, err := arguments(args)
	if err != nil {
		return result, err
	}
	resp, err := c.post(ctx, name, nil, body)
	if err != nil {
		return result, err
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&result); err != nil {
		if ctx.Err() != nil {
			return result, ctx.Err()
		}
		return result, gone(err)
	}
	return result, nil
}

func do(ctx context.Context, c *Client, name string, args ...any) error {
	_, err := ask[any](ctx, c, name, args...)
	return err
}
