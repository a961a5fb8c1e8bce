package gitrepo

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"background-agents/backend/session"
)

// madeUp is a result as an agent could make it up.
type madeUp struct {
	c      session.Checkpoint
	bundle []byte
}

// TestReceiveRefuses hands over what an agent may make up. After each, nothing has come in, and a proper result still
// can.
func TestReceiveRefuses(t *testing.T) {
	whole := func(w *world, commit, files string) madeUp {
		c := session.Checkpoint{Commit: commit, Files: files}
		return madeUp{c, w.bundle(c)}
	}
	// tree makes a commit whose tree has one entry more, by hand.
	tree := func(mode, name, content string) func(w *world) madeUp {
		return func(w *world) madeUp {
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
	cases := map[string]func(w *world) madeUp{
		"not a bundle": func(w *world) madeUp { r := whole(w, w.head(), w.head()); r.bundle = []byte("hello\n"); return r },
		"endless header": func(w *world) madeUp {
			r := whole(w, w.head(), w.head())
			r.bundle = bytes.Repeat([]byte("x"), 900<<10)
			return r
		},
		"endless prerequisites": func(w *world) madeUp {
			r := whole(w, w.head(), w.head())
			r.bundle = append([]byte("# v2 git bundle\n"), bytes.Repeat([]byte("-"+w.base+" \n"), 12000)...)
			return r
		},
		"cut off": func(w *world) madeUp {
			r := whole(w, w.next("x"), w.head())
			r.bundle = r.bundle[:len(r.bundle)-30]
			return r
		},
		"a bit flipped": func(w *world) madeUp { r := whole(w, w.next("x"), w.head()); r.bundle[len(r.bundle)-40] ^= 1; return r },
		"filter capability": func(w *world) madeUp {
			r := whole(w, w.next("x"), w.head())
			r.bundle = append([]byte("# v3 git bundle\n@filter=blob:none\n"), r.bundle[16:]...)
			return r
		},
		"larger than allowed": func(w *world) madeUp {
			r := whole(w, w.next("x"), w.head())
			r.bundle = append(r.bundle, make([]byte, 2<<20)...)
			return r
		},
		"an extra ref":     func(w *world) madeUp { return w.extraRef("refs/heads/main") },
		"a ref below .git": func(w *world) madeUp { return w.extraRef("refs/result/files/../../../../x") },
		"a ref twice": func(w *world) madeUp {
			r := whole(w, w.next("x"), w.head())
			r.bundle = bytes.Replace(r.bundle, []byte("refs/result/commit"), []byte("refs/result/files"), 1)
			return r
		},
		"other commits than told": func(w *world) madeUp { r := whole(w, w.next("x"), w.head()); r.c.Commit = w.base; return r },
		"no commits":              func(w *world) madeUp { r := whole(w, w.next("x"), w.head()); r.c = session.Checkpoint{}; return r },
		"options for commits":     func(w *world) madeUp { return madeUp{session.Checkpoint{Commit: "--all", Files: "--all"}, nil} },
		"unrelated history": func(w *world) madeUp {
			c := git(w, w.agent, "commit-tree", "HEAD^{tree}", "-m", "x")
			return whole(w, c, c)
		},
		"older than the base": func(w *world) madeUp {
			c := git(w, w.agent, "commit-tree", "HEAD^{tree}", "-p", "HEAD~1", "-m", "x")
			return whole(w, c, c)
		},
		"files beside the commit": func(w *world) madeUp {
			return whole(w, w.next("x"), git(w, w.agent, "commit-tree", "HEAD^{tree}", "-p", w.base, "-m", "f"))
		},
		"files with two parents": func(w *world) madeUp {
			return whole(w, w.next("x"), git(w, w.agent, "commit-tree", "HEAD^{tree}", "-p", "HEAD", "-p", w.base, "-m", "f"))
		},
		"a tag as commit": func(w *world) madeUp {
			git(w, w.agent, "tag", "-a", "-m", "t", "t")
			id := git(w, w.agent, "rev-parse", "t")
			return whole(w, id, id)
		},
		"a blob as commit": func(w *world) madeUp {
			id := gitIn(w, w.agent, []byte("b"), "hash-object", "-w", "--stdin")
			return whole(w, id, id)
		},
		"large file": func(w *world) madeUp {
			c := commit(w, w.agent, "x", map[string]string{"big": strings.Repeat("x", 200<<10)})
			return whole(w, c, c)
		},
		"large in all": func(w *world) madeUp {
			for i := range 6 {
				write(w, w.agent, map[string]string{fmt.Sprint("big", i): strings.Repeat(fmt.Sprint(i), 90<<10)})
			}
			c := commit(w, w.agent, "x", nil)
			return whole(w, c, c)
		},
		"too many objects": func(w *world) madeUp { c := w.many(80); return whole(w, c, c) },
		"too many files": func(w *world) madeUp {
			files := map[string]string{}
			for i := range 55 {
				files[fmt.Sprint("f", i)] = "same"
			}
			c := commit(w, w.agent, "x", files)
			return whole(w, c, c)
		},
		"long path": func(w *world) madeUp {
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
		"a blob that is missing": func(w *world) madeUp {
			id := gitIn(w, w.agent, []byte("gone"), "hash-object", "-w", "--stdin")
			c := tree("100644", "zz", "gone")(w)
			return madeUp{c.c, w.without(c, id)}
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

func (w *world) many(n int) string {
	files := map[string]string{}
	for i := range n {
		files[fmt.Sprint("many/", i)] = fmt.Sprint(i)
	}
	return commit(w, w.agent, "many", files)
}

func (w *world) extraRef(ref string) madeUp {
	id := w.next("x")
	b := w.bundle(session.Checkpoint{Commit: id, Files: id})
	b = bytes.Replace(b, []byte(" refs/result/commit\n"), []byte(" refs/result/commit\n"+id+" "+ref+"\n"), 1)
	return madeUp{session.Checkpoint{Commit: id, Files: id}, b}
}

// without makes the bundle again with one object left out of its pack.
func (w *world) without(res madeUp, id string) []byte {
	head := res.bundle[:bytes.Index(res.bundle, []byte("PACK"))]
	var keep []string
	for _, o := range strings.Fields(git(w, w.agent, "rev-list", "--objects", "--no-object-names", res.c.Files, "--not", w.base)) {
		if o != id {
			keep = append(keep, o)
		}
	}
	return append(slices.Clone(head), packOf(w, w.agent, keep)...)
}

// A few bytes that claim to become gigabytes must cost neither memory nor time.
func TestReceiveRefusesADeltaBomb(t *testing.T) {
	w := newWorld(t, someFiles)
	id := w.next("x")
	c := session.Checkpoint{Commit: id, Files: id}
	bomb := w.bundle(c)
	at := bytes.Index(bomb, []byte("PACK"))
	pack := packWithDifference(bomb[at:], gitIn(t, w.agent, []byte("b\n"), "hash-object", "--stdin"), 2, "!")
	_, err := w.Receive(w.ctx, w.project, w.session, 1, c, bytes.NewReader(append(bomb[:at:at], packClaiming(pack)...)))
	wantCode(t, err, session.CodeQuarantine)
	t.Log(err)
}
