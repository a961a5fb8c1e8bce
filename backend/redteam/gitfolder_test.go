//go:build linux

package redteam

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"background-agents/backend/session"
	"background-agents/build/test/slow"
)

// A repository whose git folder is elsewhere, with a base without files: files of the agent's that are named like git's
// own never become git's own by a merge, and are shown first, also through symbolic links. The control puts such a hook
// where git looks.
func TestFilesOfAnAgentNeverBecomeTheGitFolder(t *testing.T) {
	slow.Test(t)
	v := theVictim(t)
	canary := filepath.Join(filepath.Dir(v.data), "hook-ran")
	folder := filepath.Join(v.home, "code", "apart")
	store := folder + ".gitdir"
	must(t, os.MkdirAll(folder, 0o755))
	git(t, folder, "init", "-q", "-b", "main", "--separate-git-dir", store)
	p, err := v.InitProject(ctx, folder)
	must(t, err)
	hook := "#!/bin/sh\n: > '" + canary + "'\n"
	s := v.session(t, session.NewSession{Project: p.ID}, "demo: text Ready.")
	v.sh(t, s.ID, "cd /workspace && mkdir -p hooks run .github && cat > hooks/post-commit <<'END'\n"+hook+"END\nchmod 755 hooks/post-commit\n"+
		"echo '[core]' > config && echo 'on: push' > run/x.yml && ln -s ../run .github/workflows && git add -A && git commit -qm evil")
	s = v.turn(t, s.ID, "demo: text Done.")
	for _, path := range []string{"hooks/post-commit", "run/x.yml", ".github/workflows"} {
		if !slices.Contains(s.Result.Risky, path) {
			t.Errorf("%s is not named: %q", path, s.Result.Risky)
		}
	}
	plan, err := v.PlanMerge(ctx, s.ID, session.MergeTarget{})
	must(t, err)
	config, err := os.ReadFile(filepath.Join(store, "config"))
	must(t, err)
	if _, err := v.Merge(ctx, s.ID, plan.Yes()); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(filepath.Join(folder, "hooks", "post-commit")); string(got) != hook {
		t.Errorf("the checkout has %q", got)
	}
	if got, _ := os.ReadFile(filepath.Join(store, "config")); string(got) != string(config) {
		t.Errorf("git's configuration is %q", got)
	}
	commit := func() {
		git(t, folder, "-c", "user.name=x", "-c", "user.email=x", "commit", "-q", "--allow-empty", "-m", "of the user")
	}
	if commit(); exists(canary) {
		t.Error("the agent's hook ran")
	}
	must(t, os.MkdirAll(filepath.Join(store, "hooks"), 0o755))
	must(t, os.WriteFile(filepath.Join(store, "hooks", "post-commit"), []byte(hook), 0o755))
	if commit(); !exists(canary) {
		t.Error("a hook in the git folder does not run: the test shows nothing")
	}
	if status := git(t, folder, "status", "--porcelain"); strings.TrimSpace(status) != "" {
		t.Errorf("status is %q", status)
	}
}
