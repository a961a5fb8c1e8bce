package docker

import (
	_ "embed"
	"slices"
	"strings"

	"github.com/docker/docker/api/types"
	"github.com/docker/docker/api/types/system"
)

// seccompProfile is what the kernel lets a sandbox ask for, from its first process on: what comes in by an exec of the
// engine's, or by an image's health check, passes by the filter that the supervisor loads for the agent.
//
//go:generate go run -tags generate ./seccomp
//go:embed seccomp/profile.json
var seccompProfile string

// profileFor returns the option that gives a container the profile; "" for an engine that takes none. Podman takes the
// name of a file on its own computer.
func profileFor(info system.Info, version types.Version) string {
	podman := slices.ContainsFunc(version.Components, func(c types.ComponentVersion) bool {
		return strings.HasPrefix(c.Name, "Podman")
	})
	enabled := slices.ContainsFunc(info.SecurityOptions, func(o string) bool {
		return strings.HasPrefix(o, "name=seccomp")
	})
	if podman || !enabled {
		return ""
	}
	return "seccomp=" + seccompProfile
}
