package main

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"background-agents/backend/session"
	"background-agents/backend/session/sessiontest"
)

var update = flag.Bool("update", false, "write what the program prints into the stories")

// Stories in testdata read like a session in a shell: a line that begins with "$ bga" is run, what follows is what it
// prints, standard error marked with "2|", and an exit code that is not 0 as "exit N". Ids are written S1, S2, P1 in
// the order in which they appear; times as 0.0 s. "@ own" opens the backend in the program, as where no application
// runs.
func TestStories(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			raw, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			got := newShell(t).play(string(raw))
			if *update {
				if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if got != string(raw) {
				t.Errorf("story reads otherwise now (run with -update to accept):\n%s", firstDifference(string(raw), got))
			}
		})
	}
}

func firstDifference(want, got string) string {
	w, g := strings.Split(want, "\n"), strings.Split(got, "\n")
	for i := range min(len(w), len(g)) {
		if w[i] != g[i] {
			return fmt.Sprintf("line %d\nwas: %s\nnow: %s", i+1, w[i], strings.Join(g[i:min(i+5, len(g))], "\n     "))
		}
	}
	return fmt.Sprintf("it had %d lines and has %d; the rest is %q", len(w), len(g), strings.Join(g[min(len(w), len(g)):], "\n"))
}

// shell is an installation on fakes, and the names of what is in it.
type shell struct {
	t      *testing.T
	m      *session.Manager
	git    *git
	vault  *sessiontest.Vault
	own    bool
	names  []string // id, name, ...
	asking sync.WaitGroup
}

