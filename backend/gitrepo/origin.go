package gitrepo

import (
	"context"
	"fmt"
	"io"
	"strings"
)

// checkOrigin refuses objects that the session was never given. The quarantine borrows all of the user's objects, so
// that a commit could name, or a difference be against, anything in them whose id the agent knows or guesses: files of
// other branches would be in its result, and come back to it. Allowed is what the bundle itself brought, and what
// the base and the session's earlier results reach. It returns the objects that are new.
func (in *incoming) checkOrigin(ctx context.Context) ([]string, error) {
	fresh, err := in.objects(ctx, nil, append([]string{in.c.Commit, in.c.Files, "--not"}, in.tips...)...)
	if err != nil {
		return nil, err
	}
	suspects := map[string]bool{}
	for _, id := range in.bases {
		suspects[id] = true
	}
	for _, id := range fresh {
		if !in.own[id] {
			suspects[id] = true
		}
	}
	// What the tips' trees hold answers for nearly all; their whole history is asked only for what is left, such as
	// a file that was put back to what it was long ago.
	for _, history := range [][]string{{"--no-walk"}, {}} {
		if len(suspects) == 0 {
			return fresh, nil
		}
		if _, err := in.objects(ctx, suspects, append(history, in.tips...)...); err != nil {
			return nil, err
		}
	}
	for id := range suspects {
		return nil, refused("it uses object %.12s, which the session was never given", id)
	}
	return fresh, nil
}

// objects lists what `git rev-list --objects` finds, at most Limits.Objects; with strike set it only removes them there.
func (in *incoming) objects(ctx context.Context, strike map[string]bool, args ...string) ([]string, error) {
	var found []string
	limit := in.r.config.Limits.Objects
	err := in.r.run(ctx, in.at, nil, func(out io.Reader) error {
		return eachLine(out, func(id string) error {
			if strike != nil {
				delete(strike, id)
				return nil
			}
			if found = append(found, id); len(found) > limit {
				return refused("it has more than %d new objects", limit)
			}
			return nil
		})
	}, append([]string{"rev-list", "--objects", "--no-object-names"}, args...)...)
	if err != nil && ctx.Err() == nil && (stderrHas(err, "bad object") || stderrHas(err, "missing")) {
		return nil, refused("some of its objects are missing")
	}
	if err != nil {
		return nil, fmt.Errorf("list objects: %w", err)
	}
	return found, nil
}

// ids joins object ids as the input of a command.
func ids(list []string) io.Reader { return strings.NewReader(strings.Join(list, "\n") + "\n") }
