package docker

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/docker/docker/api/types/filters"
	images "github.com/docker/docker/api/types/image"

	"background-agents/backend/session"
)

// An old image of an agent with its packages is removed when newer ones are kept and it has not been made lately: other
// installations, and older versions of the application, may share the engine.
const (
	keepImages   = 3
	keepImageAge = 7 * 24 * time.Hour
)

// layers names what an image has: its agent, and packages.
func layers(of session.ImageSpec) string {
	name := of.Agent.ID
	for _, group := range of.Packages {
		name += " " + strings.Join(group, " ")
	}
	return name
}

// prune removes old images of the same layers, as far as nothing uses them. That one stays is no error: the next build
// tries again.
func (e *Engine) prune(ctx context.Context, c *connection, layers string) {
	list, err := c.api.ImageList(ctx, images.ListOptions{Filters: filters.NewArgs(filters.Arg("label", labelAgent+"="+layers))})
	if err != nil {
		return
	}
	slices.SortFunc(list, func(a, b images.Summary) int { return int(b.Created - a.Created) })
	for i, found := range list {
		if i < keepImages || time.Since(time.Unix(found.Created, 0)) < keepImageAge {
			continue
		}
		for _, tag := range found.RepoTags { // by its tag, so that the engine refuses where a container uses it
			_, _ = c.api.ImageRemove(ctx, tag, images.RemoveOptions{PruneChildren: true})
		}
	}
}
