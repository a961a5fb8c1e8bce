package gitrepo

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"background-agents/backend/session"
)

// newPushWorld is a world with a result of one commit and one uncommitted file, and a remote by its path.
func newPushWorld(t *testing.T) (w *world, remote string) {
	t.Helper()
	w = newWorld(t, map[string]string{"a.txt": "a\n", "b.txt": "b\n"})
	remote = w.newRemote("origin.git")
	git(t, w.repo, "remote", "add", "origin", remote)
	commit(t, w.agent, "fix it", map[string]string{"a.txt": "fixed\n"})
	write(t, w.agent, map[string]string{"draft.txt": "draft\n"})
	w.publish(1)
	return w, remote
}

func (w *world) planPush(t session.PushTarget) session.PushPlan {
	w.Helper()
	plan, err := w.PlanPush(w.ctx, w.project, w.session, t)
	if err != nil {
		w.Fatal(err, session.AsError(err).Err)
	}
	return plan
}

func (w *world) push(plan session.PushPlan) error {
	w.Helper()
	err := w.Push(w.ctx, w.project, w.session, plan.Yes(), nil)
	if err == nil {
		w.session.Pushed = &session.Pushed{Remote: plan.Remote, URL: plan.URL, Branch: plan.Branch, Commit: plan.Commit}
	}
	return err
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatalf("%v (%v)", err, session.AsError(err).Err)
	}
}

func TestPushBringsOneCommitToOneBranch(t *testing.T) {
	w, remote := newPushWorld(t)
	git(t, w.repo, "tag", "v1")
	git(t, w.repo, "config", "push.followTags", "true")
	before := git(t, remote, "for-each-ref")
	plan := w.planPush(session.PushTarget{})
	if plan.Remote != "origin" || plan.Branch != "agents/fix-login" || plan.Lease != "" || len(plan.Commits) != 1 || plan.Commits[0].Subject != "fix it" ||
		strings.Join(plan.Uncommitted, " ") != "draft.txt" || len(plan.Risky) != 0 || plan.Done {
		t.Fatalf("plan is %+v", plan)
	}
	if want := "git push --porcelain --progress --no-verify --no-follow-tags --no-signed --recurse-submodules=no " +
		"--force-with-lease=refs/heads/agents/fix-login: -- origin " + plan.Commit + ":refs/heads/agents/fix-login"; plan.Command != want {
		t.Errorf("the command shown is %s", plan.Command)
	}
	w.must(w.push(plan))
	after := git(t, remote, "for-each-ref")
	if want := before + "\n"; !strings.Contains(after, "refs/heads/agents/fix-login") || strings.Contains(after, "refs/tags") ||
		len(strings.Split(after, "\n")) != len(strings.Split(want, "\n")) {
		t.Errorf("the remote has\n%s\nbefore\n%s", after, before)
	}
	if unsaved, err := w.Unsaved(w.ctx, w.project, w.session); err != nil || strings.Join(unsaved, ";") != "uncommitted: draft.txt" {
		t.Errorf("after the push there is unsaved %q (%v)", unsaved, err)
	}
	if plan = w.planPush(session.PushTarget{}); !plan.Done || len(plan.Commits) != 0 {
		t.Errorf("after the push the plan is %+v", plan)
	}
}

func TestWhatGoesOutIsAllThatThePushBrings(t *testing.T) {
	w, _ := newPushWorld(t)
	commit(t, w.agent, "message-inside", map[string]string{"name-inside/x.txt": "content\nof two lines\n"})
	commit(t, w.agent, "taken back", map[string]string{"name-inside/x.txt": "\x00"}) // in history all the same
	w.turn(2)
	var b bytes.Buffer
	w.must(w.WriteOutgoing(w.ctx, w.project, w.session, "", &b))
	for _, want := range []string{"message-inside", "name-inside", "content\nof two lines\n", "fixed\n"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is missing", want)
		}
	}
	if strings.Contains(b.String(), "long ago") {
		t.Error("what the remote has is there too")
	}
	w.must(w.push(w.planPush(session.PushTarget{})))
	b.Reset()
	w.must(w.WriteOutgoing(w.ctx, w.project, w.session, w.session.Pushed.Commit, &b))
	if b.Len() != 0 {
		t.Errorf("after the push there is still %q", b.String())
	}
}

