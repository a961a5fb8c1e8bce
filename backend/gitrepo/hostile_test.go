package gitrepo

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"background-agents/backend/session"
)

// canary is a script that leaves a file when it runs, wherever that is.
func canary(w *world) (script, file string) {
	file = filepath.Join(w.TempDir(), "canary")
	return "#!/bin/sh\necho \"$0\" >> '" + file + "'\nexit 0\n", file
}

// TestNothingOfTheAgentRuns gives the user a configuration that trusts files of the repository, as many have, and the agent
// uses it. What a user would do with plain git is the control: there the agent's code runs.
func TestNothingOfTheAgentRuns(t *testing.T) {
	checkout := func(w *world, v session.Verified) string {
		plain := filepath.Join(w.TempDir(), "plain")
		_, _ = tryGit(w.repo, "worktree", "add", "-b", "plain", plain, v.Commit)
		_, _ = tryGit(plain, "status")
		return plain
	}
	plainCheckout := func(w *world, v session.Verified) { checkout(w, v) }
	cases := map[string]struct {
		user    [][2]string // configuration of the user's repository
		global  bool        // or of the user
		agent   func(script string) map[string]string
		control func(w *world, v session.Verified)
	}{
		"hooks by a relative path": {
			user: [][2]string{{"core.hooksPath", ".husky"}},
			agent: func(s string) map[string]string {
				return map[string]string{".husky/post-checkout*": s, ".husky/reference-transaction*": s, ".husky/post-index-change*": s, ".husky/pre-push*": s}
			},
			control: plainCheckout,
		},
		"hooks of the user's home": {
			user: [][2]string{{"core.hooksPath", ".husky"}}, global: true,
			agent: func(s string) map[string]string {
				return map[string]string{".husky/post-checkout*": s, ".husky/post-index-change*": s}
			},
			control: plainCheckout,
		},
		"file system monitor": {
			user:    [][2]string{{"core.fsmonitor", "tools/monitor"}},
			agent:   func(s string) map[string]string { return map[string]string{"tools/monitor*": s} },
			control: plainCheckout,
		},
		"smudge filter": {
			user: [][2]string{{"filter.f.smudge", "tools/filter"}, {"filter.f.required", "true"}},
			agent: func(s string) map[string]string {
				return map[string]string{"tools/filter*": s, ".gitattributes": "z.txt filter=f\n", "z.txt": "z"}
			},
			control: plainCheckout,
		},
		"clean filter": {
			user: [][2]string{{"filter.f.clean", "sh tools/filter"}},
			agent: func(s string) map[string]string {
				return map[string]string{"tools/filter*": s, ".gitattributes": "z.txt filter=f\n", "z.txt": "z"}
			},
			control: func(w *world, v session.Verified) {
				plain := checkout(w, v)
				write(w, plain, map[string]string{"z.txt": "changed"})
				_, _ = tryGit(plain, "add", "-A")
			},
		},
		"process filter": {
			user: [][2]string{{"filter.f.process", "tools/filter"}},
			agent: func(s string) map[string]string {
				return map[string]string{"tools/filter*": s, ".gitattributes": "z.txt filter=f\n", "z.txt": "z"}
			},
			control: plainCheckout,
		},
		"LFS filter": {
			user: [][2]string{{"filter.lfs.smudge", "tools/lfs %f"}, {"filter.lfs.required", "true"}},
			agent: func(s string) map[string]string {
				return map[string]string{"tools/lfs*": s, ".gitattributes": "z.txt filter=lfs\n", "z.txt": "z", ".lfsconfig": "[lfs]\n\turl = http://127.0.0.1:9/\n"}
			},
			control: plainCheckout,
		},
		"textconv": {
			user: [][2]string{{"diff.d.textconv", "tools/conv"}},
			agent: func(s string) map[string]string {
				return map[string]string{"tools/conv*": s, ".gitattributes": "*.txt diff=d\n", "a.txt": "changed"}
			},
			control: func(w *world, v session.Verified) {
				plain := checkout(w, v)
				_, _ = tryGit(plain, "diff", "HEAD~1")
			},
		},
		"external diff": {
			user:  [][2]string{{"diff.external", "tools/ext"}},
			agent: func(s string) map[string]string { return map[string]string{"tools/ext*": s, "a.txt": "changed"} },
			control: func(w *world, v session.Verified) {
				_, _ = tryGit(w.repo, "checkout", "-q", v.Commit)
				_, _ = tryGit(w.repo, "diff", "HEAD~1")
			},
		},
		"submodule update": {
			user: [][2]string{{"submodule.recurse", "true"}, {"protocol.file.allow", "always"}, {"submodule.evil.update", "!sh ../tools/up"}, {"submodule.evil.active", "true"}},
			agent: func(s string) map[string]string {
				return map[string]string{"tools/up*": s, ".gitmodules": "[submodule \"evil\"]\n\tpath = mod\n\turl = REPO\n", "mod": "GITLINK"}
			},
			control: func(w *world, v session.Verified) {
				_, _ = tryGit(w.repo, "-c", "submodule.recurse=false", "checkout", "-q", v.Commit)
				_, _ = tryGit(w.repo, "submodule", "update", "--init", "mod")
			},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, someFiles)
			script, file := canary(w)
			if c.global {
				config := filepath.Join(t.TempDir(), "config")
				write(t, filepath.Dir(config), map[string]string{"config": "[user]\n\tname = Ada\n\temail = a@b\n"})
				t.Setenv("GIT_CONFIG_GLOBAL", config)
				git(t, w.repo, "config", "--global", c.user[0][0], c.user[0][1])
			} else {
				for _, kv := range c.user {
					git(t, w.repo, "config", kv[0], kv[1])
				}
			}
			_ = os.Remove(file)
			unchanged := w.untouched()
			_ = os.Remove(file)
			files := c.agent(script)
			if files["mod"] == "GITLINK" {
				delete(files, "mod")
				files[".gitmodules"] = strings.ReplaceAll(files[".gitmodules"], "REPO", "\""+w.repo+"\"")
				git(t, w.agent, "update-index", "--add", "--cacheinfo", "160000,"+w.base+",mod")
				write(t, w.agent, files)
				git(t, w.agent, "add", "tools", ".gitmodules")
				git(t, w.agent, "commit", "-q", "-m", "evil")
			} else {
				commit(t, w.agent, "evil", files)
			}
			point := w.checkpoint()
			bundle := w.bundle(point)
			_ = os.Remove(file) // by git in the sandbox
			// Everything that this package does with such a result.
			got, err := w.Receive(w.ctx, w.project, w.session, 1, point, bytes.NewReader(bundle))
			if err != nil {
				t.Fatal(err)
			}
			w.session.Result = got
			path, err := w.Publish(w.ctx, w.project, w.session, got)
			if err != nil {
				t.Fatal(err)
			}
			write(t, path, map[string]string{"z.txt": "edited by the user", "a.txt": "and this"})
			everything(w)
			if _, err := w.Inspect(w.ctx, w.repo); err != nil {
				t.Error(err)
			}
			if exists(file) {
				t.Fatalf("the agent's code ran on the host: %s", read(t, file))
			}
			unchanged()
			_ = os.Remove(file)
			v := w.session.Result
			c.control(w, v)
			if !exists(file) {
				t.Error("the control did not run the agent's code either: this test proves nothing")
			}
		})
	}
}

