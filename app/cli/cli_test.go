package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"background-agents/backend/control"
	"background-agents/backend/session"
)

// lockedBuffer is written by the program while the test reads it.
type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func (sh *shell) create(prompt string) session.ID {
	sh.t.Helper()
	p, err := sh.m.AddProject(sh.t.Context(), "/code/shop")
	if err != nil {
		sh.t.Fatal(err)
	}
	s, err := sh.m.Create(sh.t.Context(), session.NewSession{Project: p.ID, Prompt: session.NewPrompt{Text: prompt}})
	if err != nil {
		sh.t.Fatal(err)
	}
	return s.ID
}

func waitFor(t *testing.T, what string, f func() bool) {
	t.Helper()
	for range 500 {
		if f() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("never: %s", what)
}

// ends is a backend whose application ends at the second event of its first watch.
type ends struct {
	*session.Manager
	once *sync.Once
}

func (e ends) Watch(ctx context.Context, f func(session.Event)) error {
	ended := false
	e.once.Do(func() { ended = true })
	if !ended {
		return e.Manager.Watch(ctx, f)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	n := 0
	_ = e.Manager.Watch(ctx, func(ev session.Event) {
		if n++; n <= 2 {
			f(ev)
			return
		}
		cancel()
	})
	return fmt.Errorf("watch: %w", control.ErrGone)
}

func TestFollowedTranscriptIsPrintedOnceAndWholeWhateverHappens(t *testing.T) {
	for _, name := range []string{"application goes on", "application ends"} {
		for _, asJSON := range []bool{false, true} {
			sh := newShell(t)
			id := sh.create("ask one")
			sh.untilIs(id, string(session.NeedsYou))
			out, errOut := &lockedBuffer{}, &lockedBuffer{}
			var ops session.Operations = sh.m
			if name == "application ends" {
				ops = ends{sh.m, &sync.Once{}}
			}
			c := &cli{in: strings.NewReader(""), out: out, err: errOut, open: func(context.Context) (*access, error) {
				return &access{Operations: ops, close: func() error { return nil }}, nil
			}}
			args := []string{"log", "--follow", string(id)}
			if asJSON {
				args = append(args, "--json")
			}
			ctx, cancel := context.WithCancel(t.Context())
			code := make(chan int, 1)
			go func() { code <- c.run(ctx, args) }()
			waitFor(t, "the question", func() bool { return strings.Contains(out.String(), "Run one") })
			if err := sh.m.Answer(ctx, id, "Run one", "yes"); err != nil {
				t.Fatal(err)
			}
			if _, err := sh.m.Prompt(ctx, id, session.NewPrompt{Text: "go on"}); err != nil {
				t.Fatal(err)
			}
			last := "Done: go on."
			waitFor(t, "the second turn", func() bool {
				return strings.Count(out.String(), "end_turn") > 1 || strings.Count(out.String(), "= end turn") == 2
			})
			cancel()
			if got := <-code; got != 130 {
				t.Errorf("%s: exit %d, %s", name, got, errOut)
			}
			for _, once := range []string{"The answer is yes.", last} {
				if n := strings.Count(out.String(), once); n != 1 && !asJSON {
					t.Errorf("%s: %q is printed %d times:\n%s", name, once, n, out)
				}
			}
			if asJSON {
				for l := range strings.Lines(out.String()) {
					var e session.Event
					if err := json.Unmarshal([]byte(l), &e); err != nil {
						t.Errorf("%s: %q: %v", name, l, err)
					}
				}
			}
		}
	}
}

func TestWaitingPrintsTheSessionAsItIsAtTheEnd(t *testing.T) {
	sh := newShell(t)
	var s session.Session
	out := sh.bgaRaw("new", "--json", "--wait", "--project", "/code/shop", "Fix it")
	if err := json.Unmarshal([]byte(out), &s); err != nil || s.Status != session.Idle || s.Turns != 1 {
		t.Fatalf("got %s, %v", out, err)
	}
}

func (sh *shell) bgaRaw(args ...string) string {
	var out bytes.Buffer
	c := &cli{in: strings.NewReader(""), out: &out, err: &bytes.Buffer{}, open: func(context.Context) (*access, error) {
		return &access{Operations: sh.m, close: func() error { return nil }}, nil
	}}
	c.run(sh.t.Context(), args)
	return out.String()
}

func TestIDsMayBeAbbreviatedWhereOneIsMeant(t *testing.T) {
	sh := newShell(t)
	var ids []session.ID
	for range 33 { // more than there are first characters: two begin alike
		ids = append(ids, sh.create(""))
	}
	if s, err := findSession(t.Context(), sh.m, strings.ToUpper(string(ids[3][:6]))); err != nil || s.ID != ids[3] {
		t.Errorf("got %v, %v", s.ID, err)
	}
	ambiguous := false
	for _, id := range ids {
		_, err := findSession(t.Context(), sh.m, string(id[:1]))
		ambiguous = ambiguous || session.CodeOf(err) == session.CodeInvalid
	}
	if _, err := findSession(t.Context(), sh.m, ""); !ambiguous || session.CodeOf(err) != session.CodeNotFound {
		t.Errorf("ambiguous %v, empty: %v", ambiguous, err)
	}
}

func TestProjectIsTheInnermostThatThePathLiesIn(t *testing.T) {
	projects := []session.Project{{ID: "a", Path: "/code/shop"}, {ID: "b", Path: "/code/shop/vendor/lib"}, {ID: "c", Path: "/code/sh"}}
	for path, want := range map[string]session.ProjectID{
		"/code/shop": "a", "/code/shop/src": "a", "/code/shop/vendor/lib/x": "b", "/code/shop2": "", "/code": "", "/code/shop/..x": "a",
	} {
		if p, _ := projectAt(projects, path); p.ID != want {
			t.Errorf("%s: got %q", path, p.ID)
		}
	}
}

func TestPatchForATerminalIsCutIntoLines(t *testing.T) {
	var b strings.Builder
	p := &printableLines{w: &b}
	for _, part := range []string{"+a\x1b[31", "m red\n-b", "\n+", strings.Repeat("x", 2*maxShownLine), "\nend"} {
		if n, err := p.Write([]byte(part)); n != len(part) || err != nil {
			t.Fatal(n, err)
		}
	}
	if err := p.flush(); err != nil {
		t.Fatal(err)
	}
	if want := "+a red\n-b\n+" + strings.Repeat("x", 2*maxShownLine) + "\nend"; b.String() != want {
		t.Errorf("got %.100q", b.String())
	}
}

func TestTextOfAnAgentDoesNothingToATerminal(t *testing.T) {
	for in, want := range map[string]string{
		"a\x1b[31mred\x1b[0m\n":             "ared\n",
		"\x1b]0;title\x07x\x1b]8;;u\x1b\\y": "xy",
		"\x1b[2J\x9b31m\x00\x08z\tü":        "\uFFFD31mz\tü",
	} {
		if got := printable(in); got != want {
			t.Errorf("%q became %q", in, got)
		}
	}
}

func TestWhatAUserDecidesUponIsAllThere(t *testing.T) {
	var b bytes.Buffer
	(&transcript{w: &b}).show(session.Item{ID: "p", Kind: session.KindPermission, Permission: &session.Permission{Title: "echo \x1b]0;rm -rf ~\x07 #\rls\u202e"}})
	if want := `? echo \u001b]0;rm -rf ~\u0007 #\u000dls\u202e` + "\n"; b.String() != want {
		t.Errorf("got %q", b.String())
	}
}

func TestWhatGoesOutOfARunningTurnIsSaidToBeSoFar(t *testing.T) {
	const so = "The agent is working: only what it has committed so far is included."
	c := &cli{}
	idle, working := session.Session{ID: "s"}, session.Session{ID: "s", WorkedSince: 1}
	for name, show := range map[string]func(io.Writer, session.Session){
		"push":         func(w io.Writer, s session.Session) { c.showPush(w, s, session.PushPlan{}) },
		"merge":        func(w io.Writer, s session.Session) { showMerge(w, s, session.MergePlan{}) },
		"pull request": func(w io.Writer, s session.Session) { c.showPullRequest(w, s, session.PullRequestPlan{}) },
		"pull request, pushed": func(w io.Writer, s session.Session) {
			c.showPullRequest(w, s, session.PullRequestPlan{Push: session.PushPlan{Done: true}})
		},
	} {
		var b bytes.Buffer
		if show(&b, idle); strings.Contains(b.String(), so) {
			t.Errorf("%s of an idle session: %s", name, b.String())
		}
		b.Reset()
		if show(&b, working); strings.Count(b.String(), so) != 1 {
			t.Errorf("%s of a working session: %s", name, b.String())
		}
	}
}

func TestUseSaysWhatIsEstimated(t *testing.T) {
	u := session.Usage{Requests: 2, Input: 100, Output: 20, Cost: 0.5}
	if got := spent(u); got != "2 requests, 100 tokens in, 20 out, $0.50" {
		t.Error(got)
	}
	u.Estimated = 70
	if got := spent(u); got != "2 requests, 100 tokens in, 20 out (70 of them estimated), $0.50" {
		t.Error(got)
	}
}

func TestTimesAndSizesReadWell(t *testing.T) {
	for d, want := range map[time.Duration]string{
		400 * time.Millisecond: "0.4 s", 12 * time.Second: "12 s", 252 * time.Second: "4 m 12 s", 125 * time.Minute: "2 h 5 m", 80 * time.Hour: "3 d",
	} {
		if got := elapsed(d); got != want {
			t.Errorf("%v is %q", d, got)
		}
	}
	for n, want := range map[int64]string{0: "0 B", 999: "999 B", 1000: "1.0 kB", 691_000_000: "691.0 MB"} {
		if got := sized(n); got != want {
			t.Errorf("%d is %q", n, got)
		}
	}
}

// What a sandbox has written comes to a terminal by many ways: as a title, a branch, the name of a file, a line of a
// patch, an error.
func TestNoCommandGivesATerminalWhatAnAgentWrote(t *testing.T) {
	const hostile = "\x1b]0;title\x07\x1b[31mred\x9b31m\x07\u202egpj.exe\r"
	s := session.Session{ID: "s1", Title: hostile, Step: hostile, Branch: hostile, Model: hostile, Worktree: hostile, Diff: session.DiffStat{Files: 1},
		Error: &session.Error{Message: hostile, Hint: hostile, Details: hostile}, Result: session.Verified{Risky: []string{hostile}}}
	change := session.FileChange{Path: hostile, Old: hostile, Status: "renamed", Risk: hostile}
	var b bytes.Buffer
	c := &cli{out: &b, err: &b, terminal: true}
	sessionTable(&b, []session.Session{s}, []session.Project{{Name: hostile}})
	showSession(&b, s, hostile, missingText(&session.MissingTool{Command: hostile, Wanted: hostile, From: hostile}))
	diffStat(&b, []session.FileChange{change})
	_, _ = (&printableLines{w: &b}).Write([]byte("@@ -1 +1 @@ " + hostile + "\n+" + hostile + "\n"))
	connectionTable(&b, []session.Connection{{Host: hostile, Rule: hostile}})
	c.say(s.Error)
	_ = c.fail(t.Context(), usage{s.Error})
	show := &transcript{w: &b}
	for _, kind := range []session.Kind{session.KindMessage, session.KindThought, session.KindNotice} {
		show.show(session.Item{ID: session.ItemID(kind), Kind: kind, Text: hostile, DoneAt: 1})
	}
	(&progress{w: &b}).phase(session.Item{Phase: &session.Phase{Name: hostile, Status: "failed"}})
	if n := strings.Count(b.String(), "red"); n < 15 {
		t.Errorf("only %d places show the text", n)
	}
	for i, r := range b.String() {
		if r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 || bidi(r) {
			t.Fatalf("%q is printed: %q", r, b.String()[max(0, i-60):i+1])
		}
	}
}

// transcriptAhead is a backend whose transcript is further than the events that were told.
type transcriptAhead struct {
	session.Operations
	items []session.Item
}

func (a transcriptAhead) Items(context.Context, session.ID, uint64, int) ([]session.Item, error) {
	return a.items, nil
}

func TestAddedProjectNamesItsSubmodules(t *testing.T) {
	sh := newShell(t)
	sh.git.Modules = []string{"third_party/lib"}
	out := sh.bga("project add /code/shop")
	said := "2| note: Submodules are not copied into the sandbox. These folders are empty there: third_party/lib.\n"
	if !strings.Contains(out, said) || !strings.Contains(out, "P1  shop  /code/shop\n") {
		t.Errorf("printed %s", out)
	}
}

func TestArgumentThatIsNotUTF8IsRefused(t *testing.T) {
	sh := newShell(t)
	out := sh.bga("project add /code/caf\xe9")
	if !strings.Contains(out, `error: "/code/caf\xe9" is not UTF-8, so it can't be passed on.`) || !strings.Contains(out, "2| hint: Rename") {
		t.Errorf("printed %s", out)
	}
	if out := sh.bga("project list"); !strings.Contains(out, "No projects yet") {
		t.Errorf("printed %s", out)
	}
}

func TestProgressSaysEachPhaseOnce(t *testing.T) {
	phase := func(status string, rev uint64) session.Item {
		return session.Item{Session: "a", ID: "p", Seq: 1, Rev: rev, Kind: session.KindPhase, Phase: &session.Phase{Name: "clone", Status: status}}
	}
	var out bytes.Buffer
	p := &progress{w: &out, session: "a"}
	at := &access{Operations: transcriptAhead{items: []session.Item{phase("done", 3)}}}
	p.show(at, session.Event{State: true})
	for _, it := range []session.Item{phase("running", 1), phase("running", 2), phase("done", 3)} {
		p.show(at, session.Event{Items: []session.Item{it}})
	}
	if out.String() != "clone: 0.0 s\n" {
		t.Errorf("printed %q", out.String())
	}
}

func TestSessionWithoutPromptIsMadeReadyWhereNoApplicationRuns(t *testing.T) {
	sh := newShell(t)
	sh.own = true
	if out := sh.bga("project add /code/shop") + sh.bga("new --project shop"); !strings.Contains(out, "\nS1\n2| mirror: 0.0 s\n2| container: 0.0 s\n") {
		t.Errorf("printed %s", out)
	}
	if out := sh.bga("list"); !strings.Contains(out, "S1  idle") {
		t.Errorf("listed %s", out)
	}
}
