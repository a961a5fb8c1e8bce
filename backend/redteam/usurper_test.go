//go:build linux

package redteam

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"background-agents/backend/session"
	"background-agents/build/test/slow"
)

// impostor builds what takes the supervisor's place, for the sandbox.
func impostor(t *testing.T) []byte {
	t.Helper()
	out := filepath.Join(t.TempDir(), "impostor")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", out, "./testdata/impostor")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+runtime.GOARCH)
	if b, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, b)
	}
	b, err := os.ReadFile(out)
	must(t, err)
	return b
}

// usurp puts an impostor behind the socket of a sandbox and cuts the channel, so that the host comes to it.
func (v *victim) usurp(t *testing.T, id session.ID, args ...string) {
	t.Helper()
	quoted := ""
	for _, a := range args {
		quoted += " '" + a + "'"
	}
	// Not by Exec, which wants a link: after some of what an impostor does the host waits longer and longer before it
	// comes again.
	said, _ := exec.Command("docker", "exec", "-u", "1000", v.container(t, id), "bash", "-c",
		"pkill -x impostor; rm -f /tmp/impostor.log; setsid /home/agent/impostor"+quoted+" >/tmp/impostor.log 2>&1 "+
			"</dev/null & "+
			"for i in $(seq 50); do grep -q listening /tmp/impostor.log && break; sleep 0.1; done; pkill -f "+
			"'supervisor connec[t]'; for i in $(seq 150); do grep -q linked /tmp/impostor.log && break; sleep "+
			"0.1; done; cat /tmp/impostor.log").CombinedOutput()
	if !strings.Contains(string(said), "linked") {
		t.Fatalf("control: the host did not come to the impostor: %s", said)
	}
}

// endImpostor ends it. Not by Exec, which wants a link: the host may be waiting before it comes again.
func (v *victim) endImpostor(t *testing.T, id session.ID) {
	t.Helper()
	docker(t, "exec", "-u", "1000", v.container(t, id), "pkill", "-x", "impostor")
}

// reinstate starts a session's sandbox again, with the supervisor of the image.
func (v *victim) reinstate(t *testing.T, id session.ID) {
	t.Helper()
	c := v.container(t, id)
	_ = exec.Command("docker", "kill", c).Run() // it may have ended
	for end := time.Now().Add(wait); time.Now().Before(end); time.Sleep(300 * time.Millisecond) {
		switch s := v.get(id); {
		case s.Status == session.Failed && s.Pending == nil:
			_ = v.Retry(ctx, id)
		case s.Status == session.Stopped, s.Status == session.Idle && s.Sandbox != session.SandboxRunning:
			_ = v.Resume(ctx, id)
		case s.Status == session.Idle:
			if err := v.Checkpoint(ctx, id); err == nil { // the supervisor answers
				return
			}
		}
	}
	s := v.get(id)
	top, _ := exec.Command("docker", "top", c).CombinedOutput()
	t.Fatalf("the session does not come back: %s, %v; in its sandbox run\n%s%s", s.Status, s.Error, top,
		docker(t, "logs", c))
}

// An agent that has taken the supervisor's place tells the host nothing that the host must not believe, and costs it
// little.
func TestTheSupervisorsPlaceIsWorthLittle(t *testing.T) {
	slow.Test(t)
	v := theVictim(t)
	s := v.session(t, session.NewSession{}, "demo: text Ready.")
	v.put(t, s.ID, "/home/agent/impostor", impostor(t))
	before := len(v.transcript(t, s.ID))
	for _, act := range []string{"gap", "items of the host", "frame that is too large", "frame of garbage",
		"many values", "garbage on the channel", "many streams",
		"a stream of the host", "answers that nobody asked for"} {
		t.Run(act, func(t *testing.T) {
			v.frugal(t, func() {
				v.usurp(t, s.ID, act, "", "")
				time.Sleep(300 * time.Millisecond)
				for _, it := range v.transcript(t, s.ID)[before:] {
					if strings.Contains(said(it), "forged") {
						t.Errorf("the transcript holds %s", said(it))
					}
				}
			})
		})
	}
	t.Run("another session's name", func(t *testing.T) {
		v.reinstate(t, s.ID)
		v.turn(t, s.ID, "demo: text Here again.")
		v.usurp(t, s.ID, "another session", "", "")
		if v.get(v.cell).Status != session.Idle {
			t.Errorf("the other session is %q", v.get(v.cell).Status)
		}
	})
	t.Run("no stream leads to a port of the host", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		must(t, err)
		defer l.Close()
		var came atomic.Int32
		go func() {
			for c, err := l.Accept(); err == nil; c, err = l.Accept() {
				came.Add(1)
				_ = c.Close()
			}
		}()
		v.reinstate(t, s.ID)
		v.usurp(t, s.ID, "streams to a port of the host", strings.TrimPrefix(l.Addr().String(), "127.0.0.1:"), "")
		time.Sleep(2 * time.Second)
		if n := came.Load(); n > 0 {
			t.Errorf("the host came %d times", n)
		}
		c, err := net.Dial("tcp", l.Addr().String())
		must(t, err)
		_ = c.Close()
		for end := time.Now().Add(5 * time.Second); came.Load() == 0 &&
			time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		}
		if came.Load() == 0 {
			t.Error("control: nobody is heard at that port")
		}
	})
	v.alive(t)
	t.Run("the session goes on with a supervisor of its own", func(t *testing.T) {
		v.reinstate(t, s.ID)
		v.turn(t, s.ID, "demo: text Here again.")
	})
}

