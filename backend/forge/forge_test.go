package forge

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"background-agents/backend/session"
)

var ctx = context.Background()

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%v (%v)", err, session.AsError(err).Err)
	}
}

func TestPullRequestIsOpenedAndThenUpdated(t *testing.T) {
	for _, way := range []string{"token", "gh"} {
		t.Run(way, func(t *testing.T) {
			s := newStandIn(t)
			f := s.forge(t, newVault())
			calls := func() string { return "" }
			if way == "gh" {
				calls = s.gh(t)
			}
			if plan := f.Look(ctx, s.head()); plan.Way != way || plan.Forge != github || plan.Repository != "ada/shop" || plan.Head != "agents/fix" ||
				plan.Page != s.URL+"/ada/shop/compare/main...agents/fix?expand=1" {
				t.Fatalf("plan is %+v", plan)
			}
			if open, err := f.Find(ctx, s.head()); open != nil || err != nil {
				t.Fatalf("found %+v (%v)", open, err)
			}
			pr, err := f.Open(ctx, s.head(), "Fix \"it\"", "Body\n<b>", true)
			must(t, err)
			if pr.Number != 1 || pr.State != "open" || !pr.Draft || pr.URL != s.URL+"/ada/shop/pull/1" || pr.Base != "main" || s.last["head"] != "agents/fix" {
				t.Errorf("opened %+v by %v", pr, s.last)
			}
			pr, err = f.Open(ctx, s.head(), "Fix it well", "Other body", false)
			must(t, err)
			if pr.Number != 1 || pr.Title != "Fix it well" || pr.Body != "Other body" || !pr.Draft || len(s.pulls) != 1 {
				t.Errorf("updated to %+v", pr)
			}
			s.with(func() {
				s.asked = nil
				s.pulls[0]["state"], s.pulls[0]["merged_at"] = "closed", "2026-01-01T00:00:00Z"
				s.runs = []map[string]string{{"status": "completed", "conclusion": "success"}, {"status": "completed", "conclusion": "skipped"}}
			})
			pr, err = f.Read(ctx, s.head(), 1)
			must(t, err)
			if pr.State != "merged" || pr.Checks != "passed" {
				t.Errorf("read %+v", pr)
			}
			s.has(t, "GET /api/v3/repos/ada/shop/pulls/1", "GET /api/v3/repos/ada/shop/commits/abc/check-runs?per_page=100")
			if log := calls(); way == "gh" && (!strings.Contains(log, "api --hostname "+s.host+" --include --method POST repos/ada/shop/pulls --input -") || strings.Contains(log, "Body")) {
				t.Errorf("gh was called as\n%s", log)
			}
		})
	}
}

func TestPullRequestOfAForkNamesItsOwner(t *testing.T) {
	s := newStandIn(t)
	f := s.forge(t, newVault())
	h := s.head()
	h.Push = s.URL + "/grace/shop"
	plan := f.Look(ctx, h)
	if plan.Head != "grace:agents/fix" || plan.Page != s.URL+"/ada/shop/compare/main...grace:agents/fix?expand=1" {
		t.Errorf("plan is %+v", plan)
	}
	_, err := f.Open(ctx, h, "Fix", "", true)
	must(t, err)
	if s.last["head"] != "grace:agents/fix" {
		t.Errorf("asked for %v", s.last)
	}
	s.has(t, "GET /api/v3/repos/ada/shop/pulls?head=grace%3Aagents%2Ffix&per_page=1&state=open", "POST /api/v3/repos/ada/shop/pulls")
}

