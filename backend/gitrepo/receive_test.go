package gitrepo

import (
	"bytes"
	"compress/zlib"
	"context"
	"crypto/sha1"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"background-agents/backend/session"
)

func TestReceiveKeepsATurn(t *testing.T) {
	w := newWorld(t, someFiles)
	unchanged := w.untouched()
	objects := git(t, w.repo, "count-objects", "-v")
	commit(t, w.agent, "one", map[string]string{"a.txt": "1\n", ".github/workflows/ci.yml": "x", ".vscode/tasks.json": "x", "sub/CLAUDE.md": "x"})
	write(t, w.agent, map[string]string{"up": "-> ../../etc", "in": "-> dir/c.txt"})
	v := w.turn(1)
	if want := []string{".github/workflows/ci.yml", ".vscode/tasks.json", "sub/CLAUDE.md", "up"}; !slices.Equal(v.Risky, want) {
		t.Errorf("risky: %v", v.Risky)
	}
	q := w.quarantineDir("proj0001")
	if got := git(t, q, "for-each-ref", "--format=%(refname) %(objectname)"); got != "refs/sessions/sess0001/turn/1/commit "+v.Commit+"\nrefs/sessions/sess0001/turn/1/files "+v.Files {
		t.Errorf("refs: %s", got)
	}
	if out := git(t, q, "fsck", "--no-dangling", "--connectivity-only"); strings.Contains(out, "error") || strings.Contains(out, "missing") {
		t.Errorf("fsck: %s", out)
	}
	// Nothing new, as an empty body.
	if again := w.turn(2); again.Commit != v.Commit || again.Files != v.Files {
		t.Errorf("%+v", again)
	}
	// A later checkpoint of the same turn.
	write(t, w.agent, map[string]string{"more": "more"})
	if later := w.turn(2); later.Files == v.Files || git(t, q, "rev-parse", "refs/sessions/sess0001/turn/2/files") != later.Files {
		t.Errorf("%+v", later)
	}
	// A file put back to what it was in old history, where git may leave out an object that the base's history has.
	commit(t, w.agent, "revert", map[string]string{"again.txt": "long ago\n"})
	w.turn(3)
	if git(t, w.repo, "count-objects", "-v") != objects {
		t.Error("objects came into the user's repository before Publish")
	}
	if left, _ := os.ReadDir(filepath.Join(w.projectDir("proj0001"), "scratch")); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	unchanged()
}

func TestReceiveInARepositoryWithSHA256(t *testing.T) {
	w := newWorld(t, someFiles)
	dir := filepath.Join(t.TempDir(), "r")
	git(t, w.repo, "init", "-q", "--object-format=sha256", dir)
	w.repo, w.project.Path = dir, dir
	w.base = commit(t, dir, "base", someFiles)
	w.session.BaseCommit = w.base
	w.agent += "2"
	w.cloneAgent()
	commit(t, w.agent, "one", map[string]string{"a.txt": "1\n"})
	write(t, w.agent, map[string]string{"u": "u"})
	path := w.publish(1)
	if got := git(t, path, "status", "--porcelain"); got != "?? u" {
		t.Errorf("status: %s", got)
	}
}