// A result that no supervisor would send is refused, and the user's repository is as it was.
func TestForgedResultsAreRefused(t *testing.T) {
	v := theVictim(t)
	s := v.session(t, session.NewSession{}, "demo: write one.txt 1")
	v.put(t, s.ID, "/home/agent/impostor", impostor(t))
	refs := git(t, v.repo, "for-each-ref")
	for name, forge := range map[string]func(t *testing.T, dir string) string{
		"history of its own": func(t *testing.T, dir string) string {
			git(t, dir, "checkout", "-q", "--orphan", "own")
			git(t, dir, "commit", "-q", "--allow-empty", "-m", "own")
			return bundleOf(t, dir, "HEAD")
		},
		"a branch of the user's": func(t *testing.T, dir string) string {
			git(t, dir, "commit", "-q", "--allow-empty", "-m", "moved")
			id := bundleOf(t, dir, "HEAD")
			git(t, dir, "update-ref", "refs/heads/stolen", id)
			git(t, dir, "bundle", "create", "-q", "b", "refs/result/commit", "refs/result/files", "refs/heads/stolen",
				"^"+s.BaseCommit)
			return id
		},
		"a file that grows when it is unpacked": func(t *testing.T, dir string) string {
			must(t, os.WriteFile(filepath.Join(dir, "big"), make([]byte, 260<<20), 0o644))
			git(t, dir, "-c", "core.compression=1", "-c", "core.bigFileThreshold=1m", "add", "big")
			git(t, dir, "commit", "-q", "-m", "big")
			return bundleOf(t, dir, s.BaseCommit+"..HEAD")
		},
		"trees that hold one another": func(t *testing.T, dir string) string {
			tree := strings.TrimSpace(command(t, dir, "sh", "-c", `of="100644 blob $(echo x | git hash-object -w --stdin)"
				for level in $(seq 9); do of="040000 tree $(for n in $(seq 10); do printf '%s\t%s\n' "$of" $n; done | git mktree)"; done; echo ${of##* }`))
			git(t, dir, "update-ref", "HEAD", strings.TrimSpace(git(t, dir, "commit-tree", "-p", s.BaseCommit, "-m",
				"x", tree)))
			return bundleOf(t, dir, s.BaseCommit+"..HEAD")
		},
		"objects that are missing": func(t *testing.T, dir string) string {
			blob := strings.Repeat("1", 40)
			tree := strings.TrimSpace(command(t, dir, "sh", "-c",
				`printf '100644 blob `+blob+`\tmissing\n' | git mktree --missing`))
			id := strings.TrimSpace(git(t, dir, "commit-tree", "-p", s.BaseCommit, "-m", "x", tree))
			pack := command(t, dir, "sh", "-c",
				`(printf '# v2 git bundle\n-`+s.BaseCommit+`\n`+id+` refs/result/commit\n`+id+` refs/result/files\n\n'; printf '`+id+`\n`+tree+`\n' | git pack-objects -q --stdout) > b`)
			return strings.TrimSpace(pack + id)
		},
		"no bundle": func(t *testing.T, dir string) string {
			must(t, os.WriteFile(filepath.Join(dir, "b"), []byte("# v2 git bundle\n"+strings.Repeat("x", 1<<20)),
				0o644))
			return strings.Repeat("a", 40)
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "forge")
			git(t, "", "clone", "-q", v.repo, dir)
			id := forge(t, dir)
			b, err := os.ReadFile(filepath.Join(dir, "b"))
			must(t, err)
			v.put(t, s.ID, "/home/agent/forged", b)
			v.usurp(t, s.ID, "quiet", id, "/home/agent/forged")
			err = v.Checkpoint(ctx, s.ID)
			for end := time.Now().Add(20 * time.Second); err != nil && session.CodeOf(err) != session.CodeQuarantine &&
				time.Now().Before(end); {
				time.Sleep(200 * time.Millisecond) // the host may still be on its way to the impostor
				err = v.Checkpoint(ctx, s.ID)
			}
			if session.CodeOf(err) != session.CodeQuarantine {
				t.Errorf("the result: %v", err)
			}
			if now := git(t, v.repo, "for-each-ref"); now != refs {
				t.Errorf("the user's refs are %s", now)
			}
			git(t, v.repo, "fsck", "--strict")
			for _, repo := range []string{v.repo, at(t, v, s)} {
				if plainGit(repo, "cat-file", "-t", id) == "commit\n" {
					t.Errorf("%s has the commit", repo)
				}
			}
			if name == "no bundle" {
				return
			}
			plain := filepath.Join(t.TempDir(), "plain")
			git(t, "", "clone", "-q", v.repo, plain)
			if name == "objects that are missing" {
				plainGit(plain, "-c", "fetch.fsckObjects=false", "bundle", "unbundle", filepath.Join(dir, "b"))
			} else {
				plainGit(plain, "fetch", "-q", filepath.Join(dir, "b"), "+refs/*:refs/got/*")
			}
			if plainGit(plain, "cat-file", "-t", id) != "commit\n" {
				t.Error("control: a plain fetch did not take it either")
			}
		})
	}
	v.reinstate(t, s.ID)
}

