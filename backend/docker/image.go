package docker

import (
	"archive/tar"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/containerd/errdefs"
	"github.com/docker/docker/api/types/filters"
	images "github.com/docker/docker/api/types/image"

	"background-agents/backend/session"
)

// recipe is what an agent's image is made from.
type recipe struct {
	dockerfile string
	args       map[string]string
	arch       string
	tag        string
	content    string // hash of all of it
}

// recipe puts together what an image is made from. own is the id of the user's image, "" for ours: an own image takes
// the place of the agent's layer and all below it.
func (e *Engine) recipe(of session.ImageSpec, arch, own string) (recipe, error) {
	agent := of.Agent
	sum, err := e.cfg.SupervisorSum(arch)
	if err != nil {
		return recipe{}, &session.Error{Code: session.CodeImage, Err: err,
			Message: "The image cannot be built: " + cause(err) + ".", Hint: "Install the application from a package, or build it with `make build`."}
	}
	r := recipe{arch: arch, args: map[string]string{"TARGETARCH": arch}}
	name, keep := agent.ID, []string{"base", agent.Layer, topStage}
	maps.Copy(r.args, agent.Args)
	r.args["AGENT"] = agent.Layer
	if len(agent.Command) > 0 {
		r.args["AGENT_COMMAND"] = agent.Command[0]
	}
	if own != "" {
		name, keep, r.args["AGENT"] = "own", []string{topStage}, e.cfg.Image
	}
	if len(of.Packages) > 0 {
		keep = append(keep, packagesStage)
		if r.args["GROUND"] = packagesStage; own != "" {
			r.args["PACKAGES_ON"], r.args["AGENT"] = e.cfg.Image, packagesStage
		}
	}
	if r.dockerfile, err = cut(string(e.cfg.Dockerfile), keep); err != nil {
		return recipe{}, err
	}
	r.dockerfile = install(r.dockerfile, of.Packages)
	all := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %s", r.dockerfile, r.args, own, sum)) // a map is printed in order of its keys
	r.content = hex.EncodeToString(all[:])
	r.tag = "background-agents/" + name + ":" + r.content[:12]
	return r, nil
}

// pack writes the build's context: the recipe and the supervisor.
func (e *Engine) pack(w *tar.Writer, r recipe) error {
	supervisor, err := e.cfg.Supervisor(r.arch)
	if err != nil {
		return err
	}
	return errors.Join(addFile(w, "Dockerfile", 0o644, []byte(r.dockerfile)), addFile(w, e.cfg.SupervisorPath(r.arch), 0o755, supervisor))
}

// topStage is the stage of the recipe that puts the supervisor on top.
const topStage = "sandbox"

// cut leaves only some stages of a Dockerfile: the classic builder builds each one that stands before the last.
func cut(dockerfile string, stages []string) (string, error) {
	var b strings.Builder
	kept, keeps := 0, true // what stands before the first stage is kept
	for line := range strings.Lines(dockerfile) {
		if words := strings.Fields(line); len(words) == 4 && words[0] == "FROM" && strings.EqualFold(words[2], "AS") {
			if keeps = slices.Contains(stages, words[3]); keeps {
				kept++
			}
		}
		if keeps {
			b.WriteString(line)
		}
	}
	if kept != len(stages) {
		return "", fmt.Errorf("the image's recipe lacks one of the stages %s", strings.Join(stages, ", "))
	}
	return b.String(), nil
}

// packagesStage is the stage of the recipe that has a project's packages.
const packagesStage = "packages"

// install writes what installs packages into their stage, a layer for each group: images whose first groups are the
// same share them. Names are checked by the domain and hold nothing that a shell reads otherwise.
func install(dockerfile string, groups [][]string) string {
	var b strings.Builder
	for line := range strings.Lines(dockerfile) {
		b.WriteString(line)
		if words := strings.Fields(line); len(words) != 4 || words[0] != "FROM" || words[3] != packagesStage {
			continue
		}
		b.WriteString("USER root\n")
		for _, names := range groups {
			b.WriteString("RUN apt-get update && apt-get install -y --no-install-recommends " + strings.Join(names, " ") +
				" && rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/apt /var/log/dpkg.log\n")
		}
	}
	return b.String()
}

// ImageCurrent implements session.Engine.
func (e *Engine) ImageCurrent(ctx context.Context, of session.ImageSpec) (bool, error) {
	c, err := e.connect(ctx)
	if err != nil {
		return false, err
	}
	_, err = e.currentImage(ctx, c, of)
	if session.CodeOf(err) == session.CodeImageMissing {
		return false, nil
	}
	return err == nil, err
}

// image is one that is there.
type image struct {
	tag, id string
	path    string // its PATH
}

// currentImage returns an image, an error with CodeImageMissing where it is not there or old.
func (e *Engine) currentImage(ctx context.Context, c *connection, of session.ImageSpec) (image, error) {
	own := ""
	if e.cfg.Image != "" {
		found, err := c.api.ImageInspect(ctx, e.cfg.Image)
		if errdefs.IsNotFound(err) {
			return image{}, imageMissing(e.cfg.Image)
		}
		if err != nil {
			return image{}, e.explain(c, "look for the image", err)
		}
		own = found.ID
	}
	r, err := e.recipe(of, c.arch, own)
	if err != nil {
		return image{}, err
	}
	found, err := c.api.ImageInspect(ctx, r.tag)
	if errdefs.IsNotFound(err) || err == nil && (found.Config == nil || found.Config.Labels[labelContent] != r.content) {
		return image{}, imageMissing(r.tag)
	}
	if err != nil {
		return image{}, e.explain(c, "look for the image", err)
	}
	e.mu.Lock()
	e.image = r.tag
	e.mu.Unlock()
	return image{tag: r.tag, id: found.ID, path: pathOf(found.Config.Env)}, nil
}

// pathOf returns the PATH of an image's environment.
func pathOf(env []string) string {
	for _, v := range env {
		if path, ok := strings.CutPrefix(v, "PATH="); ok {
			return path
		}
	}
	return "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
}

func imageMissing(name string) error {
	return &session.Error{Code: session.CodeImageMissing,
		Message: "The image " + name + " is not there.", Hint: "Retry builds it; it takes a few minutes the first time."}
}

// anyImage returns an image of ours for work that needs git and the supervisor, and no agent.
func (e *Engine) anyImage(ctx context.Context, c *connection) (string, error) {
	e.mu.Lock()
	last := e.image
	e.mu.Unlock()
	if last != "" {
		if _, err := c.api.ImageInspect(ctx, last); err == nil {
			return last, nil
		}
	}
	list, err := c.api.ImageList(ctx, images.ListOptions{Filters: filters.NewArgs(filters.Arg("label", labelContent))})
	if err != nil {
		return "", e.explain(c, "look for an image", err)
	}
	slices.SortFunc(list, func(a, b images.Summary) int { return int(b.Created - a.Created) })
	for _, found := range list {
		if len(found.RepoTags) > 0 {
			return found.RepoTags[0], nil
		}
	}
	return "", imageMissing("for sandboxes")
}