// everything calls all that reads or writes a session's files.
func everything(w *world) {
	w.Helper()
	var b bytes.Buffer
	if _, err := w.Edits(w.ctx, w.project, w.session); err != nil {
		w.Error(err)
	}
	if _, err := w.BundleEdits(w.ctx, w.project, w.session, &b); err != nil {
		w.Error(err)
	}
	diff, err := w.Diff(w.ctx, w.project, w.session, session.Range{})
	if err != nil || len(diff) == 0 {
		w.Errorf("diff: %v %v", diff, err)
	}
	for _, c := range diff {
		if _, err := w.Patch(w.ctx, w.project, w.session, session.Range{}, c.Path, session.PatchOptions{Context: 3}); err != nil {
			w.Errorf("patch of %s: %v", c.Path, err)
		}
	}
	if _, err := w.Unsaved(w.ctx, w.project, w.session); err != nil {
		w.Error(err)
	}
	if err := w.Forget(w.ctx, w.project, w.session, true); err != nil {
		w.Error(err)
	}
	if _, err := w.Publish(w.ctx, w.project, w.session, session.Verified{Commit: w.base, Files: w.base}); err != nil {
		w.Error(err)
	}
	if err := w.Forget(w.ctx, w.project, w.session, true); err != nil {
		w.Error(err)
	}
}

