package forge

import (
	"testing"

	"background-agents/backend/session"
)

func TestRemotesAreRead(t *testing.T) {
	for remote, want := range map[string]repository{
		"https://github.com/ada/shop.git":       {"https", "github.com", "ada", "shop"},
		"https://ada@GitHub.com/ada/shop/":      {"https", "github.com", "ada", "shop"},
		"git@github.com:ada/shop.git":           {"https", "github.com", "ada", "shop"},
		"ssh://git@ssh.github.com:443/ada/shop": {"https", "github.com", "ada", "shop"},
		"https://git.example.org:8443/ada/shop": {"https", "git.example.org:8443", "ada", "shop"},
		"git@gitlab.com:group/sub/shop.git":     {"https", "gitlab.com", "group/sub", "shop"},
		"http://127.0.0.1:80/ada/shop":          {"http", "127.0.0.1:80", "ada", "shop"},
		"/srv/shop.git":                         {},
		`C:\code\shop`:                          {},
		"file:///srv/ada/shop":                  {},
		"ext::sh -c x":                          {},
		"https://github.com/shop":               {},
		"https://github.com/ada/../../x":        {},
		"../shop":                               {},
		"":                                      {},
	} {
		if got, err := parse(remote); got != want && (want != repository{} || err == nil) {
			t.Errorf("%q is %+v (%v), want %+v", remote, got, err, want)
		}
	}
}

func TestOtherForgesHaveAPage(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	f := Open(Config{Vault: newVault(), Env: func(string) string { return "" }})
	for remote, want := range map[string]string{
		"git@gitlab.com:g/sub/shop.git":      "https://gitlab.com/g/sub/shop/-/merge_requests/new?merge_request%5Bsource_branch%5D=agents%2Ffix+%23&merge_request%5Btarget_branch%5D=main",
		"https://bitbucket.org/ada/shop.git": "https://bitbucket.org/ada/shop/pull-requests/new?dest=main&source=agents%2Ffix+%23",
		"https://github.com/ada/shop":        "https://github.com/ada/shop/compare/main...agents/fix%20%23?expand=1",
		"https://git.example.org/ada/shop":   "",
		"/srv/shop.git":                      "",
	} {
		plan := f.Look(ctx, session.Head{Upstream: remote, Push: remote, Branch: "agents/fix #", Base: "main"})
		if plan.Page != want || plan.Way != "browser" || plan.Because == "" {
			t.Errorf("%s: %+v", remote, plan)
		}
	}
}