// TestReceiveRefuses hands over what an agent may make up. After each, nothing has come in, and a proper result still can.
func TestReceiveRefuses(t *testing.T) {
	type result struct {
		c      session.Checkpoint
		bundle []byte
	}
	whole := func(w *world, commit, files string) result {
		c := session.Checkpoint{Commit: commit, Files: files}
		return result{c, w.bundle(c)}
	}
	// tree makes a commit whose tree has one entry more, by hand.
	tree := func(mode, name, content string) func(w *world) result {
		return func(w *world) result {
			blob := gitIn(w, w.agent, []byte(content), "hash-object", "-w", "--stdin")
			entries := []string{fmt.Sprintf("%s %s\x00%s", mode, name, unhex(blob))}
			for _, e := range strings.Split(git(w, w.agent, "ls-tree", "HEAD"), "\n") {
				head, path, _ := strings.Cut(e, "\t")
				f := strings.Fields(head)
				entries = append(entries, fmt.Sprintf("%s %s\x00%s", strings.TrimPrefix(f[0], "0"), path, unhex(f[2])))
			}
			slices.SortFunc(entries, func(a, b string) int {
				_, a, _ = strings.Cut(a, " ")
				_, b, _ = strings.Cut(b, " ")
				return strings.Compare(a, b)
			})
			raw := strings.Join(entries, "")
			id := gitIn(w, w.agent, []byte(raw), "hash-object", "-w", "-t", "tree", "--literally", "--stdin")
			c := git(w, w.agent, "commit-tree", id, "-p", "HEAD", "-m", "x")
			return whole(w, c, c)
		}
	}
	limits := Limits{Bundle: 1 << 20, Blob: 100 << 10, Total: 400 << 10, Objects: 60, Files: 50, Path: 200}
	cases := map[string]func(w *world) result{
		"not a bundle": func(w *world) result { r := whole(w, w.head(), w.head()); r.bundle = []byte("hello\n"); return r },
		"endless header": func(w *world) result {
			r := whole(w, w.head(), w.head())
			r.bundle = bytes.Repeat([]byte("x"), 900<<10)
			return r
		},
		"endless prerequisites": func(w *world) result {
			r := whole(w, w.head(), w.head())
			r.bundle = append([]byte("# v2 git bundle\n"), bytes.Repeat([]byte("-"+w.base+" \n"), 12000)...)
			return r
		},
		"cut off": func(w *world) result {
			r := whole(w, w.next("x"), w.head())
			r.bundle = r.bundle[:len(r.bundle)-30]
			return r
		},
		"a bit flipped": func(w *world) result { r := whole(w, w.next("x"), w.head()); r.bundle[len(r.bundle)-40] ^= 1; return r },
		"filter capability": func(w *world) result {
			r := whole(w, w.next("x"), w.head())
			r.bundle = append([]byte("# v3 git bundle\n@filter=blob:none\n"), r.bundle[16:]...)
			return r
		},
		"larger than allowed": func(w *world) result {
			r := whole(w, w.next("x"), w.head())
			r.bundle = append(r.bundle, make([]byte, 2<<20)...)
			return r
		},
		"an extra ref":     func(w *world) result { return w.extraRef("refs/heads/main") },
		"a ref below .git": func(w *world) result { return w.extraRef("refs/result/files/../../../../x") },
		"a ref twice": func(w *world) result {
			r := whole(w, w.next("x"), w.head())
			r.bundle = bytes.Replace(r.bundle, []byte("refs/result/commit"), []byte("refs/result/files"), 1)
			return r
		},
		"other commits than told": func(w *world) result { r := whole(w, w.next("x"), w.head()); r.c.Commit = w.base; return r },
		"no commits":              func(w *world) result { r := whole(w, w.next("x"), w.head()); r.c = session.Checkpoint{}; return r },
		"options for commits":     func(w *world) result { return result{session.Checkpoint{Commit: "--all", Files: "--all"}, nil} },
		"unrelated history": func(w *world) result {
			c := git(w, w.agent, "commit-tree", "HEAD^{tree}", "-m", "x")
			return whole(w, c, c)
		},
		"older than the base": func(w *world) result {
			c := git(w, w.agent, "commit-tree", "HEAD^{tree}", "-p", "HEAD~1", "-m", "x")
			return whole(w, c, c)
		},
		"files beside the commit": func(w *world) result {
			return whole(w, w.next("x"), git(w, w.agent, "commit-tree", "HEAD^{tree}", "-p", w.base, "-m", "f"))
		},
		"files with two parents": func(w *world) result {
			return whole(w, w.next("x"), git(w, w.agent, "commit-tree", "HEAD^{tree}", "-p", "HEAD", "-p", w.base, "-m", "f"))
		},
		"a tag as commit": func(w *world) result {
			git(w, w.agent, "tag", "-a", "-m", "t", "t")
			id := git(w, w.agent, "rev-parse", "t")
			return whole(w, id, id)
		},
		"a blob as commit": func(w *world) result {
			id := gitIn(w, w.agent, []byte("b"), "hash-object", "-w", "--stdin")
			return whole(w, id, id)
		},
		"large file": func(w *world) result {
			c := commit(w, w.agent, "x", map[string]string{"big": strings.Repeat("x", 200<<10)})
			return whole(w, c, c)
		},
		"large in all": func(w *world) result {
			for i := range 6 {
				write(w, w.agent, map[string]string{fmt.Sprint("big", i): strings.Repeat(fmt.Sprint(i), 90<<10)})
			}
			c := commit(w, w.agent, "x", nil)
			return whole(w, c, c)
		},
		"too many objects": func(w *world) result { c := w.many(80); return whole(w, c, c) },
		"too many files": func(w *world) result {
			files := map[string]string{}
			for i := range 55 {
				files[fmt.Sprint("f", i)] = "same"
			}
			c := commit(w, w.agent, "x", files)
			return whole(w, c, c)
		},
		"long path": func(w *world) result {
			c := commit(w, w.agent, "x", map[string]string{strings.Repeat("folder/", 35) + "f": "x"})
			return whole(w, c, c)
		},
		".git":                       tree("100644", ".git", "x"),
		".GIT":                       tree("100644", ".GiT", "x"),
		"git~1":                      tree("100644", "git~1", "x"),
		".git with spaces":           tree("100644", ".git . ", "x"),
		".git as a stream":           tree("100644", ".git::$INDEX_ALLOCATION", "x"),
		".git on HFS+":               tree("100644", ".g\u200cit", "x"),
		"behind a backslash":         tree("100644", `a\.git\config`, "x"),
		"dot dot":                    tree("100644", "..", "x"),
		"slash in a name":            tree("100644", "../x", "x"),
		"odd mode":                   tree("100777", "zz", "x"),
		".gitmodules that is a link": tree("120000", ".gitmodules", "/etc/passwd"),
		".gitmodules with an option": tree("100644", ".gitmodules", "[submodule \"x\"]\n\tpath = x\n\turl = -u./payload\n"),
		".gitmodules above":          tree("100644", ".gitmodules", "[submodule \"../../x\"]\n\tpath = x\n\turl = https://example.org/x\n"),
		"a blob that is missing": func(w *world) result {
			id := gitIn(w, w.agent, []byte("gone"), "hash-object", "-w", "--stdin")
			c := tree("100644", "zz", "gone")(w)
			return result{c.c, w.without(c, id)}
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, someFiles)
			w.Repos = Open(Config{DataDir: w.data, Limits: limits})
			unchanged := w.untouched()
			res := c(w)
			_, err := w.Receive(w.ctx, w.project, w.session, 1, res.c, bytes.NewReader(res.bundle))
			wantCode(t, err, session.CodeQuarantine)
			t.Log(err)
			q := w.quarantineDir("proj0001")
			if exists(q) {
				if refs := git(t, q, "for-each-ref"); refs != "" {
					t.Errorf("refs: %s", refs)
				}
			}
			if packs, _ := filepath.Glob(filepath.Join(q, "objects", "*", "*")); len(packs) > 1 {
				t.Errorf("objects: %v", packs)
			}
			unchanged()
			git(t, w.agent, "reset", "-q", "--hard", w.base)
			git(t, w.agent, "clean", "-qfdx")
			commit(t, w.agent, "fine", map[string]string{"a.txt": "fine\n"})
			w.turn(1)
		})
	}
}

