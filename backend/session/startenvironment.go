package session

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// ensureEnvironment makes what the project's environment needs where it is missing. A session goes on without what
// can't be made, and says so: an agent that lacks a tool is of more use than none.
func (r *runner) ensureEnvironment(ctx context.Context, agent Agent, plan *EnvironmentPlan) (ImageSpec, error) {
	image := ImageSpec{Agent: agent, Packages: plan.Packages}
	err := r.ensureImage(ctx, image)
	if err != nil && len(plan.Packages) > 0 && ctx.Err() == nil && CodeOf(err) == CodeImage {
		if err = r.without(ctx, "the packages "+strings.Join(slices.Concat(plan.Packages...), ", "), err); err == nil {
			image.Packages = nil
			err = r.ensureImage(ctx, image)
		}
	}
	if err != nil {
		return image, err
	}
	var have []Toolchain
	for _, t := range plan.Tools {
		if err := r.ensureTool(ctx, t); err != nil {
			if ctx.Err() != nil {
				return image, err
			}
			if err := r.without(ctx, t.String(), err); err != nil {
				return image, err
			}
			continue
		}
		have = append(have, t)
	}
	plan.Tools = have
	return image, nil
}

// without tells the user what a session does not have, and why.
func (r *runner) without(ctx context.Context, what string, cause error) error {
	e := AsError(cause)
	_, err := r.m.update(ctx, r.id, func(_ *Session, b *batch) error {
		notice(b, "The session goes on without "+what+": "+e.Message+" "+e.Hint)
		return nil
	})
	return err
}

func (r *runner) ensureTool(ctx context.Context, t Toolchain) error {
	current, err := r.m.Engine.ToolCurrent(ctx, t)
	if err != nil || current {
		return err
	}
	return r.phase(ctx, "tool", func(out func(string)) error {
		out(t.String() + "\n")
		return r.m.Engine.FillTool(ctx, t, func(arch string, fill func(ToolArchives) error) error {
			told := int64(0)
			return r.m.Environments.Fetch(ctx, t, arch, func(read, whole int64) {
				const step = 16 << 20 // bytes between two lines
				if read-told >= step {
					told = read
					out(fmt.Sprintf("%d of %d MB\n", read>>20, whole>>20))
				}
			}, fill)
		})
	})
}
