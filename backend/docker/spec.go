package docker

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/docker/docker/api/types/container"
	"github.com/docker/docker/api/types/mount"

	"background-agents/backend/session"
)

// sandboxUser is the agent's user in every image. It is a number, so that an image of the user's own needs no account.
const sandboxUser = "1000:1000"

// supervisorPath is where every image of ours has the supervisor.
const supervisorPath = "/usr/local/bin/supervisor"

// hostname is what every sandbox calls itself. Programs look it up to find themselves.
const hostname = "sandbox"

// stopSeconds is how long a supervisor has to end the agent before it is killed.
const stopSeconds = 4

// Bounds of one sandbox that no setting changes.
const (
	openFiles = 8192 // an engine may have little more itself, and can give no more than it has
	varTmpMB  = 256  // /var/tmp, at most a quarter of the memory
	sharedMB  = 64   // /dev/shm
	secretsMB = 4    // all secrets of a session are 1 MB at most
	logSize   = "1m"
)

// config is all that a container is made from: values only, and none of them secret.
type config struct {
	Container container.Config
	Host      container.HostConfig
}

// sandboxConfig seals a sandbox. design: no network, no capability, nothing writable but its own volumes and /tmp.
func (e *Engine) sandboxConfig(spec session.SandboxSpec, from image, at *connection) (config, error) {
	c := sealed(at, from.tag, []string{"run"}, spec.MemoryMB, limitCPUs(spec.CPUs, at.cpus), spec.Pids)
	c.Host.Runtime = e.cfg.Runtime
	if spec.TmpMB > 0 {
		c.Host.Tmpfs["/tmp"] = tmpfs("exec", "mode=1777", spec.TmpMB)
	}
	owner := []string{labelSession, string(spec.Session), labelProject, string(spec.Project)}
	c.Container.Labels = e.labels(owner...)
	c.Host.Tmpfs["/run/secrets"] = tmpfs("noexec", "mode=0700,uid=1000,gid=1000", secretsMB)
	c.Host.Mounts = []mount.Mount{
		volume(e.workspaceName(spec.Session), "/workspace", e.labels(owner...)),
		volume(e.homeName(spec.Session), "/home", e.labels(owner...)),
		{
			Type: mount.TypeVolume, Source: e.mirrorName(spec.Project), Target: "/mirror", ReadOnly: true,
			VolumeOptions: &mount.VolumeOptions{NoCopy: true, Labels: e.labels(labelProject, string(spec.Project))},
		},
	}
	for _, b := range spec.Binds {
		c.Host.Mounts = append(c.Host.Mounts, bind(b))
	}
	for _, t := range spec.Tools {
		m, err := e.toolMount(t)
		if err != nil {
			return c, err
		}
		c.Host.Mounts = append(c.Host.Mounts, m)
	}
	for _, v := range spec.Variables {
		c.Container.Env = append(c.Container.Env, strings.ReplaceAll(v, session.EngineArch, at.arch))
	}
	if len(spec.Path) > 0 {
		path := strings.ReplaceAll(strings.Join(spec.Path, ":"), session.EngineArch, at.arch)
		c.Container.Env = append(c.Container.Env, "PATH="+path+":"+from.path)
	}
	return c, nil
}

// bind mounts something of the user's home that the project lets its sandboxes read. It is read only, and no mount that
// is made on either side later shows on the other.
func bind(b session.Bind) mount.Mount {
	return mount.Mount{
		Type: mount.TypeBind, Source: b.Source, Target: b.Target, ReadOnly: true,
		BindOptions: &mount.BindOptions{Propagation: mount.PropagationRPrivate, NonRecursive: true},
	}
}

