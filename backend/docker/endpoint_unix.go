//go:build !windows

package docker

import (
	"os"
	"os/exec"
	"path/filepath"
)

// knownHosts returns the sockets on which engines listen, where there is one, in the order of how usual they are.
func knownHosts(home string) []string {
	paths := []string{"/var/run/docker.sock"}
	if home != "" {
		paths = append(paths, inHome(home)...)
	}
	if run := os.Getenv("XDG_RUNTIME_DIR"); run != "" {
		paths = append(paths, filepath.Join(run, "docker.sock"), filepath.Join(run, "podman", "podman.sock"))
	}
	paths = append(paths, "/run/podman/podman.sock")
	var hosts []string
	for _, path := range paths {
		if info, err := os.Stat(path); err == nil && info.Mode()&os.ModeSocket != 0 {
			hosts = append(hosts, "unix://"+path)
		}
	}
	return hosts
}

// inHome returns where engines of the user's own listen.
func inHome(home string) []string {
	return []string{
		filepath.Join(home, ".docker", "run", "docker.sock"),     // Docker Desktop on macOS
		filepath.Join(home, ".docker", "desktop", "docker.sock"), // Docker Desktop on Linux
		filepath.Join(home, ".colima", "default", "docker.sock"),
		filepath.Join(home, ".config", "colima", "default", "docker.sock"),
		filepath.Join(home, ".orbstack", "run", "docker.sock"),
		filepath.Join(home, ".rd", "docker.sock"), // Rancher Desktop
	}
}

// installed reports whether there is an engine that could be started.
func installed() bool {
	for _, name := range []string{"dockerd", "colima", "podman", "orb"} {
		if _, err := exec.LookPath(name); err == nil {
			return true
		}
	}
	for _, path := range []string{"/Applications/Docker.app", "/opt/docker-desktop", "/Applications/OrbStack.app"} {
		if _, err := os.Stat(path); err == nil {
			return true
		}
	}
	return false
}