func TestWhatGoesOutIsWhatItsCommitsAdd(t *testing.T) {
	w := newWorld(t, map[string]string{"a.txt": "theirs\nx\n", "name-inside.txt": "old\n", "moved.txt": strings.Repeat("known\n", 50), "b.bin": "bin-inside\x00\n"})
	commit(t, w.agent, "edit", map[string]string{"a.txt": "theirs\nmine\n", "name-inside.txt": "old\n-----added\n+++ b/added too\n", "b.bin": "bin-inside\x00\nbin-added\x00\n"})
	git(t, w.agent, "switch", "-q", "-c", "side", "HEAD~1")
	commit(t, w.agent, "side", map[string]string{"a.txt": "theirs\nside\n", "copy.txt": "theirs\nx\n"})
	git(t, w.agent, "switch", "-q", "-")
	_, _ = tryGit(w.agent, "merge", "-q", "side")
	commit(t, w.agent, "merge", map[string]string{"a.txt": "theirs\nof the merge\nmine\nside\n"})
	git(t, w.agent, "mv", "moved.txt", "new-name.txt")
	commit(t, w.agent, "taken back", map[string]string{"new-name.txt": strings.Repeat("known\n", 50) + "end", "a.txt": "theirs\nx\n"})
	w.turn(1)
	var b bytes.Buffer
	w.must(w.WriteOutgoing(w.ctx, w.project, w.session, "", &b))
	for _, want := range []string{"\nmine\n", "\n-----added\n+++ b/added too\n", "bin-added", "\nside\n", "\nof the merge\n", "new-name.txt", "copy.txt", "\nend", "taken back"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is missing in %q", want, b.String())
		}
	}
	for _, known := range []string{"theirs", "name-inside", "known", "bin-inside", "\nx\n"} {
		if strings.Contains(b.String(), known) {
			t.Errorf("%q is of the base, and in %q", known, b.String())
		}
	}
}

func TestPushOfARewrittenBranchReplacesOurOwn(t *testing.T) {
	w, remote := newPushWorld(t)
	w.must(w.push(w.planPush(session.PushTarget{})))
	git(t, w.agent, "commit", "-q", "--amend", "-m", "fix it well")
	w.turn(2)
	w.must(w.push(w.planPush(session.PushTarget{})))
	if got := git(t, remote, "log", "--format=%s", "-1", "agents/fix-login"); got != "fix it well" {
		t.Errorf("the remote has %q", got)
	}
}

func TestPushOverwritesNobodyElse(t *testing.T) {
	w, remote := newPushWorld(t)
	w.must(w.push(w.planPush(session.PushTarget{})))
	other := filepath.Join(t.TempDir(), "other")
	git(t, w.data, "clone", "-q", "-b", "agents/fix-login", remote, other)
	theirs := commit(t, other, "theirs", map[string]string{"theirs.txt": "x\n"})
	git(t, other, "push", "-q", "origin", "HEAD")
	git(t, w.agent, "commit", "-q", "--amend", "-m", "mine")
	w.turn(2)
	git(t, w.repo, "fetch", "-q") // must not make theirs ours
	wantCode(t, w.push(w.planPush(session.PushTarget{})), session.CodeConflict)
	if got := git(t, remote, "rev-parse", "agents/fix-login"); got != theirs {
		t.Errorf("the remote's branch is at %s", got)
	}
	wantCode(t, w.push(w.planPush(session.PushTarget{Branch: "main"})), session.CodeConflict) // there already, and never pushed by us
}

func TestPushRunsNoHook(t *testing.T) {
	w, _ := newPushWorld(t)
	mark := filepath.Join(t.TempDir(), "ran")
	hook := "#!/bin/sh\ntouch '" + mark + "'\nexit 1\n"
	for _, name := range []string{"pre-push", "reference-transaction", "post-checkout"} {
		write(t, w.repo, map[string]string{".husky/" + name + "*": hook, ".git/hooks/" + name + "*": hook})
	}
	git(t, w.repo, "config", "core.hooksPath", ".husky")
	if out, err := tryGit(w.repo, "push", "-q", "origin", "main:refs/heads/control"); err == nil {
		t.Fatalf("the hooks do not run for the user's own push: %s", out)
	}
	if err := os.Remove(mark); err != nil {
		t.Fatal(err)
	}
	w.must(w.push(w.planPush(session.PushTarget{})))
	if exists(mark) {
		t.Error("a hook ran")
	}
}

func TestPushNamesWhatRunsElsewhere(t *testing.T) {
	w, _ := newPushWorld(t)
	commit(t, w.agent, "ci", map[string]string{".github/workflows/ci.yml": "on: push\n", "package.json": `{"scripts":{"postinstall":"evil"}}`})
	w.turn(2)
	plan := w.planPush(session.PushTarget{})
	if got := strings.Join(plan.Risky, " "); got != ".github/workflows/ci.yml package.json" {
		t.Errorf("to be approved: %q", got)
	}
	w.must(w.push(plan))
	commit(t, w.agent, "more", map[string]string{"c.txt": "c\n"})
	w.turn(3)
	if plan := w.planPush(session.PushTarget{}); len(plan.Risky) != 0 || len(plan.Commits) != 1 {
		t.Errorf("what was approved and pushed is asked for again: %+v", plan)
	}
}

