package gitrepo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"background-agents/backend/session"
	"background-agents/build/test/slow"
)

// crashChild names, in the environment of a child process, the job that it does until it is killed.
const crashChild = "GITREPO_CRASH_CHILD"

type crashJob struct {
	Data    string
	Project session.Project
	Session session.Session
	Turn    int
	Point   session.Checkpoint
	Bundle  string
}

func (j crashJob) run(ctx context.Context) (string, session.Verified, error) {
	r := Open(Config{DataDir: j.Data})
	b, err := os.ReadFile(j.Bundle)
	if err != nil {
		return "", session.Verified{}, err
	}
	v, err := r.Receive(ctx, j.Project, j.Session, j.Turn, j.Point, bytes.NewReader(b))
	if err != nil {
		return "", v, err
	}
	path, err := r.Publish(ctx, j.Project, j.Session, v)
	return path, v, err
}

func runCrashChild() {
	var job crashJob
	b, err := os.ReadFile(os.Getenv(crashChild))
	if err == nil {
		err = json.Unmarshal(b, &job)
	}
	if err == nil {
		_, _, err = job.run(context.Background())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// TestKilledAtAnyMoment kills Receive and Publish at random moments, alone or with the git commands that they run, and
// wants the next attempt to heal everything. GITREPO_KILLS asks for more rounds.
func TestKilledAtAnyMoment(t *testing.T) {
	slow.Test(t)
	kills := 20
	if n, err := strconv.Atoi(os.Getenv("GITREPO_KILLS")); err == nil {
		kills = n
	}
	files := map[string]string{".gitignore": "*.log\n"}
	for i := range 400 {
		files[fmt.Sprintf("dir%d/file%d.txt", i%20, i)] = strings.Repeat(fmt.Sprint("line ", i, "\n"), 50)
	}
	w := newWorld(t, files)
	unchanged := w.untouched()
	var jobs [2]crashJob
	var want [2]string
	for n := range jobs {
		change := map[string]string{"forced.log": fmt.Sprint("ignored, yet committed ", n), "both": fmt.Sprint(n)}
		for i := n * 5; i < 400; i += 7 {
			change[fmt.Sprintf("dir%d/file%d.txt", i%20, i)] = strings.Repeat(fmt.Sprint("changed ", n, i, "\n"), 60)
			change[fmt.Sprintf("new%d/file%d.txt", n, i)] = "new\n"
		}
		commit(t, w.agent, "result", change)
		write(t, w.agent, map[string]string{fmt.Sprint("untracked", n): "u\n", "dir3/file3.txt": "\x00"})
		point := w.checkpoint()
		bundle := filepath.Join(t.TempDir(), "bundle")
		if err := os.WriteFile(bundle, w.bundle(point), 0o600); err != nil {
			t.Fatal(err)
		}
		jobs[n] = crashJob{Data: w.data, Project: w.project, Turn: n + 1, Point: point, Bundle: bundle}
		want[n] = git(t, w.agent, "status", "--porcelain", "-uall")
	}
	whole := time.Duration(0)
	reached := map[string]int{}
	for i := range kills {
		job := jobs[i%2]
		job.Session = w.session
		job.Session.ID, job.Session.Branch = session.ID(fmt.Sprint("crash", i/2)), fmt.Sprint("agents/crash", i/2)
		if i < 2 { // the first is not killed: it tells how long it takes
			start := time.Now()
			if _, _, err := job.run(w.ctx); err != nil {
				t.Fatal(err)
			}
			whole = max(whole, time.Since(start)+50*time.Millisecond)
			continue
		}
		after := time.Duration(rand.Int64N(int64(whole) * 3 / 4))
		killed := killedAfter(t, job, after, i%3 == 0)
		rec, _ := w.loadRecord(job.Session)
		reached[fmt.Sprintf("killed=%v half=%v", killed, rec.NextFiles != "")]++

		ctx, cancel := context.WithTimeout(w.ctx, time.Minute)
		path, v, err := job.run(ctx)
		cancel()
		if err != nil {
			t.Fatalf("round %d, killed after %v: %v (%v)", i, after, err, session.AsError(err).Err)
		}
		if got := git(t, w.repo, "rev-parse", job.Session.Branch); got != v.Commit {
			t.Errorf("round %d: branch is at %s", i, got)
		}
		if got := git(t, path, "status", "--porcelain", "-uall"); got != want[i%2] {
			t.Errorf("round %d, killed after %v: status\n%s\nwant\n%s", i, after, got, want[i%2])
		}
		if changed, err := w.Edits(w.ctx, w.project, job.Session); err != nil || len(changed) > 0 {
			t.Errorf("round %d: edits %v %v", i, list(changed), err)
		}
	}
	t.Log(whole, reached)
	unchanged()
	if n := strings.Count(git(t, w.repo, "worktree", "list"), "\n"); n != (kills+1)/2 {
		t.Errorf("%d worktrees", n)
	}
	admins, _ := os.ReadDir(filepath.Join(w.repo, ".git", "worktrees"))
	if len(admins) != (kills+1)/2 {
		t.Errorf("%d entries of worktrees", len(admins))
	}
	out := git(t, w.repo, "fsck", "--no-dangling")
	if strings.Contains(out, "error") || strings.Contains(out, "missing") || strings.Contains(out, "broken") {
		t.Errorf("fsck: %s", out)
	}
	for i := range (kills + 1) / 2 {
		s := w.session
		s.ID = session.ID(fmt.Sprint("crash", i))
		if err := w.Forget(w.ctx, w.project, s, true); err != nil {
			t.Errorf("forget: %v", err)
		}
	}
	if left := treeText(filepath.Join(w.data, "worktrees")); strings.Contains(left, "crash") || strings.Contains(left, "making") {
		t.Errorf("left: %s", left)
	}
	if out := git(t, w.repo, "for-each-ref", "refs/heads/agents"); out != "" {
		t.Errorf("left: %s", out)
	}
	unchanged()
}

// killedAfter runs the job in a process of its own and kills it, with all that it has started or without.
func killedAfter(t *testing.T, job crashJob, after time.Duration, all bool) (killed bool) {
	t.Helper()
	b, err := json.Marshal(job)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "job")
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), crashChild+"="+file)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	timer := time.AfterFunc(after, func() {
		var children []int
		if all {
			children = descendants(cmd.Process.Pid)
		}
		_ = cmd.Process.Kill()
		for _, pid := range children {
			if p, err := os.FindProcess(pid); err == nil {
				_ = p.Kill()
			}
		}
	})
	err = cmd.Wait()
	timer.Stop()
	if err != nil && cmd.ProcessState.ExitCode() == 1 {
		t.Fatalf("the job itself ended with an error: %s", stderr.String())
	}
	return err != nil
}

// descendants lists the processes below one, as far as the system tells (Linux).
func descendants(pid int) (all []int) {
	stats, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range stats {
		b, _ := os.ReadFile(file)
		_, rest, _ := strings.Cut(string(b), ") ")
		if f := strings.Fields(rest); len(f) > 1 && f[1] == strconv.Itoa(pid) {
			child, _ := strconv.Atoi(filepath.Base(filepath.Dir(file)))
			all = append(append(all, child), descendants(child)...)
		}
	}
	return all
}
