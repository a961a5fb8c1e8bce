//go:build linux

package redteam

import (
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"background-agents/backend/session"
	"background-agents/build/test/slow"
)

// makeFiles makes as many empty files as it can, at most n, and says how many there are. There is no shell that makes
// them as fast.
func makeFiles(dir string, n int) string {
	return `python3 -c '
import os
d = "` + dir + `"; os.makedirs(d, exist_ok=True); n = 0
try:
  while n < ` + strconv.Itoa(n) + `: os.close(os.open("%s/%d" % (d, n), os.O_CREAT | os.O_WRONLY, 0o644)); n += 1
except OSError: pass
print(n)'`
}

// Files without end fill what the sandbox was given of them, and neither the host nor a checkpoint chokes on them.
func TestFilesWithoutEndAreTheSandboxesOwnTrouble(t *testing.T) {
	slow.Test(t)
	v := theVictim(t)
	settings := v.state().Settings
	lower := *settings
	lower.MemoryMB = 512 // half of it for /tmp
	must(t, v.SaveSettings(ctx, lower))
	s := v.session(t, session.NewSession{}, "demo: write kept.txt kept")
	settings.Rev = v.state().Settings.Rev
	must(t, v.SaveSettings(ctx, *settings))
	c := v.container(t, s.ID)
	v.sh(t, s.ID, "pkill -f 'opencode ac[p]'; true") // it looks at each file that is made, which is its own trouble and takes long

	t.Run("in memory", func(t *testing.T) {
		const most = 256 << 20 / 4096
		for _, dir := range []string{"/tmp/flood", "/dev/shm/flood", "/run/secrets/flood"} {
			out := v.sh(t, s.ID, makeFiles(dir, most+5000)+"; rm -rf "+dir)
			n, err := strconv.Atoi(strings.TrimSpace(out))
			if err != nil || n > most || n < 900 {
				t.Errorf("%s takes %q files", dir, out)
			}
		}
		out, _ := exec.Command("docker", "run", "--rm", "--user", "0", "--network", "none", "--tmpfs", "/tmp:size=256m", "--entrypoint", "bash", v.image(t), "-c", makeFiles("/tmp/flood", most+5000)).Output()
		if got := strings.TrimSpace(string(out)); got != strconv.Itoa(most+5000) {
			t.Errorf("control: a folder in memory without a bound takes only %s", got)
		}
	})
	t.Run("in the workspace", func(t *testing.T) {
		if out := v.sh(t, s.ID, makeFiles("/workspace/flood", 100_001)); strings.TrimSpace(out) != "100001" {
			t.Fatalf("control: the workspace takes only %s", out)
		}
		used, began := diskUse(t, v.data), time.Now()
		err := v.Checkpoint(ctx, s.ID)
		if err == nil || !strings.Contains(session.AsError(err).Message, "more than 100000 changed files") {
			t.Errorf("the checkpoint: %v", err)
		}
		if took := time.Since(began); took > 30*time.Second {
			t.Errorf("it took %v", took)
		}
		if grown := diskUse(t, v.data) - used; grown > 10 {
			t.Errorf("it left %d MB on the host", grown)
		}
		v.sh(t, s.ID, "rm -rf /workspace/flood; echo after > /workspace/after.txt")
		if s = v.take(t, s.ID); !exists(filepath.Join(s.Worktree, "after.txt")) {
			t.Error("without them it has no result either")
		}
	})
	t.Run("in git's folder", func(t *testing.T) {
		v.sh(t, s.ID, makeFiles("/workspace/.git/objects/ab", 10_000)+"; "+makeFiles("/workspace/.git/refs/heads/x", 1000))
		began := time.Now()
		v.sh(t, s.ID, "echo more > /workspace/more.txt")
		if err := v.Checkpoint(ctx, s.ID); err != nil && session.CodeOf(err) != session.CodeSandbox {
			t.Errorf("the checkpoint: %v", err)
		}
		if took := time.Since(began); took > 30*time.Second {
			t.Errorf("it took %v", took)
		}
		v.sh(t, s.ID, "rm -rf /workspace/.git/objects/ab /workspace/.git/refs/heads/x")
	})
	t.Run("on a disk that takes no more", func(t *testing.T) {
		// What stands for the disk of an engine is a volume of few files, mounted by the engine in place of the
		// session's own.
		home := docker(t, "inspect", "-f", `{{range .Mounts}}{{if eq .Destination "/home"}}{{.Name}}{{end}}{{end}}`, c)
		volume := docker(t, "inspect", "-f", `{{range .Mounts}}{{if eq .Destination "/workspace"}}{{.Name}}{{end}}{{end}}`, c)
		labels := strings.Fields(docker(t, "volume", "inspect", "-f", "{{range $k, $v := .Labels}}--label {{$k}}={{$v}} {{end}}", volume))
		must(t, v.Stop(ctx, s.ID))
		v.until(t, s.ID, wait, func(s session.Session) bool {
			return s.Status == session.Stopped && s.Sandbox != session.SandboxRunning
		})
		docker(t, "rm", "-f", c)
		docker(t, "volume", "rm", volume, home)
		docker(t, append(append([]string{"volume", "create", "-o", "type=tmpfs", "-o", "device=tmpfs", "-o", "o=size=64m,nr_inodes=2000,uid=1000,gid=1000"}, labels...), volume)...)
		must(t, v.Resume(ctx, s.ID))
		v.until(t, s.ID, wait, func(s session.Session) bool { return s.Status == session.Idle && s.Sandbox == session.SandboxRunning })
		if out := v.sh(t, s.ID, "cat /workspace/kept.txt"); out != "kept" && out != "kept\n" {
			t.Errorf("the sandbox that was recreated lacks the result: %q", out)
		}
		n := v.get(s.ID).Turns
		script := "mkdir -p many && i=0; while echo $i > many/$i; do i=$((i+1)); done 2>/dev/null; ls many | wc -l"
		_, err := v.Prompt(ctx, s.ID, session.NewPrompt{Text: "demo: bash " + script})
		must(t, err)
		ended := v.until(t, s.ID, wait, func(s session.Session) bool {
			return s.Turns > n && s.WorkedSince == 0 && s.Pending == nil && s.Error != nil
		})
		if ended.Error.Code != session.CodeDiskFull || !strings.Contains(ended.Error.Message, "takes no more files") {
			t.Errorf("the turn ends with %+v", ended.Error)
		}
		_, err = v.Prompt(ctx, s.ID, session.NewPrompt{Text: "demo: bash rm -rf many; echo again > again.txt"})
		must(t, err)
		if s := v.until(t, s.ID, wait, idleAfter(n+2)); s.Result.Turn != n+2 {
			t.Errorf("the turn after it has the result of turn %d", s.Result.Turn)
		}
	})
	v.alive(t)
	must(t, v.Delete(ctx, s.ID, true))
}