func TestChecksSayTheWorst(t *testing.T) {
	s := newStandIn(t)
	f := s.forge(t, newVault())
	_, err := f.Open(ctx, s.head(), "Fix", "", true)
	must(t, err)
	for want, runs := range map[string][]map[string]string{
		"":        {},
		"running": {{"status": "completed", "conclusion": "success"}, {"status": "in_progress"}},
		"failed":  {{"status": "in_progress"}, {"status": "completed", "conclusion": "timed_out"}},
	} {
		s.with(func() { s.runs = runs })
		if pr, err := f.Read(ctx, s.head(), 1); err != nil || pr.Checks != want {
			t.Errorf("checks are %q (%v), want %q", pr.Checks, err, want)
		}
	}
}

func TestRefusalsHaveSentences(t *testing.T) {
	for name, c := range map[string]struct {
		status int
		head   map[string]string
		body   string
		code   session.Code
		says   string
	}{
		"not logged in":   {401, nil, `{"message":"Bad credentials"}`, session.CodeLogin, "does not accept the login"},
		"scope":           {403, nil, `{"message":"Resource not accessible by personal access token"}`, session.CodeLogin, "Resource not accessible"},
		"single sign-on":  {403, map[string]string{"X-GitHub-SSO": "required"}, `{}`, session.CodeLogin, "not authorised for the organisation"},
		"rate limit":      {403, map[string]string{"X-RateLimit-Remaining": "0"}, `{"message":"API rate limit exceeded"}`, session.CodeForge, "Too much was asked"},
		"second limit":    {429, map[string]string{"Retry-After": "60"}, ``, session.CodeForge, "Too much was asked"},
		"not there":       {404, nil, `{"message":"Not Found"}`, session.CodeForge, "There is no repository ada/shop"},
		"nothing new":     {422, nil, `{"message":"Validation Failed","errors":[{"message":"No commits between main and agents/fix"}]}`, session.CodeForge, "no commit that its base has not"},
		"no drafts":       {422, nil, `{"message":"Draft pull requests are not supported in this repository."}`, session.CodeForge, "takes no drafts"},
		"invalid base":    {422, nil, `{"message":"Validation Failed","errors":[{"field":"base","code":"invalid"}]}`, session.CodeForge, "base: invalid"},
		"control words":   {422, nil, `{"message":"a\u001b[2J\u202eb\nc"}`, session.CodeForge, "a[2Jb c"},
		"broken":          {500, nil, `<html>`, session.CodeForge, "Internal Server Error"},
		"no JSON":         {200, nil, `<html>`, session.CodeForge, "could not be asked"},
		"other host":      {307, map[string]string{"Location": "http://127.0.0.2:1/x"}, ``, session.CodeForge, "elsewhere"},
		"changed method":  {302, map[string]string{"Location": "/api/v3/user"}, ``, session.CodeForge, "elsewhere"},
		"too long answer": {200, nil, `"` + strings.Repeat("x", maxAnswer) + `"`, session.CodeForge, "could not be asked"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStandIn(t)
			f := s.forge(t, newVault())
			s.instead = func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodGet && strings.HasPrefix(r.URL.Path, "/api/v3/repos") {
					_, _ = w.Write([]byte("[]"))
					return
				}
				for k, v := range c.head {
					w.Header().Set(k, v)
				}
				w.WriteHeader(c.status)
				_, _ = w.Write([]byte(c.body))
			}
			_, err := f.Open(ctx, s.head(), "Fix", "", true)
			e := session.AsError(err)
			if session.CodeOf(err) != c.code || !strings.Contains(e.Message, c.says) || e.Hint == "" {
				t.Errorf("it says %q %q (%s)", e.Message, e.Hint, e.Code)
			}
			if strings.Contains(e.Message+e.Hint+e.Err.Error(), "ghp_right") {
				t.Error("the token is in the error")
			}
		})
	}
}

