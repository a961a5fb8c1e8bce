package docker

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/filters"
	"github.com/docker/docker/api/types/mount"
	volumes "github.com/docker/docker/api/types/volume"

	"background-agents/backend/session"
	"background-agents/sandbox/wire"
)

// toolLimit is how long a tool's archives may take into its volume, once they are here. It ends when the volume is
// sealed, or with a sentence.
const toolLimit = 20 * time.Minute

// toolName is what the name and the version of a tool are made of, which become names of volumes and folders.
var toolName = regexp.MustCompile(`^[a-z0-9][A-Za-z0-9.+_-]{0,60}$`)

// toolVolume returns the name of the tool's volume: one for all projects and agents of the installation.
func (e *Engine) toolVolume(t session.Toolchain) (string, error) {
	if !toolName.MatchString(t.Name) || !toolName.MatchString(t.Version) {
		return "", &session.Error{Code: session.CodeInvalid, Message: fmt.Sprintf("%q is not the name and version of a tool.", t.String()),
			Hint: "They are like go 1.25.4."}
	}
	return "bga-" + e.instance + "-tool-" + t.Name + "-" + strings.ReplaceAll(t.Version, "+", "_"), nil
}

// ToolCurrent implements session.Engine. It asks no container: what was filled is remembered with the random name in
// the volume's label, so that one that was removed and recreated does not count.
func (e *Engine) ToolCurrent(ctx context.Context, t session.Toolchain) (bool, error) {
	name, err := e.toolVolume(t)
	if err != nil {
		return false, err
	}
	c, err := e.connect(ctx)
	if err != nil {
		return false, err
	}
	return e.toolSealed(ctx, c, name)
}

func (e *Engine) toolSealed(ctx context.Context, c *connection, name string) (bool, error) {
	v, err := c.api.VolumeInspect(ctx, name)
	if err = ignoreNotFound(err); err != nil {
		return false, e.explain(c, "look for the volume of a tool", err)
	}
	known, err := e.filled.of(name)
	return err == nil && known.Volume != "" && v.Labels[labelMirror] == known.Volume, err
}

// FillTool implements session.Engine. Who needs the same tool meanwhile waits for it.
func (e *Engine) FillTool(ctx context.Context, t session.Toolchain, fetch func(arch string, fill func(session.ToolArchives) error) error) error {
	name, err := e.toolVolume(t)
	if err != nil {
		return err
	}
	unlock, err := e.tools.lock(ctx, name)
	if err != nil {
		return err
	}
	defer unlock()
	c, err := e.connect(ctx)
	if err != nil {
		return err
	}
	if done, err := e.toolSealed(ctx, c, name); done || err != nil {
		return err
	}
	return fetch(c.arch, func(a session.ToolArchives) error {
		if err := e.fillTool(ctx, c, name, a); err != nil {
			return failedTool(t, e.explain(c, "unpack "+t.String(), err))
		}
		return nil
	})
}

// fillTool recreates the volume and unpacks the archives into it, in a container without network that sees nothing
// else.
func (e *Engine) fillTool(ctx context.Context, c *connection, name string, a session.ToolArchives) error {
	image, err := e.anyImage(ctx, c)
	if err != nil {
		return err
	}
	if err := e.removeFill(ctx, c, name); err != nil {
		return err
	}
	if err := ignoreNotFound(c.api.VolumeRemove(ctx, name, true)); err != nil {
		return err
	}
	random := rand.Text()
	if _, err := c.api.VolumeCreate(ctx, volumes.CreateOptions{Name: name, Labels: e.labels(labelMirror, random, labelTool, a.Digest)}); err != nil {
		return err
	}
	in, closeAll, err := toolStream(a)
	if err != nil {
		return err
	}
	defer closeAll()
	limited, cancel := context.WithTimeout(ctx, toolLimit)
	defer cancel()
	digest, err := e.fill(limited, c, name, e.toolConfig(name, image, c), in)
	if err == nil && digest != a.Digest {
		err = fmt.Errorf("the volume holds %q", digest)
	}
	if err != nil {
		return err
	}
	return e.filled.add(name, random, a.Digest)
}