// A git directory of the agent's is never opened: its configuration, hooks, commondir and alternates mean nothing, because
// only a bundle comes out. The control opens it.
func TestTheAgentsGitDirectoryIsNotOpened(t *testing.T) {
	w := newWorld(t, someFiles)
	script, file := canary(w)
	commit(t, w.agent, "one", map[string]string{"a.txt": "1\n"})
	c := w.checkpoint()
	b := w.bundle(c)
	evil := filepath.Join(t.TempDir(), "evil")
	write(t, evil, map[string]string{"monitor*": script})
	git(t, w.agent, "config", "core.fsmonitor", filepath.Join(evil, "monitor"))
	v, err := w.Receive(w.ctx, w.project, w.session, 1, c, bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	w.session.Result = v
	if _, err := w.Publish(w.ctx, w.project, w.session, v); err != nil {
		t.Fatal(err)
	}
	everything(w)
	if exists(file) {
		t.Fatal("the agent's configuration was read")
	}
	git(t, w.agent, "status")
	if !exists(file) {
		t.Error("the control did not run the agent's code either")
	}
}

// A repository within the worktree, with a monitor in its configuration, is what a tool of the agent's choice may leave there.
func TestANestedRepositoryIsNotScanned(t *testing.T) {
	w := newWorld(t, someFiles)
	script, file := canary(w)
	git(t, w.agent, "update-index", "--add", "--cacheinfo", "160000,"+w.base+",sub")
	git(t, w.agent, "commit", "-q", "-m", "gitlink")
	head := w.head()
	c := session.Checkpoint{Commit: head, Files: head}
	v, err := w.Receive(w.ctx, w.project, w.session, 1, c, bytes.NewReader(w.bundle(c)))
	if err != nil {
		t.Fatal(err)
	}
	w.session.Result = v
	if !slices.Contains(v.Risky, "sub") {
		t.Errorf("risky: %v", v.Risky)
	}
	path, err := w.Publish(w.ctx, w.project, w.session, v)
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"sub", "other"} {
		nested := filepath.Join(path, dir)
		write(t, nested, map[string]string{"monitor*": script, "f": "f"})
		git(t, nested, "init", "-q")
		git(t, nested, "add", "-A")
		git(t, nested, "commit", "-q", "-m", "x")
		git(t, nested, "config", "core.fsmonitor", filepath.Join(nested, "monitor"))
	}
	_ = os.Remove(file)
	if edits, err := w.Edits(w.ctx, w.project, w.session); err != nil || len(edits) > 0 {
		t.Errorf("edits: %v %v", edits, err)
	}
	if _, err := w.Unsaved(w.ctx, w.project, w.session); err != nil {
		t.Error(err)
	}
	if exists(file) {
		t.Fatal("the nested repository's configuration was read")
	}
	git(t, path, "status")
	if !exists(file) {
		t.Error("the control did not run it either")
	}
}

// GIT_* of the environment must not lead git elsewhere.
func TestEnvironmentDoesNotSteerGit(t *testing.T) {
	w := newWorld(t, someFiles)
	other := t.TempDir()
	git(t, other, "init", "-q")
	commit(t, w.agent, "one", map[string]string{"a.txt": "1\n"})
	c := w.checkpoint()
	b := w.bundle(c)
	for name, value := range map[string]string{"GIT_DIR": filepath.Join(other, ".git"), "GIT_WORK_TREE": other, "GIT_INDEX_FILE": filepath.Join(other, "i"),
		"GIT_OBJECT_DIRECTORY": filepath.Join(other, "o"), "GIT_EXTERNAL_DIFF": "false", "GIT_CONFIG_PARAMETERS": "'core.hooksPath=x'", "GIT_CONFIG_COUNT": "1",
		"GIT_CONFIG_KEY_0": "core.worktree", "GIT_CONFIG_VALUE_0": other, "GIT_NAMESPACE": "ns", "GIT_ICASE_PATHSPECS": "1", "LC_ALL": "de_DE.UTF-8", "LANGUAGE": "de"} {
		t.Setenv(name, value)
	}
	v, err := w.Receive(w.ctx, w.project, w.session, 1, c, bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	path, err := w.Publish(w.ctx, w.project, w.session, v)
	if err != nil || read(t, path, "a.txt") != "1\n" {
		t.Errorf("%s %v", path, err)
	}
}
