package workspace

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"background-agents/sandbox/wire"
)

func (f *fixture) only() string {
	f.t.Helper()
	l, err := f.Only(context.Background())
	if err != nil {
		f.t.Fatal(err)
	}
	var lines []string
	for _, o := range l.List {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("%s %s %d %s", o.Kind, o.Name, o.Count, o.Detail)))
		if o.Commit != "" && !commitID.MatchString(o.Commit) {
			f.t.Errorf("%s has commit %q", o.Name, o.Commit)
		}
	}
	if l.More > 0 {
		lines = append(lines, fmt.Sprintf("and %d more", l.More))
	}
	return strings.Join(lines, "\n")
}

const commitNew = "date +%s%N > new; git add new; git commit -qm new; "

func TestWhatIsOnlyInTheSandboxIsListed(t *testing.T) {
	const nested = "git init -q -b main n; cd n; git config user.name x; git config user.email x; echo 1 > f; git add f; git commit -qm f; "
	for name, c := range map[string]struct{ script, want string }{
		"nothing":                      {"echo 2 > a; git add a; git commit -qm two; echo 3 > b", ""},
		"branch without a commit":      {"git branch other", ""},
		"branch that the result holds": {commitNew + "git branch other", ""},
		"commits on another branch":    {"git checkout -q -b feature/login; " + commitNew + commitNew + "git checkout -q " + branch, "branch feature/login 2"},
		"HEAD on another branch":       {commitNew + "git checkout -q -b other " + "HEAD~1", "branch " + branch + " 1"},
		"stash":                        {"echo 2 > a; git stash -q; echo 3 > a; git stash -q -m 'for later'", "stash stash@{0} 1 On agents/try: for later\nstash stash@{1} 1 WIP on agents/try: "},
		"tags":                         {"git tag -a v1 -m v1; git tag light", "tag light 0\ntag v1 0"},
		"tag of a commit elsewhere":    {"git checkout -q --detach; " + commitNew + "git tag v2; git checkout -q " + branch, "tag v2 1"},
		"notes":                        {"git notes add -m hello", "ref notes/commits 1"},
		"what a remote has":            {"git update-ref refs/remotes/up/x $(git commit-tree HEAD^{tree} -m up); git branch up refs/remotes/up/x", ""},
		"linked worktree, clean":       {"git worktree add -q wt -b fix; cd wt; " + commitNew, "branch fix 1"},
		"linked worktree, changed":     {"git worktree add -q ../wt -b fix; cd ../wt; echo 2 > a; echo n > n", "worktree /wt 0 2 files not committed"},
		"linked worktree, detached":    {"git worktree add -q --detach wt; cd wt; " + commitNew, "worktree wt 1"},
		"linked worktree, removed":     {"git worktree add -q --detach wt; rm -r wt", ""},
		"nested clone, clean":          {nested + "git remote add origin /x; git update-ref refs/remotes/origin/main HEAD", ""},
		"nested clone, with work":      {nested + "git remote add origin /x; git update-ref refs/remotes/origin/main HEAD; " + commitNew + "echo 1 > g", "repository n/ 0 1 commit, 1 file not committed"},
		"nested without a remote":      {nested, "repository n/ 0 1 commit; its files are part of the result"},
		"huge file":                    {"truncate -s 101M huge", "file huge 0 larger than 100 MB"},
		"long names":                   {"git tag " + strings.Repeat("a", 240), "tag " + strings.Repeat("a", 240) + " 0"},
		"many":                         {"for i in $(seq 150); do echo \"create refs/tags/t$i $(git rev-parse HEAD)\"; done | git update-ref --stdin", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := clone(t, map[string]string{"a": "1"})
			f.agent(c.script)
			got := strings.ReplaceAll(f.only(), strings.TrimSuffix(f.Dir, "/work space"), "")
			switch {
			case name == "many":
				if n := strings.Count(got, "\n"); n != wire.MaxOnly || !strings.HasSuffix(got, "and 50 more") {
					t.Errorf("%d lines, %q", n, got[max(0, len(got)-40):])
				}
			case name == "stash":
				if !strings.HasPrefix(got, c.want) {
					t.Errorf("only = %q, want %q", got, c.want)
				}
			case got != c.want:
				t.Errorf("only = %q, want %q", got, c.want)
			}
			f.checkpoint()
		})
	}
}
