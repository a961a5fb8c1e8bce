//go:build linux

package redteam

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"background-agents/backend/session"
	"background-agents/build/test/slow"
)

// The classic mounts are off, and cannot be had from inside or by a name that is none. One that a project switches on
// is what it says and no more: those files, to read, and nothing that they lead to.
//
// What lies at the path is the user's word: a link there, as of a repository of dotfiles, is followed when the sandbox
// starts. No sandbox can write where such a link could be, so none can change it between the look and the start.
func TestMountsAreWhatTheySay(t *testing.T) {
	slow.Test(t)
	v := theVictim(t)
	repo := filepath.Join(v.home, "code", "mounting")
	write(t, filepath.Join(repo, "README.md"), "# Mounting\n")
	// A repository that has the paths of the mounts, as links to the user's own.
	must(t, os.MkdirAll(filepath.Join(repo, ".config"), 0o755))
	for _, path := range []string{".ssh", ".config/gh", ".netrc"} {
		must(t, os.Symlink(filepath.Join(v.home, path), filepath.Join(repo, path)))
	}
	git(t, repo, "init", "-q", "-b", "main")
	git(t, repo, "add", "-A")
	git(t, repo, "commit", "-qm", "first")
	// And a folder that is mounted with ways out of it.
	for name, to := range map[string]string{"out": v.home + "/notes.txt", "up": "../.netrc", "home": "../.aws"} {
		must(t, os.Symlink(to, filepath.Join(v.home, ".ssh", name)))
		t.Cleanup(func() { _ = os.Remove(filepath.Join(v.home, ".ssh", name)) })
	}
	p, err := v.AddProject(ctx, repo)
	must(t, err)
	for _, id := range []string{"../..", "/etc", ".ssh", "ssh/..", "ssh:/root", "SSH", "ssh,destination=/x", ""} {
		bad := p
		bad.Mounts = []string{id}
		if err := v.SaveProject(ctx, bad); session.CodeOf(err) != session.CodeInvalid {
			t.Errorf("a mount by the name %q: %v", id, err)
		}
	}
	const reach = `cat /home/agent/.ssh/* /home/agent/.ssh/home/* /home/agent/.ssh/../.netrc \
  /home/agent/.netrc /home/agent/.aws/* /home/agent/.config/gh/* \
  /workspace/.ssh/* /workspace/.config/gh/* /workspace/.netrc 2>/dev/null
for p in /proc/[0-9]*; do cat $p/root/HOME/notes.txt $p/root/HOME/.netrc $p/cwd/../HOME/notes.txt 2>/dev/null; done
mount --bind / /mnt 2>/dev/null && cat /mnt/HOME/notes.txt
mount -o remount,rw /home/agent/.ssh 2>/dev/null && echo REMOUNTED
unshare -Urm true 2>/dev/null && echo UNSHARED; nsenter -t 1 -m true 2>/dev/null && echo ENTERED
df -a 2>/dev/null | awk '{print $1}' | grep ^/dev | sort -u | while read d; do
  head -c 1 $d >/dev/null 2>&1 && echo DEVICE
done; true`
	script := strings.ReplaceAll(reach, "HOME", strings.TrimPrefix(v.home, "/"))
	s := v.session(t, session.NewSession{Project: p.ID}, "demo: text Ready.")
	if out := v.sh(t, s.ID, script); strings.TrimSpace(out) != "" {
		t.Errorf("with no mount it reaches %q", out)
	}
	p.Mounts = []string{"ssh"}
	must(t, v.SaveProject(ctx, p))
	p.Rev++
	t.Cleanup(func() { p.Mounts = nil; must(t, v.SaveProject(ctx, p)) })
	restart := func() {
		must(t, v.Stop(ctx, s.ID))
		v.until(t, s.ID, wait, func(s session.Session) bool {
			return s.Status == session.Stopped && s.Sandbox != session.SandboxRunning
		})
		must(t, v.Resume(ctx, s.ID))
		v.until(t, s.ID, wait, func(s session.Session) bool {
			return s.Status == session.Idle && s.Sandbox == session.SandboxRunning
		})
	}
	must(t, os.Chmod(filepath.Join(v.home, ".ssh", "id_ed25519"), 0o644)) // the sandbox's user is another than this test's
	restart()
	key := filepath.Join(v.home, ".ssh", "id_ed25519")
	out := v.sh(t, s.ID, script)
	if found := v.canaries.in(out); len(found) != 1 || found[0] != key {
		t.Errorf("with one mount it reaches %v", found)
	}
	if strings.Contains(out, "REMOUNTED") || strings.Contains(out, "UNSHARED") || strings.Contains(out, "ENTERED") ||
		strings.Contains(out, "DEVICE") {
		t.Errorf("it says %q", out)
	}
	before := listing(t, filepath.Join(v.home, ".ssh"), "")
	v.sh(t, s.ID, "cd /home/agent/.ssh; chmod 777 . *; echo x > id_ed25519; echo x >> authorized_keys; "+
		"rm -f out id_ed25519; mv id_ed25519 y; ln id_ed25519 /home/agent/hard; touch z; ln -sf /etc/passwd id_ed25519; true")
	after := listing(t, filepath.Join(v.home, ".ssh"), "")
	if after != before || read(t, key) != v.canaries.files[key]+"\n" {
		t.Errorf("it changed what is mounted:\n%s\nand now\n%s", before, after)
	}
	t.Run("control: a folder that may be written is", func(t *testing.T) {
		dir := t.TempDir()
		must(t, os.Chmod(dir, 0o777))
		docker(t, "run", "--rm", "--user", "1000", "--network", "none", "-v", dir+":/home/agent/.ssh",
			"--entrypoint", "sh", v.image(t), "-c", "echo x > /home/agent/.ssh/authorized_keys")
		if !exists(filepath.Join(dir, "authorized_keys")) {
			t.Error("it is not")
		}
	})
	t.Run("control: a home that is mounted gives all that the links lead to", func(t *testing.T) {
		got := docker(t, "run", "--rm", "--user", "0", "--network", "none", "-v", v.home+":/home/agent:ro",
			"-v", v.home+":"+v.home+":ro", "--entrypoint", "bash", v.image(t), "-c", script)
		if found := v.canaries.in(got); len(found) < 4 {
			t.Errorf("it gives only %v", found)
		}
	})
	p.Mounts = nil
	must(t, v.SaveProject(ctx, p))
	p.Rev++
	restart()
	if out := v.sh(t, s.ID, script); strings.TrimSpace(out) != "" {
		t.Errorf("taken back, it still reaches %q", out)
	}
}
