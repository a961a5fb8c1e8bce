package workspace

import (
	"context"
	"os"
	"strings"
	"testing"
)

// What git would write differently is no change as long as nobody wrote it.
func TestUntouchedContentIsNoChange(t *testing.T) {
	crlf := "a\r\nb\r\n"
	for name, c := range map[string]struct {
		stored     map[string]string
		attributes string
		script     string // after a commit of the attributes
		want       string // changed files
	}{
		"CRLF declared LF, touched":    {map[string]string{"f": crlf}, "f text eol=lf", "touch f", ""},
		"CRLF declared CRLF, touched":  {map[string]string{"f": crlf}, "f text eol=crlf", "touch f", ""},
		"mixed line ends, touched":     {map[string]string{"f": "a\r\nb\n"}, "f text eol=crlf", "touch f", ""},
		"CRLF declared LF, changed":    {map[string]string{"f": crlf}, "f text eol=lf", "printf 'c\\r\\n' >> f", "f"},
		"another file is changed":      {map[string]string{"f": crlf, "g": "1"}, "f text eol=lf", "touch f; echo 2 > g", "g"},
		"made LF on purpose":           {map[string]string{"f": crlf}, "f text eol=lf", "printf 'a\\nb\\n' > f", "f"},
		"made executable":              {map[string]string{"f": crlf}, "f text eol=lf", "touch f; chmod +x f", "f"},
		"settings of the agent":        {map[string]string{"f": crlf}, "g text", "git config core.autocrlf input; touch f", ""},
		"expanded keyword, touched":    {map[string]string{"f": "$Id: 12 $\n"}, "f ident", "touch f", ""},
		"filter that is not here":      {map[string]string{"f": "version https://git-lfs\n"}, "f filter=lfs -text", "touch f", ""},
		"filter set up later, touched": {map[string]string{"f": "raw\n"}, "f filter=up", "git config filter.up.clean 'tr a-z A-Z'; touch f", ""},
		"filter set up later, changed": {map[string]string{"f": "raw\n"}, "f filter=up", "git config filter.up.clean 'tr a-z A-Z'; echo more >> f", "f"},
		"renormalised and committed":   {map[string]string{"f": crlf}, "f text eol=lf", "git add --renormalize f; git commit -qm lf", ""},
		"odd name":                     {map[string]string{"ü b": crlf}, "* text eol=lf", "touch 'ü b'", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := clone(t, c.stored)
			f.agent("echo '" + c.attributes + "' > .gitattributes; git add .gitattributes; git commit -qm attributes")
			f.checkpoint()
			f.agent(c.script)
			got := f.checkpoint()
			if changed := f.agent("git -c core.quotePath=false diff --name-only " + got.Commit + " " + got.Files); changed != c.want {
				t.Errorf("changed = %q, want %q", changed, c.want)
			}
			if again := f.checkpoint(); again != got {
				t.Errorf("the next checkpoint is another: %+v, %+v", got, again)
			}
		})
	}
}

func TestUnreadableFoldersAreTold(t *testing.T) {
	if !asUser(t) {
		return
	}
	f := clone(t, map[string]string{"a": "1", "d/b": "1"})
	f.agent("mkdir -p data/pg; echo x > data/pg/f; chmod 0 data/pg; git init -q n; mkdir n/shut; echo 1 > n/f; chmod 0 n/shut; echo y > y; echo z > z; chmod 0 z")
	defer f.agent("chmod -R u+rwX .")
	if got := names(f.files(f.checkpoint().Files)); got != "a d/b n/f y" {
		t.Errorf("files = %s", got)
	}
	said := strings.Join(f.notices, "\n")
	for _, want := range []string{"“data/pg/” cannot be read", "“n/shut/” cannot be read", "“z” cannot be saved"} {
		if !strings.Contains(said, want) {
			t.Errorf("notices = %s, want %s", said, want)
		}
	}
	f.checkpoint()
	if again := strings.Join(f.notices, "\n"); again != said {
		t.Errorf("told twice: %s", again)
	}
	f.agent("chmod 0 d")
	c := f.checkpoint()
	if got := names(f.files(c.Files)); !strings.Contains(got, "d/b") {
		t.Errorf("files = %s", got)
	}
	if said := strings.Join(f.notices, "\n"); !strings.Contains(said, "“d/” cannot be read") {
		t.Errorf("notices = %s", said)
	}
}

func TestRestoreOpensFolders(t *testing.T) {
	if !asUser(t) {
		return
	}
	f := clone(t, map[string]string{"a": "1", "d/b": "1", ".gitignore": "cache\n"})
	c := f.checkpoint()
	defer f.agent("chmod -R u+rwX .")
	for _, script := range []string{
		"mkdir -p mod/x@v1/in; echo 1 > mod/x@v1/in/f; chmod 444 mod/x@v1/in/f; chmod 555 mod/x@v1/in mod/x@v1",
		"mkdir -p data/pg; echo 1 > data/pg/f; chmod 0 data/pg data",
		"rm d/b; echo 2 > d/c; chmod 555 d",
		"echo 2 > d/b; git add d; chmod 555 d; mkdir -p cache; chmod 555 cache",
	} {
		f.agent(script)
		f.checkpoint()
		if err := f.Restore(context.Background(), c); err != nil {
			t.Fatalf("%s: %v", script, err)
		}
		if got := f.agent("git status --porcelain; ls"); strings.TrimSuffix(got, "\ncache") != "a\nd" && got != "a\ncache\nd" {
			t.Errorf("%s: left %s", script, got)
		}
		if again := f.checkpoint(); again != c {
			t.Errorf("%s: %+v", script, again)
		}
	}
	if st, err := os.Stat(f.Dir + "/cache"); err != nil || st.Mode().Perm() != 0o555 {
		t.Errorf("the ignored folder: %v, %v", st, err)
	}
}

func TestLinkedWorktreesAreNotDoubled(t *testing.T) {
	f := clone(t, map[string]string{"a": "1", "src/b": "1"})
	f.agent("git worktree add -q .claude/worktrees/fix -b fix; cd .claude/worktrees/fix; echo n > new; git add -A; git commit -qm fix")
	f.agent("git init -q n; cd n; echo 1 > f; git add f; git -c user.name=x -c user.email=x commit -qm f; git worktree add -q ../n-linked")
	if got := names(f.files(f.checkpoint().Files)); got != "a n/f src/b" {
		t.Errorf("files = %s", got)
	}
	if said := strings.Join(f.notices, "\n"); !strings.Contains(said, "“.claude/worktrees/fix/” is a linked worktree of the branch fix.") ||
		!strings.Contains(said, "“n-linked/” is a linked worktree") {
		t.Errorf("notices = %s", said)
	}
}
