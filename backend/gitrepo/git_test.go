package gitrepo

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"background-agents/backend/session"
)

// TestMain gives git a home of its own, so that tests see no configuration of this machine.
func TestMain(m *testing.M) {
	if os.Getenv(crashChild) != "" {
		runCrashChild()
		return
	}
	home, err := os.MkdirTemp("", "gitrepo-home")
	if err != nil {
		panic(err)
	}
	config := "[user]\n\tname = Ada Lovelace\n\temail = ada@example.org\n[init]\n\tdefaultBranch = main\n" +
		"[protocol \"file\"]\n\tallow = always\n[core]\n\tfsync = none\n[maintenance]\n\tauto = false\n"
	if err := os.WriteFile(filepath.Join(home, ".gitconfig"), []byte(config), 0o600); err != nil {
		panic(err)
	}
	_ = os.Setenv("HOME", home)
	_ = os.Setenv("XDG_CONFIG_HOME", filepath.Join(home, ".config"))
	_ = os.Setenv("GIT_CONFIG_NOSYSTEM", "1")
	code := m.Run()
	_ = os.RemoveAll(home)
	os.Exit(code)
}

// tryGit runs plain git, as a user or an agent would.
func tryGit(dir string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir, cmd.WaitDelay = dir, time.Second
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	out, err := cmd.CombinedOutput()
	return strings.TrimRight(string(out), "\n"), err
}

func git(t testing.TB, dir string, args ...string) string {
	t.Helper()
	out, err := tryGit(dir, args...)
	if err != nil {
		t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return out
}

func gitIn(t testing.TB, dir string, stdin []byte, args ...string) string {
	t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Stdin = dir, bytes.NewReader(stdin)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("git %s: %v", strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out))
}

