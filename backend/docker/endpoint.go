package docker

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/docker/docker/client"
)

// endpoint is a place where an engine may listen.
type endpoint struct {
	host string
	opts []client.Opt
	by   choice
}

// choice says what named an engine, so that a hint can: the zero one where it was found by its socket.
type choice struct {
	name string // "DOCKER_HOST"
	undo string // how to use the engine of this computer instead
}

// endpoints returns where to look for an engine, best first: what the user chose, else the sockets that are there.
// Without a home folder only those are found that are not in it.
func endpoints() ([]endpoint, error) {
	if host := os.Getenv(client.EnvOverrideHost); host != "" {
		by := choice{"DOCKER_HOST", "unset DOCKER_HOST to use the engine of this computer"}
		return []endpoint{{host: host, opts: []client.Opt{client.FromEnv}, by: by}}, nil
	}
	home, err := os.UserHomeDir()
	if err != nil || !filepath.IsAbs(home) {
		home = ""
	}
	folder := os.Getenv("DOCKER_CONFIG")
	if folder == "" && home != "" {
		folder = filepath.Join(home, ".docker")
	}
	if name := contextName(folder); name != "" && name != "default" {
		e, err := contextEndpoint(folder, name)
		e.by = choice{"The Docker context " + name,
			"run `docker context use default` to use the engine of this computer"}
		if os.Getenv("DOCKER_CONTEXT") != "" {
			e.by.undo = "unset DOCKER_CONTEXT to use the engine of this computer"
		}
		return []endpoint{e}, err
	}
	var all []endpoint
	for _, host := range knownHosts(home) {
		all = append(all, endpoint{host: host, opts: hostOpts(host)})
	}
	return all, nil
}

func hostOpts(host string) []client.Opt { return []client.Opt{client.WithHost(host)} }

// contextName returns the docker context in use, as the docker command finds it.
func contextName(folder string) string {
	if name := os.Getenv("DOCKER_CONTEXT"); name != "" {
		return name
	}
	if folder == "" {
		return ""
	}
	var config struct{ CurrentContext string }
	b, err := os.ReadFile(filepath.Join(folder, "config.json"))
	if err != nil || json.Unmarshal(b, &config) != nil {
		return ""
	}
	return config.CurrentContext
}

// contextEndpoint reads a docker context; its files lie under the SHA-256 of its name.
func contextEndpoint(folder, name string) (endpoint, error) {
	sum := sha256.Sum256([]byte(name))
	id := hex.EncodeToString(sum[:])
	b, err := os.ReadFile(filepath.Join(folder, "contexts", "meta", id, "meta.json"))
	if err != nil {
		return endpoint{}, fmt.Errorf("read docker context %q: %w", name, err)
	}
	var meta struct {
		Endpoints map[string]struct{ Host string }
	}
	if err := json.Unmarshal(b, &meta); err != nil {
		return endpoint{}, fmt.Errorf("read docker context %q: %w", name, err)
	}
	host := meta.Endpoints["docker"].Host
	if host == "" {
		return endpoint{}, fmt.Errorf("docker context %q names no engine", name)
	}
	e := endpoint{host: host}
	tls := filepath.Join(folder, "contexts", "tls", id, "docker")
	if _, err := os.Stat(filepath.Join(tls, "cert.pem")); err == nil {
		e.opts = append(e.opts, client.WithTLSClientConfig(
			filepath.Join(tls, "ca.pem"), filepath.Join(tls, "cert.pem"), filepath.Join(tls, "key.pem")))
	}
	e.opts = append(e.opts, hostOpts(host)...)
	return e, nil
}
