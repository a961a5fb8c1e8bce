//go:build linux

package redteam

import (
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"background-agents/backend/session"
	"background-agents/build/test/slow"
)

// An agent that takes all it can gets what its sandbox was given, and neither the host nor another session notices.
func TestASandboxTakesNoMoreThanItsOwn(t *testing.T) {
	slow.Test(t)
	v := theVictim(t)
	settings := v.state().Settings
	lower := *settings
	lower.MemoryMB, lower.CPUs, lower.Pids = 2048, 1, 200
	must(t, v.SaveSettings(ctx, lower))
	s := v.session(t, session.NewSession{}, "demo: text Ready.")
	settings.Rev = v.state().Settings.Rev
	must(t, v.SaveSettings(ctx, *settings))
	// ordinary runs the same in a container without our limits.
	ordinary := func(t *testing.T, script string) string {
		t.Helper()
		out, _ := exec.Command("docker", "run", "--rm", "--user", "0", "--network", "none", "--entrypoint", "bash", v.image(t), "-c", script).CombinedOutput()
		return strings.TrimSpace(string(out))
	}
	// calm fails where the other sandbox does not answer as it does at other times.
	calm := func(t *testing.T) {
		t.Helper()
		begun := time.Now()
		if out := v.sh(t, v.cell, "echo here"); out != "here\n" || time.Since(begun) > 20*time.Second {
			t.Errorf("the other sandbox says %q after %v", out, time.Since(begun))
		}
	}
	number := func(t *testing.T, text string) int {
		t.Helper()
		n, err := strconv.Atoi(strings.TrimSpace(text))
		if err != nil {
			t.Fatalf("it says %q", text)
		}
		return n
	}

	t.Run("processes", func(t *testing.T) {
		const many = "for i in $(seq 400); do sleep 60 & done 2>/dev/null; jobs -p | wc -l; kill $(jobs -p)"
		out := ordinary(t, many)
		if n := number(t, out); n < 390 {
			t.Errorf("control: an ordinary container has only %d", n)
		}
		done := make(chan struct{})
		go func() { // each process looks at the clock, so that the bomb ends
			defer close(done)
			_ = exec.Command("docker", "exec", "-u", "1000", v.container(t, s.ID), "bash", "-c", "b() { [ $SECONDS -lt 6 ] && { b | b & }; }; b; sleep 6").Run()
		}()
		most := 0
		for going := true; going; {
			most = max(most, strings.Count(docker(t, "top", v.container(t, s.ID), "-eo", "pid"), "\n"))
			select {
			case <-done:
				going = false
			case <-time.After(200 * time.Millisecond):
			}
			if most >= 50 && going {
				calm(t)
			}
		}
		if most > 200 || most < 50 {
			t.Errorf("the sandbox has had %d processes", most)
		}
	})
	t.Run("memory", func(t *testing.T) {
		const eat = "python3 -c 'b = bytearray(2500 << 20); [b.__setitem__(i, 1) for i in range(0, len(b), 4096)]; print(len(b) >> 20)' 2>/dev/null || true"
		if out := ordinary(t, eat); out != "2500" {
			t.Errorf("control: an ordinary container says %q", out)
		}
		if out := v.sh(t, s.ID, eat); strings.TrimSpace(out) == "2500" {
			t.Errorf("the sandbox has it: %q", out)
		}
		calm(t)
	})
	t.Run("memory as files", func(t *testing.T) {
		const fill = "for d in /tmp /dev/shm /run /var/tmp /; do dd if=/dev/zero of=$d/fill bs=1M count=1200 2>/dev/null; stat -c %s $d/fill 2>/dev/null; rm -f $d/fill; done | awk '{ if ($1 > m) m = $1 } END { print int(m / 1048576) }'"
		if n := number(t, ordinary(t, fill)); n != 1200 {
			t.Errorf("control: an ordinary container takes only %d MB", n)
		}
		if n := number(t, v.sh(t, s.ID, fill)); n > 1024 {
			t.Errorf("the sandbox takes %d MB", n)
		}
	})
	t.Run("the system", func(t *testing.T) {
		const change = "n=0; for f in /usr/bin/git /usr/local/bin/supervisor /etc/passwd /x /usr/local/bin/x /proc/sys/kernel/core_pattern /sys/kernel/uevent_helper; do (: >> $f) 2>/dev/null && n=$((n+1)); done; mount -t tmpfs x /mnt 2>/dev/null && n=$((n+1)); unshare -Ur true 2>/dev/null && n=$((n+1)); echo $n"
		if n := number(t, ordinary(t, change)); n < 4 {
			t.Errorf("control: an ordinary container changes only %d", n)
		}
		if n := number(t, v.sh(t, s.ID, change)); n != 0 {
			t.Errorf("the sandbox changes %d", n)
		}
	})
	t.Run("files that are open", func(t *testing.T) {
		const open = "ulimit -n 100000 2>/dev/null; python3 -c '\nimport os\nn = 0\ntry:\n  while n < 20000: os.dup(0); n += 1\nexcept OSError: pass\nprint(n)'"
		if n := number(t, ordinary(t, open)); n < 19900 {
			t.Errorf("control: an ordinary container opens only %d", n)
		}
		if n := number(t, v.sh(t, s.ID, open)); n > 8192 {
			t.Errorf("the sandbox opens %d", n)
		}
	})
	t.Run("the engine's log", func(t *testing.T) {
		const flood = "for i in $(seq 10); do head -c 1000000 /dev/zero | tr '\\0' x; echo; done"
		id := docker(t, "run", "-d", "--network", "none", "--entrypoint", "bash", v.image(t), "-c", flood)
		docker(t, "wait", id)
		plain := len(docker(t, "logs", id))
		docker(t, "rm", id)
		v.sh(t, s.ID, "("+flood+") > /proc/1/fd/1")
		if n := len(docker(t, "logs", v.container(t, s.ID))); n > 3<<20 || plain < 9<<20 {
			t.Errorf("the log of the sandbox holds %d MB, that of an ordinary container %d MB", n>>20, plain>>20)
		}
	})
	t.Run("text without end", func(t *testing.T) {
		size := diskUse(t, v.data)
		v.frugal(t, func() { s = v.turn(t, s.ID, "demo: bash head -c 200000000 /dev/zero | tr '\\0' x") })
		if grown := diskUse(t, v.data) - size; grown > 10 {
			t.Errorf("200 MB of output made %d MB on the host", grown)
		}
		if out := v.sh(t, s.ID, "ls -s /home/supervisor/outputs | tail -1"); strings.TrimSpace(out) == "" {
			t.Error("control: there was no output")
		}
	})
	v.alive(t)
}
