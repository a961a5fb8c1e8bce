package docker

import (
	"strings"
	"testing"

	"background-agents/backend/session"
)

func TestAnEngineElsewhereMountsNothing(t *testing.T) {
	binds := []session.Bind{{Source: "/home/me/.ssh", Target: "/home/agent/.ssh"}}
	for host, sees := range map[string]bool{
		"unix:///var/run/docker.sock": true, "npipe:////./pipe/docker_engine": true,
		"ssh://build@host": false, "tcp://127.0.0.1:2375": false, "http://host:2375": false,
	} {
		c := &connection{host: host, near: near(host)}
		if err := c.mountable(nil); err != nil {
			t.Errorf("%s without mounts: %v", host, err)
		}
		err := c.mountable(binds)
		if sees && err != nil || !sees && (session.CodeOf(err) != session.CodeSandbox || !strings.Contains(err.Error(), "/home/me/.ssh")) {
			t.Errorf("%s: %v", host, err)
		}
	}
}