func newShell(t *testing.T) *shell {
	sh := &shell{t: t, git: &git{Git: &sessiontest.Git{}}, vault: &sessiontest.Vault{}}
	engine := sessiontest.NewEngine(act)
	m, err := session.Open(context.Background(), session.Config{
		Store: sessiontest.NewMemory(), Engine: engine, Linker: sessiontest.Linker{}, Git: sh.git,
		Vault: sh.vault, Forge: &sessiontest.Forge{}, Environments: sessiontest.Environments{}, Broker: broker{&sessiontest.Broker{}, sh}, Egress: &sessiontest.Egress{},
		Agents:      []session.Agent{{ID: "opencode", Name: "OpenCode", Command: []string{"opencode", "acp"}, Layer: "opencode"}},
		Attachments: t.TempDir(),
		Sample:      func(context.Context) (string, error) { return "/code/sample", nil },
		Doctor: func(context.Context) []session.Check {
			return []session.Check{
				{ID: "git", Title: "Git", Status: "ok", Found: "2.39.5"},
				{ID: "docker", Title: "Docker", Status: "fail", Found: "not running", Hint: "Start it.", Needed: true},
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	sh.m = m
	t.Cleanup(func() {
		_ = m.Close()
		engine.Close()
		sh.asking.Wait()
	})
	return sh
}

// broker offers what was added, and says of each whether there is a key.
type broker struct {
	*sessiontest.Broker
	sh *shell
}

func (b broker) Providers(ctx context.Context) ([]session.Provider, error) {
	all := []session.Provider{{ID: "anthropic", Name: "Anthropic", Kind: session.ProviderKnown}, {ID: "groq", Name: "Groq", Kind: session.ProviderMore}}
	for _, p := range b.sh.m.Settings().Providers {
		all = append(all, session.Provider{ID: p.ID, Name: p.Name, Kind: session.ProviderOwn, URL: p.URL})
	}
	for i := range all {
		all[i].Hint = "Enter its key."
		if _, err := b.sh.vault.Get(ctx, "provider/"+all[i].ID); err == nil {
			all[i].Ready, all[i].Source, all[i].Kept = true, "the keychain", true
		}
	}
	demo, err := b.Broker.Providers(ctx)
	return append(all, demo...), err
}

// act is the agent: it does what the prompt says.
func act(t *sessiontest.Turn) {
	switch word, rest, _ := strings.Cut(t.Prompt.Text, " "); word {
	case "ask":
		answer := t.Ask("Run " + rest)
		t.Say("m", "The answer is "+answer+".")
	case "fail":
		t.Say("m", "I begin.")
		t.Fail("The model did not answer.")
	case "miss":
		for _, command := range strings.Fields(rest) {
			t.Miss(command, "")
		}
		t.Say("m", "I went on without.")
	case "propose":
		t.Say("m", "I asked, and was told: "+t.Propose(rest, "Body.", time.Minute)+".")
	case "sleep":
		t.Say("m", "I sleep.")
		t.Wait(time.Hour)
	default:
		t.Say("m", "I will ")
		t.Say("m", "do it.\x1b[31m")
		t.Tool("make test", session.ToolRunning, "")
		t.Tool("make test", session.ToolFailed, "FAIL one\nFAIL two\n")
		t.Tool("go build", session.ToolCompleted, "ok")
		t.Say("n", "Done: "+t.Prompt.Text+".")
	}
}

// git gives results that are worth printing.
type git struct {
	*sessiontest.Git
}

func (g *git) Diff(context.Context, session.Project, session.Session, session.Range) ([]session.FileChange, error) {
	return []session.FileChange{
		{Path: "a b.go", Status: "modified", Added: 1, Removed: 1},
		{Path: ".github/workflows/ci.yml", Status: "added", Added: 1, Risk: "ci"},
		{Path: "new\"name", Old: "old", Status: "renamed"},
		{Path: "logo.png", Status: "deleted", Binary: true},
	}, nil
}

func (g *git) Patch(_ context.Context, _ session.Project, _ session.Session, _ session.Range, path string, _ session.PatchOptions) (session.Patch, error) {
	p := session.Patch{Path: path, Binary: path == "logo.png"}
	switch path {
	case "a b.go":
		p.Hunks = []session.Hunk{{OldStart: 1, OldLines: 3, NewStart: 1, NewLines: 3, Heading: "func main() {", Lines: []string{" x", "-old", "+new", " y"}}}
	case ".github/workflows/ci.yml":
		p.Hunks = []session.Hunk{{OldStart: 0, OldLines: 0, NewStart: 1, NewLines: 1, Lines: []string{"+on: push"}}}
		p.Truncated = true
	}
	return p, nil
}

// play runs the commands of a story and returns it with what they print now.
func (sh *shell) play(story string) string {
	var out strings.Builder
	for l := range strings.Lines(story) {
		line := strings.TrimRight(l, "\n")
		switch {
		case strings.HasPrefix(line, "# "):
			fmt.Fprintln(&out, line)
		case strings.HasPrefix(line, "@ "):
			sh.direct(strings.TrimPrefix(line, "@ "))
			fmt.Fprintln(&out, line)
		case strings.HasPrefix(line, "$ bga"):
			fmt.Fprintln(&out, line)
			out.WriteString(sh.bga(strings.TrimSpace(strings.TrimPrefix(line, "$ bga"))))
		}
	}
	return out.String()
}

func (sh *shell) direct(what string) {
	switch word, rest, _ := strings.Cut(what, " "); word {
	case "own":
		sh.own = true
	case "unsaved":
		sh.git.Lock()
		sh.git.Losses = strings.Split(rest, ", ")
		sh.git.Unlock()
	case "config": // config setup: make, start: redis: lines of the project's configuration file
		sh.git.Lock()
		sh.git.Files = sessiontest.Files{session.ConfigPath: strings.ReplaceAll(rest, ", ", "\n")}
		sh.git.Unlock()
	case "locked":
		sh.vault.Fail(&session.Error{Code: session.CodeKeychainLock, Message: "The keychain is locked.", Hint: "Unlock it and try again."})
	case "unlocked":
		sh.vault.Fail(nil)
	case "risky":
		sh.git.Lock()
		sh.git.Risky = strings.Fields(rest)
		sh.git.Unlock()
	case "stored": // stored 2 1 a.bin b.bin: of so many files by Git LFS as many contents are lost
		f := session.StoredFiles{}
		list := strings.Fields(rest)
		_, err := fmt.Sscan(rest, &f.Count, &f.Lost)
		if f.Paths = list[2:]; err != nil {
			sh.t.Fatal(err)
		}
		sh.git.Lock()
		sh.git.Stored = f
		sh.git.Unlock()
	case "raw": // raw lfs a.bin b.bin: files that are committed without that filter
		list := strings.Fields(rest)
		sh.git.Lock()
		sh.git.Raw = nil
		for _, path := range list[min(1, len(list)):] {
			sh.git.Raw = append(sh.git.Raw, session.RawFile{Path: path, Filter: list[0]})
		}
		sh.git.Unlock()
	case "stop": // a rebase stops there
		sh.git.Lock()
		sh.git.Stop = &session.RebaseConflict{Subject: "Fix it", Paths: strings.Fields(rest), Text: "CONFLICT"}
		sh.git.Unlock()
	case "asks": // asks S1 example.com: a program in its sandbox wants to reach that host
		id, host, _ := strings.Cut(rest, " ")
		sh.asks(session.ID(sh.ids(id)), host)
	case "until": // until S1 working; or until it says that it is at that step
		id, what, _ := strings.Cut(rest, " ")
		sh.untilIs(session.ID(sh.ids(id)), what)
	case "image": // it is known that the default agent's image is current
		sh.until("the image is current", func(e session.Event) bool {
			return slices.ContainsFunc(e.Images, func(i session.ImageState) bool { return i.Status == "current" })
		})
	default:
		sh.t.Fatalf("no directive %q", what)
	}
}

func (sh *shell) asks(id session.ID, host string) {
	sh.asking.Go(func() { sh.m.AskHost(context.Background(), id, session.HostRequest{Host: host, Program: "curl/8"}) })
	sh.until(string(id)+" asks for "+host, func(e session.Event) bool {
		items, err := sessiontest.Items(context.Background(), sh.m, id)
		return err == nil && slices.ContainsFunc(items, func(it session.Item) bool { return it.Permission != nil && it.Text == host })
	})
}

func (sh *shell) untilIs(id session.ID, what string) {
	sh.until(string(id)+" is "+what, func(e session.Event) bool {
		return slices.ContainsFunc(e.Sessions, func(s session.Session) bool {
			return s.ID == id && s.Pending == nil && (string(s.Status) == what || s.Step == what)
		})
	})
}

func (sh *shell) until(what string, so func(session.Event) bool) {
	ctx, cancel := context.WithTimeout(sh.t.Context(), 10*time.Second)
	defer cancel()
	found := false
	_ = sh.m.Watch(ctx, func(e session.Event) {
		if so(e) {
			found = true
			cancel()
		}
	})
	if !found {
		sh.t.Fatalf("never: %s", what)
	}
}

func (sh *shell) bga(line string) string {
	line, input, _ := strings.Cut(line, " <<< ")
	input = strings.ReplaceAll(input, `\n`, "\n")
	var out, errOut bytes.Buffer
	c := &cli{in: strings.NewReader(input), out: &out, err: &errOut, open: func(context.Context) (*access, error) {
		return &access{Operations: sh.m, own: sh.own, close: func() error { return nil }}, nil
	}}
	ctx, cancel := context.WithTimeout(sh.t.Context(), 20*time.Second)
	defer cancel()
	code := c.run(ctx, fieldsOf(sh.ids(line)))
	sh.learn()
	text := sh.named(out.String())
	for l := range strings.Lines(sh.named(errOut.String())) {
		text += "2| " + l
	}
	if code != 0 {
		text += fmt.Sprintf("exit %d\n", code)
	}
	return text
}

// learn gives names to what is new.
func (sh *shell) learn() {
	e, err := state(context.Background(), sh.m)
	if err != nil {
		sh.t.Fatal(err)
	}
	add := func(id, letter string) {
		for i := 0; i < len(sh.names); i += 2 {
			if sh.names[i] == id {
				return
			}
		}
		n := 1
		for i := 1; i < len(sh.names); i += 2 {
			if strings.HasPrefix(sh.names[i], letter) {
				n++
			}
		}
		sh.names = append(sh.names, id, fmt.Sprint(letter, n))
	}
	for _, p := range e.Projects {
		add(string(p.ID), "P")
	}
	for _, s := range e.Sessions {
		add(string(s.ID), "S")
	}
}

var (
	durations = regexp.MustCompile(`\d+\.\d s`)
	stamps    = regexp.MustCompile(`("(?:at|doneAt|createdAt|updatedAt|workedSince|turnedAt|millis|tools|rev)": ?)\d+`)
	promptIDs = regexp.MustCompile(`"[a-z2-7]{26}"`)
	columns   = regexp.MustCompile(`(\S) {2,}`)
)

// named replaces what is different at each run.
func (sh *shell) named(s string) string {
	for i := 0; i < len(sh.names); i += 2 {
		s = strings.ReplaceAll(s, sh.names[i], sh.names[i+1])
	}
	s = durations.ReplaceAllString(s, "0.0 s")
	s = stamps.ReplaceAllString(s, "${1}0")
	s = promptIDs.ReplaceAllString(s, `"PROMPT"`)
	return columns.ReplaceAllString(s, "$1  ") // names are shorter than ids
}

func (sh *shell) ids(s string) string {
	for i := 0; i < len(sh.names); i += 2 {
		s = regexp.MustCompile(`\b`+sh.names[i+1]+`\b`).ReplaceAllString(s, sh.names[i])
	}
	return s
}

// fieldsOf splits a line into words; double quotes hold them together.
func fieldsOf(line string) []string {
	var words []string
	for i, part := range strings.Split(line, `"`) {
		if i%2 == 1 {
			words = append(words, part)
			continue
		}
		words = append(words, strings.Fields(part)...)
	}
	return words
}