func TestTokenGoesToNoOtherHost(t *testing.T) {
	got := make(chan string, 10)
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got <- r.Header.Get("Authorization") }))
	defer other.Close()
	s := newStandIn(t)
	f := s.forge(t, newVault())
	s.instead = func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL+r.URL.Path, http.StatusTemporaryRedirect)
	}
	if _, err := f.Find(ctx, s.head()); session.CodeOf(err) != session.CodeForge {
		t.Errorf("it says %v", err)
	}
	if len(got) != 0 {
		t.Errorf("the other host was asked, with %q", <-got)
	}
	s.instead = func(w http.ResponseWriter, r *http.Request) { // a repository that was renamed
		if strings.Contains(r.URL.Path, "/repositories/7") {
			_, _ = w.Write([]byte("[]"))
			return
		}
		http.Redirect(w, r, "/api/v3/repositories/7/pulls", http.StatusMovedPermanently)
	}
	if open, err := f.Find(ctx, s.head()); err != nil || open != nil {
		t.Errorf("a renamed repository is not found: %v", err)
	}
	h := s.head()
	h.Upstream = "http://192.0.2.1/ada/shop"
	if plan := f.Look(ctx, h); plan.Way != "browser" {
		t.Errorf("a token would go over http: %+v", plan)
	}
}

func TestTokenIsKeptOnlyWhereItsHostTakesIt(t *testing.T) {
	s := newStandIn(t)
	vault := newVault()
	f := s.forge(t, vault)
	f.env = func(string) string { return "" }
	if err := f.SetToken(ctx, s.host, session.NewSecret("ghp_wrong")); session.CodeOf(err) != session.CodeLogin {
		t.Errorf("a wrong token is taken: %v", err)
	}
	if _, err := f.Find(ctx, s.head()); session.CodeOf(err) != session.CodeLogin {
		t.Errorf("without a token it says %v", err)
	}
	must(t, f.SetToken(ctx, s.host, session.NewSecret("ghp_right")))
	if _, err := f.Find(ctx, s.head()); err != nil {
		t.Errorf("with a token it says %v", err)
	}
	if plan := f.Look(ctx, s.head()); plan.Way != wayToken || plan.Forge != github {
		t.Errorf("plan is %+v", plan)
	}
	must(t, f.SetToken(ctx, s.host, session.Secret{}))
	if plan := f.Look(ctx, s.head()); plan.Way != "browser" || plan.Because == "" {
		t.Errorf("plan is %+v", plan)
	}
	for _, host := range []string{"", "a b", "-x", "github.com/x", "github.com\nx"} {
		if err := f.SetToken(ctx, host, session.NewSecret("x")); session.CodeOf(err) != session.CodeInvalid {
			t.Errorf("%q is taken for a host: %v", host, err)
		}
	}
}

func TestLockedKeychainIsSaid(t *testing.T) {
	s := newStandIn(t)
	vault := newVault()
	f := s.forge(t, vault)
	vault.Fail(&session.Error{Code: session.CodeKeychainLock, Message: "The keychain is locked.", Hint: "Unlock it."})
	if plan := f.Look(ctx, s.head()); plan.Way != wayToken {
		t.Errorf("the environment's token is not used: %+v", plan)
	}
	f.env = func(string) string { return "" }
	h := s.head()
	h.Upstream, h.Push = "https://github.com/ada/shop", "https://github.com/ada/shop"
	if plan := f.Look(ctx, h); plan.Way != "browser" || plan.Because != "The keychain is locked." {
		t.Errorf("plan is %+v", plan)
	}
	if _, err := f.Logins(ctx); session.CodeOf(err) != session.CodeKeychainLock {
		t.Errorf("it says %v", err)
	}
}

func TestSilentHostIsGivenUp(t *testing.T) {
	s := newStandIn(t)
	f := s.forge(t, newVault())
	f.client.Timeout = 200 * time.Millisecond
	hold := make(chan struct{})
	s.instead = func(http.ResponseWriter, *http.Request) { <-hold }
	defer close(hold)
	_, err := f.Find(ctx, s.head())
	if known := session.AsError(err); known.Code != session.CodeForge || known.Message != s.host+" did not answer within 200 milliseconds." {
		t.Errorf("it says %v", err)
	}
}
