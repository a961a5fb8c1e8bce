package docker

import (
	"strings"
	"testing"

	"background-agents/backend/session"
)

func TestLimitsOfASandbox(t *testing.T) {
	e := &Engine{instance: "one"}
	at := &connection{cpus: 4, memoryMB: 16384, arch: "amd64"}
	for name, c := range map[string]struct {
		memoryMB, tmpMB int
		cpus            float64
		tmp             string
		nano            int64
	}{
		"its own /tmp":                   {8192, 4096, 2, "size=4096m,nr_inodes=1048576", 2e9},
		"half of a small memory":         {512, 0, 0.5, "size=256m,", 5e8},
		"1 GB of a large memory":         {8192, 0, 1, "size=1024m,", 1e9},
		"as many processors as it has":   {8192, 0, 64, "size=1024m,", 4e9},
		"no processors named: all of it": {8192, 64, 0, "size=64m,", 4e9},
	} {
		spec := session.SandboxSpec{Session: "first", Project: "project1", MemoryMB: c.memoryMB, TmpMB: c.tmpMB, CPUs: c.cpus}
		got, err := e.sandboxConfig(spec, image{tag: "x"}, at)
		if err != nil {
			t.Fatal(err)
		}
		if tmp := got.Host.Tmpfs["/tmp"]; !strings.Contains(tmp, c.tmp) || !strings.Contains(tmp, "mode=1777") {
			t.Errorf("%s: /tmp is mounted with %q", name, tmp)
		}
		memory := int64(c.memoryMB) << 20
		if r := got.Host.Resources; r.Memory != memory || r.MemorySwap != memory || r.NanoCPUs != c.nano {
			t.Errorf("%s: memory %d, with swap %d, processors %d", name, r.Memory, r.MemorySwap, r.NanoCPUs)
		}
	}
}

func TestASizeOfTmpIsAnotherContainer(t *testing.T) {
	e, at := &Engine{instance: "one"}, &connection{cpus: 4, arch: "amd64"}
	hash := func(tmpMB int) string {
		c, err := e.sandboxConfig(session.SandboxSpec{Session: "first", Project: "project1", MemoryMB: 4096, TmpMB: tmpMB},
			image{tag: "x"}, at)
		if err != nil {
			t.Fatal(err)
		}
		return c.hash("image")
	}
	if hash(0) != hash(session.DefaultTmpMB(4096)) {
		t.Error("a default size that is set explicitly changes the container, so existing containers would be recreated")
	}
	if hash(0) == hash(2048) {
		t.Error("a stopped container would keep its old /tmp")
	}
}
