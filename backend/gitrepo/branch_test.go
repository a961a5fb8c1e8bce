package gitrepo

import (
	"strings"
	"testing"

	"background-agents/backend/session"
)

func TestFreeBranch(t *testing.T) {
	w := newWorld(t, someFiles)
	git(t, w.repo, "branch", "agents/taken")
	git(t, w.repo, "branch", "single")
	git(t, w.repo, "branch", "agents/deep/x")
	for _, c := range [][2]string{
		{"agents/new", "agents/new"}, {"agents/new", "agents/new-2"}, {"agents/new", "agents/new-3"}, {"agents/Taken",
			"agents/Taken-2"},
		{"single/x", "single-x"}, {"agents/deep", "agents/deep-2"}, {"agents/fix the ~bug^: now?",
			"agents/fix-the-bug-now"}, {"", "session"},
		{"agents/../../x", "agents/x"}, {"-rf", "rf"}, {"a.lock/b.LOCK", "a/b"}, {"äöü/日本", "äöü/日本"}, {"HEAD",
			"session-2"}, {"a\nb", "a-b"}, {"@{-1}", "1"},
		{"x/.hidden", "x/hidden"}, {"\xff\xfe", "session-3"},
	} {
		got, err := w.FreeBranch(w.ctx, w.project, c[0])
		if err != nil || got != c[1] {
			t.Errorf("%q became %q (%v), want %q", c[0], got, err, c[1])
		}
		if out, err := tryGit(w.repo, "check-ref-format", "--branch", got); err != nil {
			t.Errorf("%q is not a branch name: %s", got, out)
		}
	}
	long, err := w.FreeBranch(w.ctx, w.project, "agents/"+strings.Repeat("wörter ", 100))
	if err != nil || len(long) > maxBranch {
		t.Errorf("%q %v", long, err)
	}
}

func TestCheckBranchSaysWhatIsWrong(t *testing.T) {
	w := newWorld(t, nil)
	for _, name := range []string{"feature", "release/1.0"} {
		git(t, w.repo, "branch", name)
	}
	for name, want := range map[string]string{
		"fix login": "not a valid branch name", "fix..it": "not a valid branch name",
		"x.lock": "not a valid branch name", "HEAD": "not a valid branch name",
		"a~b": "not a valid branch name", "-x": "not a valid branch name", "": "not a valid branch name",
		strings.Repeat("x", 251): "not a valid branch name",
		"feature":                "feature exists already", "Feature": "differs from it only in case",
		"feature/x": "below the branch feature", "release": "above the branch release/1.0",
		"fix-login": "", "fix(login)": "", "a/b/c": "", strings.Repeat("x", 200): "",
	} {
		err := w.CheckBranch(w.ctx, w.project, name)
		if (err == nil) != (want == "") || err != nil && (!strings.Contains(err.Error(),
			want) || session.AsError(err).Hint == "") {
			t.Errorf("%.40q: %v, not %q", name, err, want)
		}
	}
}