func TestPushOverHTTPUsesTheCredentialHelper(t *testing.T) {
	w, remote := newPushWorld(t)
	address := serveHTTP(t, filepath.Dir(remote), "geheim")
	git(t, w.repo, "remote", "set-url", "origin", address+"/origin.git")
	began := time.Now()
	t.Setenv("GIT_ASKPASS", "/bin/false")
	err := w.push(w.planPush(session.PushTarget{}))
	wantCode(t, err, session.CodeLogin)
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("without a login it took %v", took)
	}
	git(t, w.repo, "config", "credential.helper", "!f() { test \"$1\" = get && echo username=ada && echo password=geheim; }; f")
	w.must(w.push(w.planPush(session.PushTarget{})))
	if got := git(t, remote, "log", "--format=%s", "-1", "agents/fix-login"); got != "fix it" {
		t.Errorf("the remote has %q", got)
	}
	git(t, w.repo, "config", "--unset", "credential.helper")
	git(t, w.repo, "remote", "set-url", "origin", strings.Replace(address, "://", "://ada:geheim@", 1)+"/origin.git")
	w.session.Pushed = nil
	plan := w.planPush(session.PushTarget{Branch: "by-url"})
	if shown := fmt.Sprintf("%+v", plan); strings.Contains(shown, "geheim") || !strings.Contains(shown, address[7:]) {
		t.Errorf("the plan shows %s", shown)
	}
	w.must(w.push(plan))
	git(t, w.repo, "remote", "set-url", "origin", strings.Replace(address, "://", "://ada:falsch@", 1)+"/origin.git")
	err = w.push(w.planPush(session.PushTarget{Branch: "wrong"}))
	wantCode(t, err, session.CodeLogin)
	if strings.Contains(session.AsError(err).Message, "falsch") {
		t.Errorf("the error shows the password: %v", err)
	}
}

func TestPushOverHTTPAsksGhLast(t *testing.T) {
	bin := t.TempDir()
	write(t, bin, map[string]string{"gh*": "#!/bin/sh\n[ \"$1 $2 $3\" = 'auth git-credential get' ] && echo username=ada && echo password=geheim\n"})
	t.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	got := ghHelper("https", "https://ada:x@example.org:8443/a/b")
	if want := "credential.https://example.org:8443.helper=!'" + bin + "/gh' auth git-credential"; len(got) != 1 || got[0] != want {
		t.Errorf("helper is %q, want %q", got, want)
	}
	if got := ghHelper("http", "http://example.org/a"); got != nil {
		t.Errorf("gh is asked for a login that goes in the clear: %q", got)
	}
}

func TestPushOverSSHAsksNothing(t *testing.T) {
	w, remote := newPushWorld(t)
	server := serveSSH(t)
	git(t, w.repo, "remote", "set-url", "origin", server.url(t, remote))
	// A host that is not known, as the user's configuration says: refused, and no question.
	began := time.Now()
	git(t, w.repo, "config", "core.sshCommand", "ssh -F /dev/null -o UserKnownHostsFile=/dev/null -i "+server.client)
	wantCode(t, w.push(w.planPush(session.PushTarget{})), session.CodeLogin)
	// A key that the server does not take: no password is asked for.
	git(t, w.repo, "config", "core.sshCommand", "ssh -F /dev/null -o IdentitiesOnly=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o IdentityAgent=none -i /nonexistent")
	wantCode(t, w.push(w.planPush(session.PushTarget{})), session.CodeLogin)
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("it took %v", took)
	}
	git(t, w.repo, "config", "core.sshCommand", "ssh -F "+server.config)
	w.must(w.push(w.planPush(session.PushTarget{Branch: "by-ssh"})))
	if got := git(t, remote, "log", "--format=%s", "-1", "by-ssh"); got != "fix it" {
		t.Errorf("the remote has %q", got)
	}
}

func TestPushRefusedByTheRemoteSaysWhy(t *testing.T) {
	w, remote := newPushWorld(t)
	write(t, remote, map[string]string{"hooks/update*": "#!/bin/sh\necho 'protected branch' >&2\nexit 1\n"})
	err := w.push(w.planPush(session.PushTarget{}))
	wantCode(t, err, session.CodeRemote)
	if !strings.Contains(err.Error(), "hook declined") {
		t.Errorf("it says %q", err)
	}
	if got := rejection("pre\x1b[2J\u202e\nx").Error(); got != "The remote refused the push: pre[2Jx." {
		t.Errorf("it says %q", got)
	}
	var told []string
	p := &progressLines{tell: func(line string) { told = append(told, line) }}
	for _, b := range []string{"Writing obj", "ects: 10%\rWriting objects: 100%\n", "remote: \x1b[31mhello\r\n\n" + strings.Repeat("x", 2000) + "\n"} {
		_, _ = p.Write([]byte(b))
	}
	if strings.Join(told[:3], "|") != "Writing objects: 10%|Writing objects: 100%|[31mhello" || len(told) != 4 || len(told[3]) > 500 {
		t.Errorf("progress is %q", told)
	}
	git(t, w.repo, "remote", "set-url", "origin", filepath.Join(w.data, "nowhere.git"))
	wantCode(t, w.push(w.planPush(session.PushTarget{})), session.CodeRemote)
}