func (w *world) head() string { return git(w, w.agent, "rev-parse", "HEAD") }

func (w *world) next(text string) string {
	return commit(w, w.agent, "next", map[string]string{"next.txt": text})
}

func (w *world) many(n int) string {
	files := map[string]string{}
	for i := range n {
		files[fmt.Sprint("many/", i)] = fmt.Sprint(i)
	}
	return commit(w, w.agent, "many", files)
}

func (w *world) extraRef(ref string) struct {
	c      session.Checkpoint
	bundle []byte
} {
	id := w.next("x")
	b := w.bundle(session.Checkpoint{Commit: id, Files: id})
	b = bytes.Replace(b, []byte(" refs/result/commit\n"), []byte(" refs/result/commit\n"+id+" "+ref+"\n"), 1)
	return struct {
		c      session.Checkpoint
		bundle []byte
	}{session.Checkpoint{Commit: id, Files: id}, b}
}

// without makes the bundle anew with one object left out of its pack.
func (w *world) without(res struct {
	c      session.Checkpoint
	bundle []byte
}, id string) []byte {
	head := res.bundle[:bytes.Index(res.bundle, []byte("PACK"))]
	var keep []string
	for _, o := range strings.Fields(git(w, w.agent, "rev-list", "--objects", "--no-object-names", res.c.Files, "--not", w.base)) {
		if o != id {
			keep = append(keep, o)
		}
	}
	return append(slices.Clone(head), packOf(w, w.agent, keep)...)
}

