package sandboxlink

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"path"

	"background-agents/backend/session"
	"background-agents/sandbox/wire"
)

// Bounds of what a sandbox may send in one call, in bytes.
const (
	maxBundle = 4 << 30
	maxOutput = 1 << 30
)

// openCall opens a call stream that ends with ctx.
func (l *Link) openCall(ctx context.Context, method string, params any) (*wire.Stream, func() bool, error) {
	raw, err := wire.Marshal(params)
	if err != nil {
		return nil, nil, fmt.Errorf("encode %s: %w", method, err)
	}
	return l.open(ctx, wire.Header{Stream: wire.StreamCall, Call: &wire.Call{Method: method, Params: raw}})
}

func (l *Link) open(ctx context.Context, h wire.Header) (*wire.Stream, func() bool, error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	stream, err := l.mux.Open(h)
	if err != nil {
		return nil, nil, fmt.Errorf("open a %s stream to the sandbox: %w", h.Stream, err)
	}
	return stream, context.AfterFunc(ctx, func() { _ = stream.Close() }), nil
}

// reply reads the line that says how a call on a stream went.
func reply(stream *wire.Stream, method string, result any) error {
	var r wire.Reply
	if err := wire.ReadLine(stream, &r); err != nil {
		return fmt.Errorf("read the answer to %s: %w", method, err)
	}
	return settle(method, r, result)
}

// receive does a call whose bytes come from the supervisor.
func (l *Link) receive(ctx context.Context, method string, params any, limit int64, w io.Writer) error {
	stream, stop, err := l.openCall(ctx, method, params)
	if err != nil {
		return err
	}
	defer stream.Close()
	defer stop()
	if err := reply(stream, method, nil); err != nil {
		return orDone(ctx, err)
	}
	_, err = io.Copy(w, wire.NewBodyReader(stream, limit))
	var e *wire.Error
	if errors.As(err, &e) {
		return sessionError(e)
	}
	if err != nil {
		return orDone(ctx, fmt.Errorf("receive %s: %w", method, err))
	}
	return nil
}

// transmit does a call whose bytes go to the supervisor. Where the supervisor answers before it has them all, r is read no
// further than the read that is under way.
func (l *Link) transmit(ctx context.Context, method string, params any, r io.Reader, result any) error {
	stream, stop, err := l.openCall(ctx, method, params)
	if err != nil {
		return err
	}
	defer stream.Close()
	defer stop()
	wrong := make(chan error, 1) // why r ended
	go func() {
		body := wire.NewBodyWriter(stream)
		if _, err := io.Copy(body, r); err != nil {
			wrong <- err
			_ = body.Abort(&wire.Error{Code: "cancelled", Message: "The host stopped sending."})
			return
		}
		wrong <- nil
		_ = body.Close()
	}()
	err = reply(stream, method, result)
	if err == nil {
		return nil
	}
	select {
	case cause := <-wrong:
		// A stream that the supervisor has closed is not what went wrong.
		if cause != nil && session.CodeOf(err) == session.CodeCancelled {
			err = fmt.Errorf("read what %s sends: %w", method, cause)
		}
	default:
	}
	return orDone(ctx, err)
}

// orDone returns why ctx ended where that is what broke the stream.
func orDone(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

// Bundle implements session.Link.
func (l *Link) Bundle(ctx context.Context, c session.Checkpoint, have []string, w io.Writer) error {
	return l.receive(ctx, wire.MethodBundle, wire.Bundle{Checkpoint: wire.Checkpoint(c), Have: have}, maxBundle, w)
}

// Import implements session.Link.
func (l *Link) Import(ctx context.Context, bundle io.Reader) error {
	return l.transmit(ctx, wire.MethodImport, struct{}{}, bundle, nil)
}

// Upload implements session.Link.
func (l *Link) Upload(ctx context.Context, name string, r io.Reader) (string, error) {
	var f wire.File
	if err := l.transmit(ctx, wire.MethodUpload, wire.Upload{Name: name}, r, &f); err != nil {
		return "", err
	}
	if len(f.Path) > maxPath || !path.IsAbs(f.Path) {
		return "", errors.New("the sandbox names no path of the attachment")
	}
	return f.Path, nil
}

// Output implements session.Link.
func (l *Link) Output(ctx context.Context, item session.ItemID, w io.Writer) error {
	return l.receive(ctx, wire.MethodOutput, wire.Output{Item: string(item)}, maxOutput, w)
}

// Dial implements session.Link. ctx bounds the dialling only.
func (l *Link) Dial(ctx context.Context, port int) (net.Conn, error) {
	stream, stop, err := l.open(ctx, wire.Header{Stream: wire.StreamDial, Port: port})
	if err != nil {
		return nil, err
	}
	err = reply(stream, "dial", nil)
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		_ = stream.Close()
		return nil, orDone(ctx, err)
	}
	return stream, nil
}
