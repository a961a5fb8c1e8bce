package forge

import (
	"os/exec"
	"testing"

	"background-agents/backend/session"
)

// The stand-in of gh in the other tests does what this one shows of the real one.
func TestRealGhCarriesTheRequests(t *testing.T) {
	if _, err := exec.LookPath("gh"); err != nil {
		t.Skip("gh is not installed; the other tests have a stand-in for it")
	}
	s := newSecureStandIn(t)
	t.Setenv("GH_CONFIG_DIR", t.TempDir())
	f := Open(Config{Vault: newVault(), Env: func(string) string { return "" }})
	if plan := f.Look(ctx, s.head()); plan.Way == wayGh {
		t.Fatalf("gh is logged in on %s without a login: %+v", s.host, plan)
	}
	t.Setenv("GH_HOST", s.host)
	t.Setenv("GH_ENTERPRISE_TOKEN", "ghp_right")
	if plan := f.Look(ctx, s.head()); plan.Way != wayGh {
		t.Fatalf("plan is %+v", plan)
	}
	pr, err := f.Open(ctx, s.head(), "Fix \"it\" é", "Body", true)
	must(t, err)
	if pr.Number != 1 || pr.Title != "Fix \"it\" é" || !pr.Draft {
		t.Errorf("opened %+v", pr)
	}
	if open, err := f.Find(ctx, s.head()); err != nil || open == nil || open.Number != 1 {
		t.Errorf("found %+v (%v)", open, err)
	}
	h := s.head()
	h.Upstream = s.URL + "/ada/nowhere"
	h.Push = h.Upstream
	if _, err := f.Find(ctx, h); session.CodeOf(err) != session.CodeForge || session.AsError(err).Err.Error() != "404 Not Found" {
		t.Errorf("a repository that is not there says %v (%v)", err, session.AsError(err).Err)
	}
	t.Setenv("GH_ENTERPRISE_TOKEN", "ghp_wrong")
	if _, err := f.Find(ctx, s.head()); session.CodeOf(err) != session.CodeLogin {
		t.Errorf("a wrong login says %v", err)
	}
}