// bundleOf writes what a supervisor would send of the revisions' tip to the file b, and returns the tip.
func bundleOf(t *testing.T, dir, revs string) string {
	t.Helper()
	id := strings.TrimSpace(git(t, dir, "rev-parse", "HEAD"))
	git(t, dir, "update-ref", "refs/result/commit", id)
	git(t, dir, "update-ref", "refs/result/files", id)
	args := []string{"bundle", "create", "-q", "b", "refs/result/commit", "refs/result/files"}
	if base, _, found := strings.Cut(revs, ".."); found {
		args = append(args, "^"+base)
	}
	git(t, dir, args...)
	return id
}

// What the agent does to the supervisor is the end of its own session's turn, and of nothing else.
func TestTheSupervisorsEndIsItsSandboxsAlone(t *testing.T) {
	slow.Test(t)
	v := theVictim(t)
	s := v.session(t, session.NewSession{}, "demo: text Ready.")
	for _, attack := range []struct{ name, script string }{
		{"hosts of its own", "for i in $(seq 30); do head -c 2000 /dev/urandom | timeout 1 supervisor connect " +
			">/dev/null 2>&1 & done; wait"},
		{"the first process killed", "kill -9 1; kill -9 -1; true"},
		{"the supervisor stopped", "pkill -STOP -f 'supervisor ru[n]'; sleep 2; pkill -CONT -f 'supervisor ru[n]'"},
		{"its journal forged",
			"cd /home/supervisor/journal && for f in *; do head -c 4000 /dev/urandom >> $f; done; pkill -9 -f " +
				"'supervisor ru[n]'"},
		{"its folder emptied", "rm -rf /home/supervisor/*; pkill -9 -f 'supervisor ru[n]'"},
		{"its folder a link",
			"rm -rf /home/supervisor/* && ln -s /etc /home/supervisor/journal; pkill -9 -f 'supervisor ru[n]'"},
	} {
		t.Run(attack.name, func(t *testing.T) {
			c := v.container(t, s.ID)
			_ = exec.Command("docker", "exec", "-u", "1000", c, "bash", "-c", attack.script).Run() // it may end with its container
			if out := v.sh(t, v.cell, "echo here"); out != "here\n" {
				t.Errorf("the other sandbox says %q", out)
			}
			if attack.name == "its folder a link" {
				_ = exec.Command("docker", "start", c).Run()
				_ = exec.Command("docker", "exec", "-u", "1000", c, "rm", "/home/supervisor/journal").Run()
				return
			}
			time.Sleep(time.Second)
			n := v.get(s.ID).Turns
			for end := time.Now().Add(wait); ; time.Sleep(time.Second) {
				_, err := v.Prompt(ctx, s.ID, session.NewPrompt{Text: "demo: text Going on."})
				if err == nil {
					break
				}
				if time.Now().After(end) {
					t.Fatal(err)
				}
			}
			v.until(t, s.ID, 2*wait, func(s session.Session) bool {
				return s.Turns > n && s.WorkedSince == 0 &&
					s.Pending == nil
			})
		})
	}
	v.alive(t)
}
