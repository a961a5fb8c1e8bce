package docker

import (
	"archive/tar"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/containerd/errdefs"
	images "github.com/docker/docker/api/types/image"

	"background-agents/backend/session"
)

// pullSilence is how long a registry may say nothing before it counts as out of reach. It ends with the registry's next
// word, or with the sentence that the image can't be pulled, and why.
const pullSilence = 45 * time.Second

// EnsureImage implements session.Engine. One image is built at a time. A build that ctx cut off goes on where it was.
func (e *Engine) EnsureImage(ctx context.Context, of session.ImageSpec, tell func(session.ImageState)) error {
	select {
	case e.building <- struct{}{}:
		defer func() { <-e.building }()
	case <-ctx.Done():
		return ctx.Err()
	}
	c, err := e.connect(ctx)
	if err != nil {
		return err
	}
	if _, err := e.currentImage(ctx, c, of); session.CodeOf(err) != session.CodeImageMissing {
		return err
	}
	p := newProgress(tell)
	began := time.Now()
	r, err := e.prepare(ctx, c, of, p)
	if err != nil {
		return imageFailed(err)
	}
	p.name(r.tag)
	err = e.build(ctx, c, buildSpec{
		tag: r.tag, args: r.args,
		labels:  map[string]string{labelApp: "1", labelContent: r.content, labelAgent: layers(of)},
		context: func(w *tar.Writer) error { return e.pack(w, r) },
	}, p)
	if err != nil {
		return imageFailed(err)
	}
	now, err := e.currentImage(ctx, c, of)
	if err != nil {
		return imageFailed(err)
	}
	found, err := c.api.ImageInspect(ctx, now.id)
	if err != nil {
		return e.explain(c, "look at the new image", err)
	}
	p.built(r.tag, found.Size, time.Since(began))
	e.prune(ctx, c, layers(of))
	return nil
}

// prepare sees to it that the image's ground is there: the user's own image, or the base.
func (e *Engine) prepare(ctx context.Context, c *connection, of session.ImageSpec, p *progress) (recipe, error) {
	if e.cfg.Image == "" {
		r, err := e.recipe(of, c.arch, "")
		if err == nil {
			err = e.ensureBase(ctx, c, defaultOf(r.dockerfile, "BASE_IMAGE"), p)
		}
		return r, err
	}
	found, err := c.api.ImageInspect(ctx, e.cfg.Image)
	if errdefs.IsNotFound(err) {
		p.part(1)
		p.step(1, "Pull "+e.cfg.Image)
		if err := e.pull(ctx, c, e.cfg.Image, p); err != nil {
			return recipe{}, &session.Error{Code: session.CodeImageMissing, Err: err,
				Message: "The image " + e.cfg.Image + " (SANDBOX_IMAGE) is not there and could not be pulled: " + cause(err) + ".",
				Hint:    "Run `docker pull " + e.cfg.Image + "`, correct SANDBOX_IMAGE, or unset it to use the built image."}
		}
		found, err = c.api.ImageInspect(ctx, e.cfg.Image)
	}
	if err != nil {
		return recipe{}, e.explain(c, "look for "+e.cfg.Image, err)
	}
	return e.recipe(of, c.arch, found.ID)
}

// ensureBase makes sure that the image to build on is there: it is pulled where this engine has none of its name. One
// that was loaded, or made by build/setup where no registry can be reached, is as good.
func (e *Engine) ensureBase(ctx context.Context, c *connection, base string, p *progress) error {
	if base == "" {
		return nil // a recipe that names no base
	}
	_, err := c.api.ImageInspect(ctx, base)
	if err == nil {
		return nil
	}
	if !errdefs.IsNotFound(err) {
		return e.explain(c, "look for "+base, err)
	}
	p.part(1)
	p.step(1, "Pull "+base)
	if err = e.pull(ctx, c, base, p); err == nil {
		p.done()
		return nil
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	var known *session.Error
	if errors.As(e.explain(c, "pull "+base, err), &known) && known.Code != session.CodeDockerDown {
		return known // a full disk, say; a registry that does not answer is not the engine's fault
	}
	return &session.Error{Code: session.CodeImage, Err: err,
		Message: "The image " + base + " can't be pulled: " + cause(err) + ".",
		Hint: "Connect to a registry and retry, load the image with `docker load`, or set SANDBOX_IMAGE to one that is there. " +
			"On Debian and Ubuntu, `make run` in the source's folder makes it without a registry."}
}

// pull fetches a public image. A registry that is silent for long counts as out of reach.
func (e *Engine) pull(ctx context.Context, c *connection, ref string, p *progress) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	silent := time.AfterFunc(pullSilence, func() { cancel(fmt.Errorf("the registry said nothing for %s", session.Spell(pullSilence))) })
	defer silent.Stop()
	body, err := c.api.ImagePull(ctx, ref, images.PullOptions{})
	if err == nil {
		err = readPull(body, p, func() { silent.Reset(pullSilence) })
		_ = body.Close()
	}
	if cause := context.Cause(ctx); cause != nil {
		return cause
	}
	return err
}

// readPull adds up what the layers have brought so far.
func readPull(r io.Reader, p *progress, alive func()) error {
	have, want := map[string]int64{}, map[string]int64{}
	return readMessages(r, func(m message) {
		alive()
		if m.Status != "Downloading" {
			return
		}
		have[m.ID], want[m.ID] = m.ProgressDetail.Current, m.ProgressDetail.Total
		var sum, total int64
		for id := range have {
			sum, total = sum+have[id], total+want[id]
		}
		p.grow("Downloaded", sum, total)
	})
}

// imageFailed says that the image could not be made.
func imageFailed(err error) error {
	var known *session.Error
	if err == nil || errors.As(err, &known) || errors.Is(err, context.Canceled) {
		return err
	}
	e := &session.Error{Code: session.CodeImage, Err: err,
		Message: "Building the image failed: " + cause(err) + ".", Hint: "Retry: what is built stays."}
	var at *buildError
	if errors.As(err, &at) {
		e.Message = "Building the image failed at " + at.step + ": " + at.reason() + "."
	}
	if networkFailed(err) {
		e.Hint = "The network failed. Check it, then Retry: what is built stays."
	}
	return e
}

// defaultOf returns the default of a Dockerfile's argument.
func defaultOf(dockerfile, arg string) string {
	for l := range strings.Lines(dockerfile) {
		if value, ok := strings.CutPrefix(l, "ARG "+arg+"="); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// addFile adds a file to a build's context. Its time is always the same, as its content alone counts.
func addFile(w *tar.Writer, name string, mode int64, b []byte) error {
	if err := w.WriteHeader(&tar.Header{Name: name, Mode: mode, Size: int64(len(b)), ModTime: time.Unix(0, 0)}); err != nil {
		return err
	}
	_, err := w.Write(b)
	return err
}