// fillConfig seals the container that writes a project's mirror.
func (e *Engine) fillConfig(p session.ProjectID, image string, at *connection) config {
	c := sealed(at, image, []string{"fill-mirror"}, 2048, float64(at.cpus), 256)
	c.Host.Runtime = e.cfg.Runtime
	c.Container.Labels = e.labels(labelProject, string(p))
	c.Container.OpenStdin, c.Container.StdinOnce = true, true
	c.Container.AttachStdin, c.Container.AttachStdout, c.Container.AttachStderr = true, true, true
	c.Host.AutoRemove = true
	c.Host.Mounts = []mount.Mount{volume(e.mirrorName(p), "/mirror", nil)}
	return c
}

// sealed is what every container of ours has in common.
func sealed(at *connection, image string, command []string, memoryMB int, cpus float64, pids int) config {
	yes, limit := true, int64(pids)
	memory := int64(memoryMB) << 20
	stop := stopSeconds
	security := []string{"no-new-privileges"}
	if at.seccomp != "" {
		security = append(security, at.seccomp)
	}
	return config{
		Container: container.Config{
			Image:       image,
			Hostname:    hostname,
			Healthcheck: &container.HealthConfig{Test: []string{"NONE"}}, // an image's own would run beside the supervisor
			User:        sandboxUser,
			Entrypoint:  []string{supervisorPath},
			Cmd:         command,
			WorkingDir:  "/workspace",
			Env:         slices.Clone(environment),
			StopTimeout: &stop,
		},
		Host: container.HostConfig{
			NetworkMode:    "none",
			ExtraHosts:     []string{hostname + ":127.0.0.1"}, // with no network the engine gives its name no address
			Init:           &yes,
			CapDrop:        []string{"ALL"},
			SecurityOpt:    security,
			ReadonlyRootfs: true,
			Tmpfs: map[string]string{
				"/tmp":     tmpfs("exec", "mode=1777", session.DefaultTmpMB(memoryMB)),
				"/var/tmp": tmpfs("exec", "mode=1777", min(varTmpMB, memoryMB/4)),
				"/dev/shm": tmpfs("noexec", "mode=1777", sharedMB), // as the engine makes it, but with a bound on its files
			},
			LogConfig:     container.LogConfig{Type: "json-file", Config: map[string]string{"max-size": logSize, "max-file": "1"}},
			RestartPolicy: container.RestartPolicy{Name: container.RestartPolicyDisabled},
			Resources: container.Resources{
				Memory:     memory,
				MemorySwap: memory,
				NanoCPUs:   int64(cpus * 1e9),
				PidsLimit:  &limit,
				Ulimits: []*container.Ulimit{
					{Name: "nofile", Soft: openFiles, Hard: openFiles},
					{Name: "core", Soft: 0, Hard: 0},
				},
			},
		},
	}
}

// tmpfs returns the options of a folder in memory. It holds as many files as it has pages, so that files with something
// in them meet no other bound than its size, and empty ones do not eat the memory of the kernel.
func tmpfs(exec, owner string, mb int) string {
	const pagesPerMB = 1 << 20 / 4096
	return "rw," + exec + ",nosuid,nodev," + owner + ",size=" + strconv.Itoa(mb) + "m,nr_inodes=" + strconv.Itoa(mb*pagesPerMB)
}

// volume mounts a volume by its name; the engine makes it where it is missing.
func volume(name, target string, labels map[string]string) mount.Mount {
	return mount.Mount{Type: mount.TypeVolume, Source: name, Target: target, VolumeOptions: &mount.VolumeOptions{Labels: labels}}
}

// limitCPUs keeps a limit within what the engine has: it refuses more, and may have less than this computer.
func limitCPUs(want float64, have int) float64 {
	if want <= 0 || have > 0 && want > float64(have) {
		return float64(have)
	}
	return want
}

// hash names what a container is made from. image is the image's id: the same tag may come to mean another.
func (c config) hash(image string) string {
	b, err := json.Marshal(struct {
		Config config
		Image  string
	}{c, image})
	if err != nil {
		panic(err) // plain values always have a JSON form
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:8])
}
