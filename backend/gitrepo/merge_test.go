package gitrepo

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"background-agents/backend/session"
	"background-agents/build/test/slow"
)

// newMergeWorld is a world with a result of two commits.
func newMergeWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, map[string]string{"a.txt": "a\n", "b.txt": "b\n"})
	commit(t, w.agent, "one", map[string]string{"a.txt": "one\n"})
	commit(t, w.agent, "two", map[string]string{"new/c.txt": "c\n"})
	w.publish(1)
	return w
}

func (w *world) planMerge(t session.MergeTarget) session.MergePlan {
	w.Helper()
	plan, err := w.PlanMerge(w.ctx, w.project, w.session, t)
	w.must(err)
	return plan
}

// merged merges as planned and returns the branch's tip.
func (w *world) merged(plan session.MergePlan) string {
	w.Helper()
	tip, err := w.Merge(w.ctx, w.project, w.session, plan.Yes())
	w.must(err)
	if got := git(w, w.repo, "rev-parse", "refs/heads/"+plan.Branch); got != tip {
		w.Fatalf("%s is at %s, not %s", plan.Branch, got, tip)
	}
	return tip
}

func TestMergeIntoABranchThatIsNotCheckedOut(t *testing.T) {
	for _, kind := range []string{"fast-forward", "merge", "squash"} {
		t.Run(kind, func(t *testing.T) {
			w := newMergeWorld(t)
			git(t, w.repo, "branch", "release", w.base)
			if kind == "merge" {
				git(t, w.repo, "switch", "-q", "release")
				commit(t, w.repo, "theirs", map[string]string{"b.txt": "theirs\n"})
				git(t, w.repo, "switch", "-q", "main")
			}
			write(t, w.repo, map[string]string{"b.txt": "not committed\n", "untracked.txt": "x\n"})
			head, status := git(t, w.repo, "rev-parse", "HEAD"), git(t, w.repo, "status", "--porcelain")
			plan := w.planMerge(session.MergeTarget{Branch: "release", Squash: kind == "squash"})
			if plan.Kind != kind || len(plan.Commits) != 2 || plan.CheckedOut != "" || !strings.Contains(plan.Command, "git update-ref refs/heads/release ") {
				t.Fatalf("plan is %+v", plan)
			}
			tip := w.merged(plan)
			if got := git(t, w.repo, "show", "release:a.txt") + git(t, w.repo, "show", "release:new/c.txt"); got != "onec" {
				t.Errorf("release has %q", got)
			}
			if parents := len(strings.Fields(git(t, w.repo, "rev-list", "--parents", "-1", tip))) - 1; parents != map[string]int{"fast-forward": 1, "merge": 2, "squash": 1}[kind] {
				t.Errorf("it has %d parents", parents)
			}
			if kind == "squash" && git(t, w.repo, "rev-list", "--count", w.base+".."+tip) != "1" {
				t.Error("it is more than one commit")
			}
			if got := git(t, w.repo, "rev-parse", "HEAD"); got != head || git(t, w.repo, "status", "--porcelain") != status {
				t.Errorf("the user's checkout was touched: %s", git(t, w.repo, "status", "--porcelain"))
			}
			w.session.Merged = &session.Merged{Branch: "release", Commit: plan.Commit, Tip: tip}
			if unsaved, err := w.Unsaved(w.ctx, w.project, w.session); err != nil || len(unsaved) != 0 {
				t.Errorf("unsaved after the merge: %q (%v)", unsaved, err)
			}
			if again := w.planMerge(session.MergeTarget{Branch: "release"}); kind != "squash" && again.Kind != "none" {
				t.Errorf("a second merge would be %+v", again)
			}
		})
	}
}

// A copy of a repository, or one that was restored, has files that the index knows as others.
func TestMergeIntoACopiedCheckoutBringsItsFiles(t *testing.T) {
	w := newMergeWorld(t)
	for _, name := range []string{"a.txt", "b.txt"} {
		file := filepath.Join(w.repo, name)
		if out, err := exec.Command("cp", "-a", file, file+".copy").CombinedOutput(); err != nil {
			t.Fatalf("cp: %s", out)
		}
		w.must(os.Rename(file+".copy", file))
	}
	w.merged(w.planMerge(session.MergeTarget{}))
	if got := read(t, w.repo, "a.txt"); got != "one\n" {
		t.Errorf("a.txt is %q", got)
	}
}

func TestMergeIntoACleanCheckoutBringsItsFiles(t *testing.T) {
	w := newMergeWorld(t)
	write(t, w.repo, map[string]string{"untracked.txt": "stays\n"})
	plan := w.planMerge(session.MergeTarget{})
	if plan.Branch != "main" || plan.CheckedOut != w.repo {
		t.Fatalf("plan is %+v", plan)
	}
	w.merged(plan)
	if got := read(t, w.repo, "a.txt") + read(t, w.repo, "new/c.txt") + read(t, w.repo, "untracked.txt"); got != "one\nc\nstays\n" {
		t.Errorf("files are %q", got)
	}
	if got := git(t, w.repo, "status", "--porcelain"); got != "?? untracked.txt" {
		t.Errorf("status is %q", got)
	}
	if got := git(t, w.repo, "reflog", "-1", "--format=%gs"); !strings.Contains(got, "background-agents: fast-forward") {
		t.Errorf("the reflog says %q", got)
	}
}