// PruneTools implements session.Engine. One that a container uses stays until the next time.
func (e *Engine) PruneTools(ctx context.Context, keep []session.Toolchain) error {
	kept := map[string]bool{}
	for _, t := range keep {
		name, err := e.toolVolume(t)
		if err != nil {
			return err
		}
		kept[name] = true
	}
	c, err := e.connect(ctx)
	if err != nil {
		return err
	}
	list, err := c.api.VolumeList(ctx, volumes.ListOptions{Filters: filters.NewArgs(
		filters.Arg("label", labelTool), filters.Arg("label", labelInstance+"="+e.instance))})
	if err != nil {
		return e.explain(c, "list the volumes of tools", err)
	}
	for _, v := range list.Volumes {
		if kept[v.Name] {
			continue
		}
		unlock, err := e.tools.lock(ctx, v.Name) // one that is just being filled is wanted
		if err != nil {
			return err
		}
		err = ignoreNotFound(c.api.VolumeRemove(ctx, v.Name, false))
		unlock()
		if err != nil && !errdefs.IsConflict(err) {
			return e.explain(c, "remove "+v.Name, err)
		}
	}
	return nil
}

// toolConfig seals the container that fills a tool's volume.
func (e *Engine) toolConfig(volumeName, image string, at *connection) config {
	c := sealed(at, image, []string{"fill-tool"}, 1024, float64(at.cpus), 256)
	c.Host.Runtime = e.cfg.Runtime
	c.Container.Labels = e.labels()
	c.Container.OpenStdin, c.Container.StdinOnce = true, true
	c.Container.AttachStdin, c.Container.AttachStdout, c.Container.AttachStderr = true, true, true
	c.Host.AutoRemove = true
	c.Host.Mounts = []mount.Mount{volume(volumeName, "/tool", nil)}
	return c
}

// toolMount mounts a tool's volume where sandboxes have it, read-only.
func (e *Engine) toolMount(t session.Toolchain) (mount.Mount, error) {
	name, err := e.toolVolume(t)
	m := volume(name, t.Folder(), nil)
	m.ReadOnly = true
	m.VolumeOptions = &mount.VolumeOptions{NoCopy: true, Labels: e.labels()}
	return m, err
}

// toolStream is what fill-tool reads: what there is, and then the archives.
func toolStream(a session.ToolArchives) (io.Reader, func(), error) {
	head := wire.ToolArchives{Digest: a.Digest}
	for _, p := range a.Parts {
		head.Parts = append(head.Parts, wire.ToolArchive{
			Size: p.Size, Format: p.Format, Strip: p.Strip, Into: p.Into, Name: p.Name, Executables: p.Executables, Links: p.Links,
		})
	}
	text, err := json.Marshal(head)
	if err != nil {
		return nil, nil, err
	}
	parts := []io.Reader{bytes.NewReader(append(text, '\n'))}
	var open []*os.File
	closeAll := func() {
		for _, f := range open {
			_ = f.Close()
		}
	}
	for _, p := range a.Parts {
		f, err := os.Open(p.File)
		if err != nil {
			closeAll()
			return nil, nil, err
		}
		open = append(open, f)
		parts = append(parts, f)
	}
	return io.MultiReader(parts...), closeAll, nil
}

func failedTool(t session.Toolchain, err error) error {
	var known *session.Error
	if errors.As(err, &known) || errors.Is(err, context.Canceled) {
		return err
	}
	return &session.Error{Code: session.CodeSandbox, Err: err,
		Message: t.String() + " could not be unpacked into its volume: " + cause(err) + ".", Hint: "Retry. If it stays so, look at the log."}
}
