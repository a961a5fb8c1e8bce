package docker

import (
	"archive/tar"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/containerd/errdefs"
	builds "github.com/docker/docker/api/types/build"

	"background-agents/backend/session"
)

const (
	// buildLimit is how long an image may take: registries can be slow, the same step took 13 s once and 5 minutes
	// another time. It ends with the image, or with the sentence that it was not ready.
	buildLimit = time.Hour
	// buildPause is the pause before a build that the network failed is tried again, buildTries times in all.
	buildTries = 3
	buildPause = 3 * time.Second
)

// buildSpec is one build.
type buildSpec struct {
	tag     string
	context func(w *tar.Writer) error // writes the files, Dockerfile among them
	args    map[string]string
	labels  map[string]string
}

// build makes an image. Steps that were done before are taken from the engine's cache, so that a build that was cut off
// goes on where it was.
func (e *Engine) build(ctx context.Context, c *connection, b buildSpec, p *progress) error {
	ctx, cancel := context.WithTimeout(ctx, buildLimit)
	defer cancel()
	var err error
	for try := range buildTries {
		if try > 0 {
			p.say("The network failed; trying again in " + session.Spell(buildPause) + ".")
			select {
			case <-time.After(buildPause):
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		err = e.buildOnce(ctx, c, b, builds.BuilderV1, p)
		if onlyBuildKit(err) {
			err = e.buildOnce(ctx, c, b, builds.BuilderBuildKit, p)
		}
		if err == nil || ctx.Err() != nil || !networkFailed(err) {
			break
		}
	}
	switch {
	case errors.Is(err, context.DeadlineExceeded) && ctx.Err() != nil:
		return &session.Error{Code: session.CodeImage, Err: err,
			Message: "The image was not ready within " + session.Spell(buildLimit) + ".", Hint: "Check the network, then Retry: what is built stays."}
	case ctx.Err() != nil:
		return ctx.Err()
	}
	return e.explain(c, "build image", err)
}

// onlyBuildKit reports whether the engine has no classic builder.
func onlyBuildKit(err error) bool {
	return (errdefs.IsInvalidArgument(err) || errdefs.IsNotImplemented(err)) && strings.Contains(err.Error(), "builder")
}

func (e *Engine) buildOnce(ctx context.Context, c *connection, b buildSpec, version builds.BuilderVersion, p *progress) error {
	r, w := io.Pipe()
	defer r.Close() // ends the writer when the engine has heard enough
	go func() {
		t := tar.NewWriter(w)
		err := b.context(t)
		w.CloseWithError(errors.Join(err, t.Close()))
	}()
	args := map[string]*string{}
	for name, value := range proxyArgs() {
		args[name] = &value
	}
	for name, value := range b.args {
		args[name] = &value
	}
	resp, err := c.api.ImageBuild(ctx, r, builds.ImageBuildOptions{
		Version: version, Tags: []string{b.tag}, BuildArgs: args, Labels: b.labels, Remove: true, ForceRemove: true,
	})
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	return readBuild(resp.Body, p)
}

// message is one line of what the engine says of a build, a pull or an import.
type message struct {
	Stream         string
	Status         string
	ID             string
	ProgressDetail struct{ Current, Total int64 }
	Error          string
	ErrorDetail    struct{ Message string }
	Aux            json.RawMessage
}

// readMessages calls f with each line until the engine has ended, or told of an error.
func readMessages(r io.Reader, f func(m message)) error {
	d := json.NewDecoder(r)
	for {
		var m message
		err := d.Decode(&m)
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return fmt.Errorf("read what the engine says: %w", err)
		case m.ErrorDetail.Message != "":
			return errors.New(m.ErrorDetail.Message)
		case m.Error != "":
			return errors.New(m.Error)
		}
		f(m)
	}
}

func readBuild(r io.Reader, p *progress) error {
	trace := newTrace(p)
	err := readMessages(r, func(m message) {
		switch {
		case m.ID == traceID:
			trace.add(m.Aux)
		case strings.HasPrefix(m.Stream, "Step "):
			if n, total, text, ok := parseStep(m.Stream); ok {
				if n == 1 {
					p.part(total)
				}
				p.step(n, text)
			}
		case strings.HasPrefix(m.Stream, " ---> "), strings.HasPrefix(m.Stream, "Removing intermediate container"):
			// the classic builder's own bookkeeping
		default:
			p.say(m.Stream + m.Status)
		}
	})
	if err == nil {
		p.done()
		return nil
	}
	return &buildError{step: p.current(), err: err, log: p.lastLines(12)}
}

// parseStep reads the classic builder's "Step 3/12 : RUN apt-get update".
func parseStep(s string) (n, total int, text string, ok bool) {
	head, text, ok := strings.Cut(strings.TrimPrefix(s, "Step "), " : ")
	a, b, both := strings.Cut(head, "/")
	n, err1 := strconv.Atoi(a)
	total, err2 := strconv.Atoi(b)
	return n, total, text, ok && both && err1 == nil && err2 == nil
}

// buildError is a build that failed in one of its steps.
type buildError struct {
	step string
	err  error
	log  string // its last lines
}

func (b *buildError) Error() string { return b.err.Error() + "\n" + b.log }

func (b *buildError) Unwrap() error { return b.err }

// reason says why in few words. Where a command failed, the engine repeats the command: what it said last tells more.
func (b *buildError) reason() string {
	text := b.err.Error()
	if !strings.Contains(text, "returned a non-zero code") && !strings.Contains(text, "did not complete successfully") {
		return cause(b.err)
	}
	lines := strings.Split(b.log, "\n")
	for i := len(lines) - 1; i > 0; i-- {
		if said := line(lines[i]); said != "" && !strings.Contains(said, "A complete log of this run") {
			return strings.TrimRight(said, ". ")
		}
	}
	return "its command failed"
}

// networkFailed reports whether a build failed for want of a network, which may pass.
func networkFailed(err error) bool {
	if err == nil {
		return false
	}
	text := strings.ToLower(err.Error())
	for _, sign := range []string{
		"econnreset", "etimedout", "eai_again", "enotfound", "err_socket_timeout", "connection reset", "connection timed out",
		"could not resolve", "temporary failure resolving", "temporary failure in name resolution", "tls handshake timeout",
		"i/o timeout", "network is unreachable", "hash sum mismatch", "connection failed",
	} {
		if strings.Contains(text, sign) {
			return true
		}
	}
	return false
}

// proxyArgs hands this computer's proxy to the build, where another computer can reach it. Docker keeps these arguments
// out of the image.
func proxyArgs() map[string]string {
	args := map[string]string{}
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"} {
		value := os.Getenv(name)
		u, err := url.Parse(value)
		if value == "" || err != nil || u.Hostname() == "localhost" || strings.HasPrefix(u.Hostname(), "127.") {
			continue
		}
		args[name] = value
	}
	return args
}