func TestMergeLeavesACheckoutInUseAlone(t *testing.T) {
	slow.Test(t)
	for name, use := range map[string]func(w *world){
		"changed file":       func(w *world) { write(w, w.repo, map[string]string{"b.txt": "mine\n"}) },
		"staged file":        func(w *world) { write(w, w.repo, map[string]string{"x.txt": "x\n"}); git(w, w.repo, "add", "x.txt") },
		"deleted file":       func(w *world) { write(w, w.repo, map[string]string{"b.txt": "\x00"}) },
		"file in the way":    func(w *world) { write(w, w.repo, map[string]string{"new/c.txt": "mine\n"}) },
		"merge that goes on": func(w *world) { write(w, w.repo, map[string]string{".git/MERGE_HEAD": w.base + "\n"}) },
		"sparse checkout": func(w *world) {
			git(w, w.repo, "config", "core.sparseCheckout", "true")
			write(w, w.repo, map[string]string{".git/info/sparse-checkout": "/*\n"})
		},
		"other git at work": func(w *world) { write(w, w.repo, map[string]string{".git/index.lock": ""}) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newMergeWorld(t)
			plan := w.planMerge(session.MergeTarget{})
			use(w)
			check := w.untouched()
			_, err := w.Merge(w.ctx, w.project, w.session, plan.Yes())
			wantCode(t, err, session.CodeConflict)
			check()
			if git(t, w.repo, "rev-parse", "main") != w.base {
				t.Error("the branch moved")
			}
		})
	}
}

func TestMergeRunsNothingOfTheAgents(t *testing.T) {
	w := newWorld(t, map[string]string{"a.txt": "a\n", "b.txt": "b\n"})
	mark := filepath.Join(t.TempDir(), "ran")
	evil := "touch '" + mark + "'; cat"
	for _, c := range []string{"filter.x.smudge", "filter.x.clean", "merge.x.driver", "diff.x.textconv"} {
		git(t, w.repo, "config", c, evil)
	}
	git(t, w.repo, "config", "core.hooksPath", ".husky")
	write(t, w.repo, map[string]string{".git/info/exclude": ".husky/\n"})
	hook := "#!/bin/sh\n" + evil + "\n"
	commit(t, w.agent, "evil", map[string]string{
		".gitattributes": "*.txt filter=x merge=x diff=x\n", "a.txt": "agent\n", ".husky/post-merge*": hook, ".husky/post-checkout*": hook,
		".husky/reference-transaction*": hook, ".husky/post-index-change*": hook,
	})
	w.publish(1)
	commit(t, w.repo, "theirs", map[string]string{"c.txt": "theirs\n"})
	plan := w.planMerge(session.MergeTarget{})
	if plan.Kind != "merge" || len(plan.Risky) != 5 {
		t.Fatalf("plan is %+v", plan)
	}
	w.merged(plan)
	if exists(mark) {
		t.Error("something ran")
	}
	if got := read(t, w.repo, "a.txt"); got != "agent\n" {
		t.Errorf("a.txt is %q", got)
	}
	git(t, w.repo, "checkout", "-q", "-f", "HEAD~1", "--", "a.txt") // the positive control: the user's own git runs it
	if !exists(mark) {
		t.Error("the filter does not run for plain git either: the test shows nothing")
	}
}

func TestMergeThatConflictsChangesNothing(t *testing.T) {
	w := newMergeWorld(t)
	commit(t, w.repo, "theirs", map[string]string{"a.txt": "theirs\n"})
	check := w.untouched()
	plan := w.planMerge(session.MergeTarget{})
	if strings.Join(plan.Conflicts, " ") != "a.txt" || plan.Command != "" {
		t.Fatalf("plan is %+v", plan)
	}
	_, err := w.Merge(w.ctx, w.project, w.session, plan.Yes())
	wantCode(t, err, session.CodeConflict)
	check()
}

func TestMergeOfAnotherStateThanShownIsRefused(t *testing.T) {
	w := newMergeWorld(t)
	plan := w.planMerge(session.MergeTarget{})
	commit(t, w.repo, "meanwhile", map[string]string{"z.txt": "z\n"})
	_, err := w.Merge(w.ctx, w.project, w.session, plan.Yes())
	wantCode(t, err, session.CodeConflict)
	for _, branch := range []string{"nowhere", "agents/fix-login", "--all"} {
		_, err = w.PlanMerge(w.ctx, w.project, w.session, session.MergeTarget{Branch: branch})
		wantCode(t, err, session.CodeNotFound)
	}
}
