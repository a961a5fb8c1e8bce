package backend_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"background-agents/backend/session"
	"background-agents/build/test/slow"
)

var ctx = context.Background()

// firstImage is how long a session may take that has to build the image.
const firstImage = 20 * time.Minute

func (l *live) must(err error) {
	l.t.Helper()
	if err != nil {
		l.t.Fatal(err)
	}
}

// reads fails unless a file of the worktree has this text, "" for a file that is not there.
func (l *live) reads(s session.Session, name, want string) {
	l.t.Helper()
	body, err := os.ReadFile(filepath.Join(s.Worktree, name))
	if want == "" && os.IsNotExist(err) {
		return
	}
	if got := strings.TrimSpace(string(body)); err != nil || got != want {
		l.t.Errorf("%s is %q (%v), want %q", name, got, err, want)
	}
}

func TestFromPromptToWorktree(t *testing.T) {
	l := newLive(t)
	id := l.create("demo: write hello.txt hello\ndemo: bash git add -A && git commit -qm hello\ndemo: write draft.txt draft\ndemo: text All done.")
	s := l.until(id, firstImage, settled(session.Idle))
	l.reads(s, "hello.txt", "hello")
	l.reads(s, "draft.txt", "draft")
	status, err := exec.Command("git", "-C", s.Worktree, "status", "--porcelain").Output()
	l.must(err)
	if got := strings.TrimSpace(string(status)); got != "?? draft.txt" {
		t.Errorf("git status says %q: what the agent committed is committed, the rest is not", got)
	}
	if log := l.git("log", "--format=%s", s.Branch); log != "hello\nfirst\n" {
		t.Errorf("the branch has %q", log)
	}
	if s.Diff != (session.DiffStat{Files: 2, Added: 2}) {
		t.Errorf("diff is %+v", s.Diff)
	}
	patch, err := l.Patch(ctx, id, 0, "hello.txt", session.PatchOptions{Context: 3})
	l.must(err)
	if len(patch.Hunks) != 1 || len(patch.Hunks[0].Lines) == 0 || patch.Hunks[0].Lines[0] != "+hello" {
		t.Errorf("patch is %+v", patch)
	}
}

func TestUserEditsAreKeptAndSent(t *testing.T) {
	l := newLive(t)
	id := l.create("demo: write notes.txt one")
	s := l.until(id, firstImage, settled(session.Idle))
	l.must(os.WriteFile(filepath.Join(s.Worktree, "mine.txt"), []byte("mine\n"), 0o644))
	edits, err := l.Edits(ctx, id)
	l.must(err)
	if len(edits) != 1 || edits[0].Path != "mine.txt" {
		t.Fatalf("edits are %+v", edits)
	}
	_, err = l.Prompt(ctx, id, session.NewPrompt{Text: "demo: write second.txt two"})
	l.must(err)
	s = l.until(id, time.Minute, func(s session.Session) bool { return s.Turns == 2 && settled(session.Idle)(s) })
	l.reads(s, "mine.txt", "mine")
	l.reads(s, "second.txt", "") // the user's edits hold the worktree where it is
	l.must(l.SendEdits(ctx, id))
	s = l.get(id)
	l.reads(s, "mine.txt", "mine")
	l.reads(s, "second.txt", "two")
	if edits, err = l.Edits(ctx, id); err != nil || len(edits) != 0 {
		t.Errorf("after they were sent, edits are %+v: %v", edits, err)
	}
	_, err = l.Prompt(ctx, id, session.NewPrompt{Text: "demo: bash cp mine.txt seen.txt"})
	l.must(err)
	s = l.until(id, time.Minute, func(s session.Session) bool { return s.Turns == 3 && settled(session.Idle)(s) })
	l.reads(s, "seen.txt", "mine")
}

func TestFilesAreRestoredToBeforeATurn(t *testing.T) {
	l := newLive(t)
	id := l.create("demo: write one.txt 1")
	l.until(id, firstImage, settled(session.Idle))
	_, err := l.Prompt(ctx, id, session.NewPrompt{Text: "demo: write two.txt 2\ndemo: bash rm one.txt README.md"})
	l.must(err)
	s := l.until(id, time.Minute, func(s session.Session) bool { return s.Turns == 2 && settled(session.Idle)(s) })
	l.reads(s, "one.txt", "")
	l.must(l.Restore(ctx, id, 2, true))
	s = l.get(id)
	l.reads(s, "one.txt", "1")
	l.reads(s, "two.txt", "")
	l.reads(s, "README.md", "# A shop")
}

func TestManySessionsOnTwoProjectsAllComeUp(t *testing.T) {
	l := newLive(t)
	other := filepath.Join(l.data, "code", "größe")
	if out, err := exec.Command("git", "clone", "-q", l.repo, other).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	var ids []session.ID
	for n := range slow.Of(4, 10) {
		ids = append(ids, l.createOn([]string{l.repo, other}[n%2], fmt.Sprintf("demo: write n.txt %d", n)))
	}
	for n, id := range ids {
		s := l.until(id, firstImage, settled(session.Idle))
		l.reads(s, "n.txt", fmt.Sprint(n))
	}
}

func TestStopTakesLessThanASecond(t *testing.T) {
	slow.Test(t)
	l := newLive(t)
	for name, prompt := range map[string]string{
		"while a command runs":     "demo: bash sleep 600",
		"while the model is mute":  "demo: hang",
		"while the answer streams": "demo: chunks 20 50\ndemo: repeat 5000 word",
	} {
		t.Run(name, func(t *testing.T) {
			id := l.create(prompt)
			l.until(id, firstImage, func(s session.Session) bool { return s.WorkedSince != 0 })
			time.Sleep(2 * time.Second)
			began := time.Now()
			l.must(l.Stop(ctx, id))
			l.until(id, 10*time.Second, func(s session.Session) bool { return s.WorkedSince == 0 })
			if took := time.Since(began); took > 1500*time.Millisecond {
				t.Errorf("it took %v", took)
			}
			l.until(id, 10*time.Second, settled(session.Idle))
			_, err := l.Prompt(ctx, id, session.NewPrompt{Text: "demo: text Again."})
			l.must(err)
			if s := l.until(id, time.Minute, func(s session.Session) bool { return s.Turns == 2 && settled(session.Idle)(s) }); s.Error != nil {
				t.Errorf("the next turn says %+v", s.Error)
			}
		})
	}
}

// restartEngine is a command that restarts the engine. It ends every container of this machine, so it is asked for by
// name.
var restartEngine = flag.String("restart-engine", "", "command that restarts the container engine")

func TestTurnIsFoundAgainAfterTheEngineRestarts(t *testing.T) {
	if *restartEngine == "" {
		t.Skip("restarting the engine ends all containers of this machine: run `make crash ENGINE='...'`")
	}
	l := newLive(t)
	id := l.create("demo: write kept.txt kept\ndemo: sleep 60000")
	l.until(id, firstImage, func(s session.Session) bool { return s.WorkedSince != 0 })
	time.Sleep(3 * time.Second)
	if out, err := exec.Command("sh", "-c", *restartEngine).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	s := l.until(id, 2*time.Minute, func(s session.Session) bool { return s.WorkedSince == 0 && s.Pending == nil })
	if !s.Interrupted {
		t.Errorf("session is %+v", s)
	}
	l.reads(s, "kept.txt", "kept")
	l.must(l.Resume(ctx, id))
	l.until(id, time.Minute, func(s session.Session) bool { return s.Turns == 2 && settled(session.Idle)(s) })
}
