package docker

import (
	"os"
	"path/filepath"

	"github.com/docker/docker/client"
)

// knownHosts returns the named pipes on which engines listen.
func knownHosts(string) []string {
	return []string{
		client.DefaultDockerHost,
		"npipe:////./pipe/dockerDesktopLinuxEngine",
		"npipe:////./pipe/podman-machine-default",
	}
}

// installed reports whether there is an engine that could be started.
func installed() bool {
	for _, folder := range []string{os.Getenv("ProgramFiles"), os.Getenv("LOCALAPPDATA")} {
		for _, name := range []string{`Docker\Docker`, `RedHat\Podman`, `Programs\Podman Desktop`, "Rancher Desktop"} {
			if _, err := os.Stat(filepath.Join(folder, name)); folder != "" && err == nil {
				return true
			}
		}
	}
	return false
}
