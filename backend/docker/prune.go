package docker

import (
	"context"
	"slices"
	"time"

	"github.com/docker/docker/api/types/filters"
	images "github.com/docker/docker/api/types/image"
)

// An old image of an agent is removed when newer ones are kept and it has not been made lately: other installations, and
// older versions of the application, may share the engine.
const (
	keepImages   = 3
	keepImageAge = 7 * 24 * time.Hour
)

// prune removes old images of an agent, as far as nothing uses them. That one stays is no error: the next build tries again.
func (e *Engine) prune(ctx context.Context, c *connection, agent string) {
	list, err := c.api.ImageList(ctx, images.ListOptions{Filters: filters.NewArgs(filters.Arg("label", labelAgent+"="+agent))})
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
