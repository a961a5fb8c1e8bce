package control

import (
	"context"
	"encoding/json"
	"io"
	"net/url"

	"background-agents/backend/session"
)

// Watch implements session.Operations.
func (c *Client) Watch(ctx context.Context, f func(session.Event)) error {
	resp, err := c.post(ctx, "Watch", nil, nil)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	dec := json.NewDecoder(resp.Body)
	for {
		var l line
		if err := dec.Decode(&l); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return gone(err)
		}
		if l.Failure != nil {
			return l.Failure
		}
		f(l.Event)
	}
}

// Attach implements session.Operations.
func (c *Client) Attach(ctx context.Context, name, mime string, r io.Reader) (session.Attachment, error) {
	var a session.Attachment
	resp, err := c.post(ctx, "Attach", url.Values{"name": {name}, "mime": {mime}}, r)
	if err != nil {
		return a, err
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&a); err != nil {
		return a, gone(err)
	}
	return a, nil
}

// Output implements session.Operations.
func (c *Client) Output(ctx context.Context, id session.ID, item session.ItemID, w io.Writer) error {
	return c.stream(ctx, w, "Output", id, item)
}

// WritePatch implements session.Operations.
func (c *Client) WritePatch(ctx context.Context, id session.ID, turn int, w io.Writer) error {
	return c.stream(ctx, w, "WritePatch", id, turn)
}

// stream makes a call that answers with bytes.
func (c *Client) stream(ctx context.Context, w io.Writer, name string, args ...any) error {
	body, err := arguments(args)
	if err != nil {
		return err
	}
	resp, err := c.post(ctx, name, nil, body)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	read := &counted{w: w}
	if _, err := io.Copy(read, resp.Body); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return gone(err)
	}
	if raw := resp.Trailer.Get(trailer); raw != "" {
		var e session.Error
		if err := json.Unmarshal([]byte(raw), &e); err != nil {
			return gone(err)
		}
		return &e
	}
	return nil
}