func packOf(t testing.TB, dir string, ids []string) []byte {
	t.Helper()
	out, err := runGit(dir, strings.Join(ids, "\n")+"\n", "pack-objects", "--stdout", "-q")
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// The user's other branches are not the session's to use, although the quarantine borrows their objects.
func TestReceiveRefusesObjectsThatTheSessionWasNeverGiven(t *testing.T) {
	setup := func(t *testing.T) (w *world, secret string) {
		w = newWorld(t, someFiles)
		git(t, w.repo, "checkout", "-q", "-b", "private")
		commit(t, w.repo, "secret", map[string]string{"secret.txt": strings.Repeat("the user's secret, which is long enough for a difference\n", 20)})
		secret = git(t, w.repo, "rev-parse", "HEAD:secret.txt")
		git(t, w.repo, "checkout", "-q", "main")
		return w, secret
	}
	steal := func(w *world, secret string) (c session.Checkpoint, head string) {
		tree := gitIn(w, w.agent, []byte("100644 blob "+secret+"\tloot\n"), "mktree", "--missing")
		id := git(w, w.agent, "commit-tree", tree, "-p", w.base, "-m", "x")
		c = session.Checkpoint{Commit: id, Files: id}
		return c, fmt.Sprintf("# v2 git bundle\n-%s \n%s refs/result/commit\n%s refs/result/files\n\n", w.base, id, id)
	}
	t.Run("named by a tree", func(t *testing.T) {
		w, secret := setup(t)
		c, head := steal(w, secret)
		pack := packOf(t, w.agent, []string{c.Commit, git(t, w.agent, "rev-parse", c.Commit+"^{tree}")})
		_, err := w.Receive(w.ctx, w.project, w.session, 1, c, strings.NewReader(head+string(pack)))
		wantCode(t, err, session.CodeQuarantine)
		// Without the check git takes it: the control.
		if out, err := fetchPlainly(t, w, head+string(pack)); err != nil {
			t.Errorf("the attack does not work: %s", out)
		}
	})
	t.Run("base of a difference", func(t *testing.T) {
		w, secret := setup(t)
		text := strings.Repeat("the user's secret, which is long enough for a difference\n", 20)
		loot := gitIn(t, w.agent, []byte(text+"!"), "hash-object", "-w", "--stdin")
		tree := gitIn(t, w.agent, []byte("100644 blob "+loot+"\tloot\n"), "mktree")
		id := git(t, w.agent, "commit-tree", tree, "-p", w.base, "-m", "x")
		rest := packOf(t, w.agent, []string{id, tree})
		pack := packWithDifference(rest, secret, len(text), "!")
		head := fmt.Sprintf("# v2 git bundle\n-%s \n%s refs/result/commit\n%s refs/result/files\n\n", w.base, id, id)
		if out, err := fetchPlainly(t, w, head+string(pack)); err != nil {
			t.Errorf("the attack does not work: %s", out)
		}
		_, err := w.Receive(w.ctx, w.project, w.session, 1, session.Checkpoint{Commit: id, Files: id}, strings.NewReader(head+string(pack)))
		wantCode(t, err, session.CodeQuarantine)
		if !strings.Contains(err.Error(), secret[:12]) {
			t.Errorf("refused for another reason: %v", err)
		}
	})
	t.Run("without a bundle", func(t *testing.T) {
		w, _ := setup(t)
		id := git(t, w.repo, "rev-parse", "private")
		_, err := w.Receive(w.ctx, w.project, w.session, 1, session.Checkpoint{Commit: id, Files: id}, strings.NewReader(""))
		wantCode(t, err, session.CodeQuarantine)
	})
}

// packWithDifference adds an object to a pack: what base has, which is size bytes long, and then more.
func packWithDifference(pack []byte, base string, size int, more string) []byte {
	number := func(n int) (b []byte) {
		for ; n >= 0x80; n >>= 7 {
			b = append(b, byte(n)|0x80)
		}
		return append(b, byte(n))
	}
	delta := append(number(size), number(size+len(more))...)
	delta = append(delta, 0x80|0x10|0x20, byte(size), byte(size>>8)) // copy from 0
	delta = append(append(delta, byte(len(more))), more...)
	var b bytes.Buffer
	b.Write(pack[:len(pack)-20])
	b.WriteByte(7<<4 | byte(len(delta)&15)) // REF_DELTA; the length is below 16
	b.WriteString(unhex(base))
	z := zlib.NewWriter(&b)
	_, _ = z.Write(delta)
	_ = z.Close()
	out := b.Bytes()
	out[11]++
	sum := sha1.Sum(out)
	return append(out, sum[:]...)
}

// fetchPlainly fetches a bundle as one would without this package, into a repository that borrows the user's objects.
func fetchPlainly(t *testing.T, w *world, bundle string) (string, error) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "b"), []byte(bundle), 0o600); err != nil {
		t.Fatal(err)
	}
	git(t, dir, "init", "-q", "--bare", "q")
	write(t, dir, map[string]string{"q/objects/info/alternates": filepath.Join(w.repo, ".git", "objects") + "\n"})
	return tryGit(filepath.Join(dir, "q"), "-c", "transfer.fsckObjects=true", "fetch", "-q", "../b", "refs/result/commit:refs/x")
}

