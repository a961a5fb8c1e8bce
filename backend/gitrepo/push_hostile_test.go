package gitrepo

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"background-agents/backend/session"
)

func TestHostileFileNamesAreApprovedAsTheyAreShown(t *testing.T) {
	w, remote := newPushWorld(t)
	names := []string{".github/workflows/a\nb.yml", ".github/workflows/\x1b[2J.yml", ".github/workflows/--force", ".github/workflows/\xff.yml", ":(top)Makefile"}
	files := map[string]string{}
	for _, name := range names {
		files[name] = "x\n"
	}
	commit(t, w.agent, "$(touch x) `x` \x1b]0;x\a", files)
	w.turn(2)
	plan := w.planPush(session.PushTarget{})
	b, err := json.Marshal(plan)
	w.must(err)
	var shown session.PushPlan // as it comes back from a window
	w.must(json.Unmarshal(b, &shown))
	if len(plan.Risky) != 4 || !slices.Equal(plan.Risky, shown.Risky) || !slices.Contains(plan.Risky, ".github/workflows/�ff.yml") {
		t.Errorf("to be approved: %q", plan.Risky)
	}
	w.must(w.push(shown))
	if got := git(t, remote, "ls-tree", "-r", "--name-only", "-z", "agents/fix-login"); strings.Count(got, "\x00") != 9 {
		t.Errorf("the remote has %q", got)
	}
}

func TestPushToHostileRemotesIsRefused(t *testing.T) {
	mark := filepath.Join(t.TempDir(), "ran")
	w, _ := newPushWorld(t)
	for name, address := range map[string]string{
		"a program":             "ext::sh -c touch% " + mark,
		"a helper":              "testhelper::x",
		"an option of ssh":      "ssh://-oProxyCommand=touch${IFS}" + mark + "/x",
		"an option, scp form":   "-oProxyCommand=touch${IFS}" + mark + ":x",
		"an option of git":      "--upload-pack=touch " + mark,
		"a newline":             "https://example.org/x\nhelper=!touch",
		"another protocol":      "ftp://example.org/x",
		"no host":               "https:///x",
		"a user like an option": "ssh://-luser@example.org/x",
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := checkURL(address); session.CodeOf(err) != session.CodeInvalid {
				t.Fatalf("%q is taken (%v)", address, err)
			}
			git(t, w.repo, "config", "remote.origin.url", address)
			_, err := w.PlanPush(w.ctx, w.project, w.session, session.PushTarget{})
			wantCode(t, err, session.CodeInvalid)
		})
	}
	for _, address := range []string{"https://example.org/x", "git@example.org:x/y.git", "ssh://git@example.org:22/x", "/srv/x.git", "../x", "file:///srv/x", `C:\x`, "https://a:b@example.org/x"} {
		if _, err := checkURL(address); err != nil {
			t.Errorf("%q is refused: %v", address, err)
		}
	}
	if exists(mark) {
		t.Error("a command of a URL ran")
	}
}

func TestPushToHostileBranchesIsRefused(t *testing.T) {
	w, _ := newPushWorld(t)
	for _, branch := range []string{"-delete", "a..b", "a b", "x:refs/heads/main", "a\nb", "refs/../x", "+force", "a~1", "@{u}", "x.lock", "\x1b[2J"} {
		_, err := w.PlanPush(w.ctx, w.project, w.session, session.PushTarget{Branch: branch})
		if branch == "+force" && err == nil { // a valid name, and only that: it is not the plus of a refspec
			w.must(w.push(w.planPush(session.PushTarget{Branch: branch})))
			continue
		}
		wantCode(t, err, session.CodeInvalid)
	}
	_, err := w.PlanPush(w.ctx, w.project, w.session, session.PushTarget{Remote: "--receive-pack=x"})
	wantCode(t, err, session.CodeNotFound)
}
