package backend_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"background-agents/backend/session"
	"background-agents/build/test/slow"
)

// kills is how often the backend is killed; `make crash` asks for more.
var kills = flag.Int("kills", 100, "how often to kill the backend")

// steps is what one turn does: each step leaves a line in a file, so that one that ran twice or never is seen.
func steps(turn int) string {
	lines := []string{"demo: text Turn " + fmt.Sprint(turn) + " begins."}
	for i := range 8 {
		lines = append(lines, fmt.Sprintf("demo: bash echo %d.%d >> steps.txt", turn, i))
	}
	return strings.Join(append(lines, "demo: repeat 20 word", "demo: text Turn "+fmt.Sprint(turn)+" ends."), "\n")
}

func TestBackendMayBeKilledAtAnyMoment(t *testing.T) {
	slow.Test(t)

	l := newLive(t)
	l.write("dirty.txt", "the user's own work\n")
	before := l.git("for-each-ref") + l.git("status", "--porcelain") + l.git("config", "--list", "--local") + l.git("stash", "list")
	id := l.create(steps(1))
	turns := 1
	for n := range *kills {
		time.Sleep(rand.N(900 * time.Millisecond))
		l.kill()
		l.start()
		if s := l.get(id); len(s.Prompts) < 2 {
			turns++
			if _, err := l.Prompt(ctx, id, session.NewPrompt{ID: session.PromptID(fmt.Sprint("turn", turns)), Text: steps(turns)}); err != nil {
				t.Fatal(err)
			}
		}
		if s := l.get(id); s.Interrupted || s.Status == session.Failed {
			t.Fatalf("after kill %d: interrupted %v, %q %+v", n+1, s.Interrupted, s.Status, s.Error)
		}
	}
	s := l.until(id, 5*time.Minute, func(s session.Session) bool { return settled(session.Idle)(s) && len(s.Prompts) == 0 })
	if s.Turns != turns {
		t.Errorf("%d turns ran, %d prompts were accepted", s.Turns, turns)
	}
	t.Logf("%d kills in %d turns", *kills, turns)
	l.checkTranscript(id, turns)
	if got := l.containers(id); len(got) != 1 {
		t.Errorf("the session has containers %v", got)
	}
	var want []string
	for turn := 1; turn <= turns; turn++ {
		for i := range 8 {
			want = append(want, fmt.Sprintf("%d.%d", turn, i))
		}
	}
	body, err := os.ReadFile(filepath.Join(s.Worktree, "steps.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Fields(string(body)); !slices.Equal(got, want) {
		t.Errorf("steps that ran: %v\nwant %v", got, want)
	}
	refs := []string{}
	for line := range strings.Lines(l.git("for-each-ref")) {
		if !strings.Contains(line, "refs/heads/"+s.Branch) {
			refs = append(refs, line)
		}
	}
	after := strings.Join(refs, "") + l.git("status", "--porcelain") + l.git("config", "--list", "--local") + l.git("stash", "list")
	if after != before {
		t.Errorf("the user's repository has changed:\n%s\nwas:\n%s", after, before)
	}
}

// checkTranscript fails unless every turn is there once, in order, with each of its prompts and tools.
func (l *live) checkTranscript(id session.ID, turns int) {
	l.t.Helper()
	prompts, ends, tools := 0, 0, map[int]int{}
	for _, it := range l.items(id) {
		switch it.Kind {
		case session.KindPrompt:
			if prompts++; it.Text != steps(prompts) {
				l.t.Errorf("prompt %d is %q", prompts, it.Text)
			}
		case session.KindTurn:
			if ends++; it.Result.Stop != "end_turn" || it.Result.Commit == "" {
				l.t.Errorf("turn %d ended with %+v, %+v", ends, it.Result, it.Error)
			}
		case session.KindTool:
			tools[it.Turn]++
		}
		if it.DoneAt == 0 {
			l.t.Errorf("%s %s is still open", it.Kind, it.ID)
		}
	}
	if prompts != turns || ends != turns {
		l.t.Errorf("%d prompts and %d ends, want %d", prompts, ends, turns)
	}
	for turn := 1; turn <= turns; turn++ {
		if tools[turn] != 8 {
			l.t.Errorf("turn %d has %d tool calls, want 8", turn, tools[turn])
		}
	}
}

func TestSandboxMayDieInATurn(t *testing.T) {
	slow.Test(t)

	for _, c := range []struct {
		name   string
		breaks func(container string) *exec.Cmd
	}{
		{"supervisor killed", func(c string) *exec.Cmd {
			return exec.Command("docker", "exec", c, "pkill", "-9", "-f", "supervisor run")
		}},
		{"container killed", func(c string) *exec.Cmd { return exec.Command("docker", "kill", c) }},
		{"container removed", func(c string) *exec.Cmd { return exec.Command("docker", "rm", "-f", c) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLive(t)
			id := l.create("demo: write kept.txt kept\ndemo: bash git add -A && git commit -qm kept")
			l.until(id, 3*time.Minute, settled(session.Idle))
			if _, err := l.Prompt(ctx, id, session.NewPrompt{Text: "demo: write second.txt second\ndemo: sleep 60000\ndemo: text never"}); err != nil {
				t.Fatal(err)
			}
			l.until(id, time.Minute, func(s session.Session) bool { return s.WorkedSince != 0 })
			time.Sleep(3 * time.Second)
			sb, err := l.Sandbox(ctx, id)
			if err != nil {
				t.Fatal(err)
			}
			if out, err := c.breaks(sb.Container).CombinedOutput(); err != nil && c.name != "supervisor killed" {
				t.Fatalf("%v: %s", err, out)
			}
			s := l.until(id, time.Minute, func(s session.Session) bool { return s.Interrupted && s.Pending == nil })
			if len(s.Prompts) != 0 || s.Turns != 2 {
				t.Fatalf("after the crash: %d turns, queue %+v", s.Turns, s.Prompts)
			}
			if err := l.Resume(ctx, id); err != nil {
				t.Fatal(err)
			}
			s = l.until(id, 2*time.Minute, func(s session.Session) bool { return settled(session.Idle)(s) && s.Turns == 3 })
			if s.Interrupted || s.Error != nil {
				t.Errorf("after Resume: %+v", s)
			}
			for name, want := range map[string]string{"kept.txt": "kept", "second.txt": "second"} {
				body, err := os.ReadFile(filepath.Join(s.Worktree, name))
				if err != nil || strings.TrimSpace(string(body)) != want {
					t.Errorf("%s is %q: %v", name, body, err)
				}
			}
			if got := l.containers(id); len(got) != 1 {
				t.Errorf("the session has containers %v", got)
			}
		})
	}
}
