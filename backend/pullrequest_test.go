package backend_test

import (
	"encoding/json"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"background-agents/backend/session"
)

// host is a stand-in of GitHub Enterprise: git's own smart HTTP and the part of the REST API that is asked, both with a login.
type host struct {
	*httptest.Server
	mu    sync.Mutex
	asked []string
	body  map[string]any
}

func newHost(t *testing.T, root string) *host {
	t.Helper()
	out, err := exec.Command("git", "--exec-path").Output()
	if err != nil {
		t.Fatal(err)
	}
	h := &host{}
	backend := &cgi.Handler{
		Path: filepath.Join(strings.TrimSpace(string(out)), "git-http-backend"),
		Env:  []string{"GIT_PROJECT_ROOT=" + root, "GIT_HTTP_EXPORT_ALL=1", "REMOTE_USER=ada"},
	}
	h.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if path, ok := strings.CutPrefix(r.URL.Path, "/api/v3/"); ok {
			h.api(w, r, path)
			return
		}
		if name, password, _ := r.BasicAuth(); name != "ada" || password != "geheim" {
			w.Header().Set("WWW-Authenticate", `Basic realm="git"`)
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		backend.ServeHTTP(w, r)
	}))
	t.Cleanup(h.Close)
	return h
}

func (h *host) api(w http.ResponseWriter, r *http.Request, path string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked = append(h.asked, r.Method+" "+path)
	if r.Header.Get("Authorization") != "Bearer ghp_canary" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	if r.Method == http.MethodGet {
		_, _ = w.Write([]byte("[]"))
		return
	}
	_ = json.NewDecoder(r.Body).Decode(&h.body)
	w.WriteHeader(http.StatusCreated)
	_ = json.NewEncoder(w).Encode(map[string]any{
		"number": 1, "html_url": h.URL + "/ada/shop/pull/1", "state": "open", "draft": h.body["draft"], "title": h.body["title"], "base": map[string]any{"ref": h.body["base"]},
	})
}

func TestAgentAsksForAPullRequestAndTheUserAccepts(t *testing.T) {
	root := t.TempDir()
	h := newHost(t, root)
	t.Setenv("GH_HOST", strings.TrimPrefix(h.URL, "http://"))
	t.Setenv("GH_ENTERPRISE_TOKEN", "ghp_canary")
	l := newLive(t)
	remote := filepath.Join(root, "ada", "shop.git")
	l.git("clone", "-q", "--bare", l.repo, remote)
	l.must(exec.Command("git", "-C", remote, "config", "http.receivepack", "true").Run())
	l.git("remote", "add", "origin", h.URL+"/ada/shop.git")
	l.git("config", "credential.helper", "!f() { test \"$1\" = get && echo username=ada && echo password=geheim; }; f")

	id := l.create("demo: write fix.txt fixed\ndemo: bash git add -A && git commit -qm 'Fix it'\ndemo: pr Fix the shop | It was broken.\ndemo: text All done.")
	l.until(id, firstImage, func(s session.Session) bool { return s.Status == session.NeedsYou })
	var ask session.Item
	for _, it := range l.items(id) {
		if it.Proposal != nil {
			ask = it
		}
	}
	if ask.Proposal == nil || ask.Proposal.Title != "Fix the shop" || ask.Proposal.Body != "It was broken." {
		t.Fatalf("the request is %+v", ask)
	}
	plan, err := l.PlanPullRequest(ctx, id, session.PullRequestTarget{Proposal: ask.ID})
	l.must(err)
	if plan.Way != "token" || plan.Repository != "ada/shop" || plan.Base != "main" || len(plan.Push.Commits) != 1 || plan.Push.Commits[0].Subject != "Fix it" {
		t.Errorf("plan is %+v", plan)
	}
	pr, err := l.OpenPullRequest(ctx, id, session.NewPullRequest{Push: plan.Push.Yes(), Title: plan.Title, Body: "It was broken, and is not any more.", Base: plan.Base, Draft: plan.Draft, Proposal: ask.ID})
	l.must(err)
	s := l.until(id, time.Minute, settled(session.Idle))
	if s.PullRequest == nil || s.PullRequest.URL != pr.URL || s.Pushed == nil || s.Pushed.Commit != s.Result.Commit {
		t.Errorf("session is %+v, %+v", s.PullRequest, s.Pushed)
	}
	if h.body["title"] != "Fix the shop" || h.body["body"] != "It was broken, and is not any more." || h.body["draft"] != true || h.body["head"] != s.Branch {
		t.Errorf("the host was asked for %v", h.body)
	}
	out, err := exec.Command("git", "-C", remote, "log", "--format=%s", "main.."+s.Branch).Output()
	l.must(err)
	if string(out) != "Fix it\n" {
		t.Errorf("the remote has %q", out)
	}
	told := ""
	for _, it := range l.items(id) {
		if it.Tool != nil {
			told += it.Text + "\n"
		}
	}
	if !strings.Contains(told, "opened "+pr.URL) {
		t.Errorf("the agent was told %q", told)
	}
	unsaved, err := l.Unsaved(ctx, id)
	l.must(err)
	if len(unsaved) != 0 {
		t.Errorf("unsaved after the push: %q", unsaved)
	}
}

// The tool is the supervisor's own, and each agent finds it; a no reaches the agent as well as a yes.
func TestEachAgentAsksForAPullRequest(t *testing.T) {
	each(t, func(t *testing.T, l *live, agent string) {
		id := l.createWith(agent, session.AllowAll, "demo: pr Fix the shop | It was broken.\ndemo: text All done.")
		defer l.tell(id)
		l.until(id, firstImage, func(s session.Session) bool { return s.Status == session.NeedsYou })
		asks := l.of(id, session.KindProposal)
		if len(asks) != 1 || asks[0].Proposal.Title != "Fix the shop" || asks[0].Proposal.Body != "It was broken." || asks[0].Proposal.Answer != "" {
			t.Fatalf("it asks for %+v", asks)
		}
		l.must(l.DeclineProposal(ctx, id, asks[0].ID))
		l.until(id, time.Minute, settled(session.Idle))
		told := ""
		for _, it := range l.of(id, session.KindTool) {
			told += it.Text + "\n"
		}
		if !strings.Contains(told, "declined") {
			t.Errorf("the agent was told %q", told)
		}
		said := ""
		for _, it := range l.of(id, session.KindMessage) {
			said += it.Text
		}
		if !strings.Contains(said, "All done.") {
			t.Errorf("after the no the agent says %q", said)
		}
	})
}