func TestReceiveIsAllOrNothing(t *testing.T) {
	w := newWorld(t, someFiles)
	c := session.Checkpoint{Commit: w.next("x"), Files: w.head()}
	b := w.bundle(c)
	broken := io.MultiReader(bytes.NewReader(b[:len(b)/2]), errorReader{})
	if _, err := w.Receive(w.ctx, w.project, w.session, 1, c, broken); !errors.Is(err, errBroken) {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(w.ctx)
	cancel()
	_, err := w.Receive(ctx, w.project, w.session, 1, c, bytes.NewReader(b))
	wantCode(t, err, session.CodeCancelled)
	w.turn(1)
}

var errBroken = errors.New("the sandbox is gone")

type errorReader struct{}

func (errorReader) Read([]byte) (int, error) { return 0, errBroken }

func TestSessionsReceiveAndPublishAtOnce(t *testing.T) {
	w := newWorld(t, someFiles)
	unchanged := w.untouched()
	c := session.Checkpoint{Commit: w.next("x"), Files: w.head()}
	b := w.bundle(c)
	errs := make(chan error)
	for i := range 10 {
		go func() {
			s := w.session
			s.ID, s.Branch = session.ID(fmt.Sprint("par", i)), fmt.Sprint("agents/par", i)
			v, err := w.Receive(w.ctx, w.project, s, 1, c, bytes.NewReader(b))
			if err == nil {
				_, err = w.Publish(w.ctx, w.project, s, v)
			}
			errs <- err
		}()
	}
	for range 10 {
		if err := <-errs; err != nil {
			t.Errorf("%v (%v)", err, session.AsError(err).Err)
		}
	}
	if n := strings.Count(git(t, w.repo, "worktree", "list"), "\n"); n != 10 {
		t.Errorf("%d worktrees", n)
	}
	unchanged()
}

func TestManyTurnsArePacked(t *testing.T) {
	w := newWorld(t, map[string]string{"a.txt": "a\n"})
	var first session.Verified
	for n := range 32 {
		commit(t, w.agent, "turn", map[string]string{"a.txt": fmt.Sprint(n)})
		if v := w.turn(n + 1); n == 0 {
			first = v
		}
	}
	packs, _ := filepath.Glob(filepath.Join(w.quarantineDir("proj0001"), "objects", "pack", "*.pack"))
	if len(packs) > 10 {
		t.Errorf("%d packs", len(packs))
	}
	diff, err := w.Diff(w.ctx, w.project, w.session, session.Range{From: first.Files, To: w.session.Result.Files})
	if err != nil || len(diff) != 1 {
		t.Errorf("%v %v", diff, err)
	}
	w.publish(33)
}

func TestOpenClearsWhatAKilledProcessLeft(t *testing.T) {
	w := newWorld(t, someFiles)
	w.turn(1)
	q := w.quarantineDir("proj0001")
	write(t, q, map[string]string{"packed-refs.lock": "", "refs/sessions/sess0001/turn/1/commit.lock": "", "objects/pack/tmp_pack_x": "x", "gc.pid": "1"})
	write(t, w.projectDir("proj0001"), map[string]string{"scratch/sess0001.1/bundle": "x", "scratch/held0001.1/bundle": "x"})
	_, unlock, err := w.lock(w.ctx, "proj0001", "held0001")
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	w.Repos = Open(Config{DataDir: w.data})
	left, _ := filepath.Glob(filepath.Join(w.projectDir("proj0001"), "scratch", "*"))
	if len(left) != 1 || filepath.Base(left[0]) != "held0001.1" {
		t.Errorf("scratch: %v", left)
	}
	if exists(filepath.Join(q, "packed-refs.lock")) || exists(filepath.Join(q, "gc.pid")) || exists(filepath.Join(q, "objects/pack/tmp_pack_x")) {
		t.Error("stale files are left")
	}
	commit(t, w.agent, "more", map[string]string{"a.txt": "x"})
	w.turn(1)
}
