package forge

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"background-agents/backend/session"
)

func TestRemotesAreRead(t *testing.T) {
	for remote, want := range map[string]repository{
		"https://github.com/ada/shop.git":       {scheme: "https", host: "github.com", owner: "ada", name: "shop"},
		"https://ada@GitHub.com/ada/shop/":      {scheme: "https", host: "github.com", owner: "ada", name: "shop"},
		"git@github.com:ada/shop.git":           {scheme: "https", host: "github.com", owner: "ada", name: "shop"},
		"ssh://git@ssh.github.com:443/ada/shop": {scheme: "https", host: "github.com", owner: "ada", name: "shop"},
		"https://git.example.org:8443/ada/shop": {scheme: "https", host: "git.example.org:8443", owner: "ada", name: "shop"},
		"git@gitlab.com:group/sub/shop.git":     {scheme: "https", host: "gitlab.com", owner: "group/sub", name: "shop"},
		"http://127.0.0.1:80/ada/shop":          {scheme: "http", host: "127.0.0.1:80", owner: "ada", name: "shop"},
		"git@ssh.dev.azure.com:v3/org/pro/shop": {scheme: "https", host: "dev.azure.com", owner: "org/pro/_git", name: "shop"},
		"/srv/shop.git":                         {},
		`C:\code\shop`:                          {},
		"file:///srv/ada/shop":                  {},
		"ext::sh -c x":                          {},
		"https://github.com/shop":               {},
		"https://github.com/ada/../../x":        {},
		"../shop":                               {},
		"":                                      {},
	} {
		got, err := parse(remote)
		if got.ssh != strings.Contains(remote, "git@") {
			t.Errorf("%q by ssh: %v", remote, got.ssh)
		}
		got.ssh = false
		if got != want && (want != repository{} || err == nil) {
			t.Errorf("%q is %+v (%v), want %+v", remote, got, err, want)
		}
	}
}

func TestOtherForgesHaveAPage(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	f := Open(Config{Vault: newVault(), Env: func(string) string { return "" }})
	for remote, want := range map[string]string{
		"git@gitlab.com:g/sub/shop.git":       "https://gitlab.com/g/sub/shop/-/merge_requests/new?merge_request%5Bsource_branch%5D=agents%2Ffix+%23&merge_request%5Btarget_branch%5D=main",
		"https://bitbucket.org/ada/shop.git":  "https://bitbucket.org/ada/shop/pull-requests/new?dest=main&source=agents%2Ffix+%23",
		"https://github.com/ada/shop":         "https://github.com/ada/shop/compare/main...agents/fix%20%23?expand=1",
		"git@codeberg.org:ada/shop.git":       "https://codeberg.org/ada/shop/compare/main...agents/fix%20%23",
		"git@ssh.dev.azure.com:v3/o/p/shop":   "https://dev.azure.com/o/p/_git/shop/pullrequestcreate?sourceRef=agents%2Ffix+%23&targetRef=main",
		"https://dev.azure.com/o/p/_git/shop": "https://dev.azure.com/o/p/_git/shop/pullrequestcreate?sourceRef=agents%2Ffix+%23&targetRef=main",
		"https://git.example.org/ada/shop":    "",
		"/srv/shop.git":                       "",
	} {
		plan := f.Look(ctx, session.Head{Upstream: remote, Push: remote, Branch: "agents/fix #", Base: "main"})
		if plan.Page != want || plan.Way != "browser" || plan.Because == "" {
			t.Errorf("%s: %+v", remote, plan)
		}
	}
}

func TestHostBehindAnAliasOfSSHIsFound(t *testing.T) {
	dir := t.TempDir()
	script := "#!/bin/sh\n[ \"$1\" = -G ] && [ $# = 2 ] || exit 1\necho \"user git\"\ncase $2 in work) echo hostname GitHub.com ;; bad) echo 'hostname -x' ;; *) echo \"hostname $2\" ;; esac\n"
	if err := os.WriteFile(filepath.Join(dir, "ssh"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+"/bin:/usr/bin")
	f := Open(Config{Env: func(string) string { return "" }})
	for remote, want := range map[string]string{
		"git@work:ada/shop.git": "github.com", "ssh://git@work/ada/shop": "github.com", "git@bad:ada/shop": "bad", "git@git.example.org:ada/shop": "git.example.org",
		"https://work/ada/shop": "work",
	} {
		if r, err := f.read(ctx, remote); err != nil || r.host != want {
			t.Errorf("%s is on %q, not %q (%v)", remote, r.host, want, err)
		}
	}
}