// write makes files; a name that ends in * is executable, a content of "-> x" a symbolic link, "\x00" a removal.
func write(t testing.TB, dir string, files map[string]string) {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(files)) { // a file goes before a folder comes in its place
		text := files[name]
		path, exec := strings.CutSuffix(name, "*")
		path = filepath.Join(dir, path)
		if text == "\x00" {
			if err := os.RemoveAll(path); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		if target, link := strings.CutPrefix(text, "-> "); link {
			err = os.Symlink(target, path)
		} else if exec {
			err = os.WriteFile(path, []byte(text), 0o755)
		} else {
			err = os.WriteFile(path, []byte(text), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func commit(t testing.TB, dir, message string, files map[string]string) string {
	t.Helper()
	write(t, dir, files)
	git(t, dir, "add", "-A", "-f")
	git(t, dir, "commit", "-q", "--allow-empty", "--no-verify", "-m", message)
	return git(t, dir, "rev-parse", "HEAD")
}

// world is a user's repository, the application's data, and a sandbox with a clone in it.
type world struct {
	testing.TB
	ctx     context.Context
	data    string
	repo    string // the user's
	agent   string // the agent's clone
	base    string
	project session.Project
	session session.Session
	*Repos
}

func newWorld(t testing.TB, files map[string]string) *world {
	t.Helper()
	dir := t.TempDir()
	w := &world{
		TB: t, ctx: context.Background(),
		data: filepath.Join(dir, "data"), repo: filepath.Join(dir, "répo of ada"), agent: filepath.Join(dir, "agent"),
	}
	makingWorlds.Lock()
	defer makingWorlds.Unlock()
	key := fmt.Sprint(files) // in order of the names
	made, known := worlds[key]
	if known {
		if out, err := exec.Command("cp", "-a", made.dir+"/.", dir).CombinedOutput(); err != nil {
			t.Fatalf("cp: %s", out)
		}
		w.base = made.base
	} else {
		git(t, dir, "init", "-q", w.repo)
		commit(t, w.repo, "old", map[string]string{"old.txt": "long ago\n"})
		w.base = commit(t, w.repo, "base", files)
	}
	w.project = session.Project{ID: "proj0001", Name: "répo of ada", Path: w.repo}
	w.session = session.Session{ID: "sess0001", Project: "proj0001", BaseCommit: w.base, BaseRef: "main", Branch: "agents/fix-login"}
	w.Repos = Open(Config{DataDir: w.data})
	if known {
		return w
	}
	w.cloneAgent()
	kept, err := os.MkdirTemp(os.Getenv("HOME"), "world")
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("cp", "-a", w.repo, w.agent, kept).CombinedOutput(); err != nil {
		t.Fatalf("cp: %s", out)
	}
	worlds[key] = keptWorld{kept, w.base}
	return w
}

// worlds are the repository and the agent's clone of each world that was made. A copy takes a twentieth of the time.
var (
	makingWorlds sync.Mutex
	worlds       = map[string]keptWorld{}
)

type keptWorld struct{ dir, base string }

// cloneAgent makes the agent's clone, in the way of the sandbox: from a bundle.
func (w *world) cloneAgent() {
	w.Helper()
	var b bytes.Buffer
	if err := w.Bundle(w.ctx, w.project, w.base, nil, &b); err != nil {
		w.Fatal(err)
	}
	file := filepath.Join(w.TempDir(), "base.bundle")
	if err := os.WriteFile(file, b.Bytes(), 0o600); err != nil {
		w.Fatal(err)
	}
	git(w, filepath.Dir(file), "clone", "-q", "-b", "base", file, w.agent)
}

// checkpoint does what the supervisor does: all files as a commit above the branch.
func (w *world) checkpoint() session.Checkpoint {
	w.Helper()
	head := git(w, w.agent, "rev-parse", "HEAD")
	index := filepath.Join(w.TempDir(), "index")
	var env []string
	run := func(args ...string) string {
		cmd := exec.Command("git", args...)
		cmd.Dir, cmd.Env = w.agent, append(append(os.Environ(), "GIT_INDEX_FILE="+index), env...)
		out, err := cmd.Output()
		if err != nil {
			w.Fatalf("git %v: %v", args, err)
		}
		return strings.TrimSpace(string(out))
	}
	run("read-tree", "HEAD")
	run("add", "-A")
	tree := run("write-tree")
	if tree == git(w, w.agent, "rev-parse", "HEAD^{tree}") {
		return session.Checkpoint{Commit: head, Files: head}
	}
	// As the supervisor's: the same files on the same commit are the same checkpoint, whenever it is made.
	const day = "2026-01-01T00:00:00Z"
	env = []string{"GIT_AUTHOR_DATE=" + day, "GIT_COMMITTER_DATE=" + day}
	return session.Checkpoint{Commit: head, Files: run("commit-tree", tree, "-p", head, "-m", "files")}
}

// bundle makes the bundle of a checkpoint without what the base and have reach; nil where nothing is new.
func (w *world) bundle(c session.Checkpoint, have ...string) []byte {
	w.Helper()
	git(w, w.agent, "update-ref", "refs/result/commit", c.Commit)
	git(w, w.agent, "update-ref", "refs/result/files", c.Files)
	args := []string{"bundle", "create", "-q", "-", "refs/result/commit", "refs/result/files", "--not", w.base}
	cmd := exec.Command("git", append(args, have...)...)
	cmd.Dir = w.agent
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil && strings.Contains(stderr.String(), "empty bundle") {
		return nil
	}
	if err != nil {
		w.Fatalf("bundle: %v %s", err, stderr.String())
	}
	return out
}

func (w *world) head() string { return git(w, w.agent, "rev-parse", "HEAD") }

func (w *world) next(text string) string {
	return commit(w, w.agent, "next", map[string]string{"next.txt": text})
}

// turn ends a turn: checkpoint, bundle, Receive.
func (w *world) turn(n int) session.Verified {
	w.Helper()
	c := w.checkpoint()
	v, err := w.Receive(w.ctx, w.project, w.session, n, c, bytes.NewReader(w.bundle(c)))
	if err != nil {
		w.Fatalf("receive turn %d: %v (%+v)", n, err, session.AsError(err).Err)
	}
	w.session.Result, w.session.Turns = v, n
	return v
}

// publish ends a turn and publishes it.
func (w *world) publish(n int) string {
	w.Helper()
	path, err := w.Publish(w.ctx, w.project, w.session, w.turn(n))
	if err != nil {
		w.Fatalf("publish turn %d: %v (%v)", n, err, session.AsError(err).Err)
	}
	w.session.Worktree = path
	return path
}

// untouched notes the state of the user's repository and returns a check that nothing but refs/heads/agents and worktrees changed.
func (w *world) untouched() func() {
	w.Helper()
	before := w.snapshotUser()
	return func() {
		w.Helper()
		if after := w.snapshotUser(); after != before {
			w.Errorf("the user's repository was changed:\n--- before\n%s\n--- after\n%s", before, after)
		}
	}
}

func (w *world) snapshotUser() string {
	w.Helper()
	var b strings.Builder
	common := git(w, w.repo, "rev-parse", "--git-common-dir")
	if !filepath.IsAbs(common) {
		common = filepath.Join(w.repo, common)
	}
	for line := range strings.Lines(git(w, w.repo, "for-each-ref")) {
		if !strings.Contains(line, "refs/heads/agents/") {
			b.WriteString(line)
		}
	}
	for _, name := range []string{"HEAD", "config", "index", "ORIG_HEAD", "FETCH_HEAD", "packed-refs", "logs/HEAD", "shallow", "config.worktree", "info/exclude"} {
		text, err := os.ReadFile(filepath.Join(common, name))
		fmt.Fprintf(&b, "\n%s %v %x", name, err == nil, text)
	}
	if !isGitDir(w.repo) {
		fmt.Fprintf(&b, "\n%s", git(w, w.repo, "--no-optional-locks", "status", "--porcelain"))
	}
	return b.String()
}

func wantCode(t testing.TB, err error, code session.Code) {
	t.Helper()
	if session.CodeOf(err) != code {
		t.Fatalf("got %q (%v), want code %q", session.CodeOf(err), err, code)
	}
	if code != "" && code != session.CodeInternal {
		if e := session.AsError(err); e.Message == "" || !strings.HasSuffix(e.Message, ".") {
			t.Errorf("no sentence: %+v", e)
		}
	}
}

func read(t testing.TB, path ...string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func runGit(dir, stdin string, args ...string) ([]byte, error) {
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(stdin)
	return cmd.Output()
}

func unhex(id string) string {
	b, err := hex.DecodeString(id)
	if err != nil {
		panic(err)
	}
	return string(b)
}
