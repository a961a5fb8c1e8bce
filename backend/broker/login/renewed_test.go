package login

import (
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"background-agents/backend/session"
)

func TestGoodTokenIsUsedAndItsFileIsNotTouched(t *testing.T) {
	w := newWorld(t)
	path := w.claudeLogin(time.Hour)
	before := contents(t, path)
	key := w.wants("claude", oldAccess)
	if !key.Bearer || key.Source != "the login of Claude Code" {
		t.Errorf("%+v", key)
	}
	if w.requests() != 0 || contents(t, path) != before {
		t.Error("it was renewed")
	}
}

func TestTokenThatRunsOutIsRenewedOnceForAll(t *testing.T) {
	w := newWorld(t)
	path := w.claudeLogin(time.Minute)
	link := filepath.Join(w.home, "real.json")
	if err := os.Rename(path, link); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(link, path); err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() { w.wants("claude", newAccess) })
	}
	all.Wait()
	if w.requests() != 1 {
		t.Fatalf("renewed %d times", w.requests())
	}
	asked := w.asked[0]
	if asked["path"] != "POST /claude" || asked["grant_type"] != "refresh_token" || asked["refresh_token"] != oldRefresh || asked["client_id"] != claudeClient {
		t.Errorf("asked %v", asked)
	}
	text := contents(t, link)
	for _, want := range []string{newAccess, newRefresh, `"kept"`, `"max"`, "12345678901234567890", "user:inference"} {
		if !strings.Contains(text, want) {
			t.Errorf("the file lacks %s: %s", want, text)
		}
	}
	info, err := os.Stat(link)
	if err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if to, err := os.Readlink(path); err != nil || to != link {
		t.Errorf("the link is gone: %q %v", to, err)
	}
	left, err := os.ReadDir(w.home)
	if err != nil || len(left) != 3 { // .claude, locks, real.json
		t.Errorf("left behind: %v %v", left, err)
	}
	w.wants("claude", newAccess)
	if w.requests() != 1 {
		t.Error("a new token was renewed")
	}
}

func TestWhatTheProgramRenewedItselfIsTaken(t *testing.T) {
	w := newWorld(t)
	path := w.claudeLogin(-time.Minute)
	release, err := hold(t.Context(), w.Locks, path)
	if err != nil {
		t.Fatal(err)
	}
	got := make(chan string)
	go func() { got <- w.must("claude").Secret.Reveal() }()
	time.Sleep(200 * time.Millisecond) // it waits for the lock now
	w.write(claudePath, claudeText("by-the-program", "its-refresh", time.Hour))
	release()
	if token := <-got; token != "by-the-program" || w.requests() != 0 {
		t.Errorf("got %q after %d renewals", token, w.requests())
	}

	// It was quicker while we asked, so that our refresh token is worth nothing.
	w = newWorld(t)
	w.claudeLogin(-time.Minute)
	w.will(func(rw http.ResponseWriter, _ *http.Request) {
		w.write(claudePath, claudeText("by-the-program", "its-refresh", time.Hour))
		http.Error(rw, `{"error":"invalid_grant"}`, http.StatusBadRequest)
	})
	w.wants("claude", "by-the-program")
}

func TestRefusedLoginSaysSoOnceAndANewOneIsTaken(t *testing.T) {
	w := newWorld(t)
	w.claudeLogin(-time.Minute)
	w.say(http.StatusBadRequest, `{"error":"invalid_grant","token":"`+oldRefresh+`"}`)
	for range 3 {
		_, err := w.Key(t.Context(), "claude")
		told := session.AsError(err)
		if told == nil || told.Code != session.CodeModelKey || told.Message != "The login of Claude Code has run out." || !strings.Contains(told.Hint, "sign in") {
			t.Fatalf("told %+v", told)
		}
		if text := err.Error() + told.Hint + told.Err.Error(); strings.Contains(text, "canary") {
			t.Errorf("a token is in the error: %s", text)
		}
	}
	if w.requests() != 1 {
		t.Errorf("asked %d times for what was refused", w.requests())
	}
	w.write(claudePath, claudeText("signed-in-again", "r", time.Hour))
	w.wants("claude", "signed-in-again")
}

func TestProviderThatIsDownLeavesAGoodTokenInUse(t *testing.T) {
	w := newWorld(t)
	w.claudeLogin(time.Minute) // good, but to be renewed
	w.say(http.StatusBadGateway, "down")
	for range 3 {
		w.wants("claude", oldAccess)
	}
	if w.requests() != 1 {
		t.Errorf("asked %d times within a moment", w.requests())
	}
	w = newWorld(t)
	w.claudeLogin(-time.Minute)
	w.say(http.StatusTemporaryRedirect, "elsewhere")
	if _, err := w.Key(t.Context(), "claude"); session.CodeOf(err) != session.CodeModelKey {
		t.Errorf("run out, and the provider is down: %v", err)
	}
}

func TestRenewalGoesOnWhenTheAgentHangsUp(t *testing.T) {
	w := newWorld(t)
	path := w.claudeLogin(-time.Minute)
	ctx, cancel := context.WithCancel(t.Context())
	w.will(func(rw http.ResponseWriter, _ *http.Request) {
		cancel()
		time.Sleep(100 * time.Millisecond)
		_, _ = rw.Write([]byte(`{"access_token":"` + newAccess + `","refresh_token":"` + newRefresh + `","expires_in":60000}`))
	})
	_, _ = w.Key(ctx, "claude")
	w.will(nil)
	if text := contents(t, path); !strings.Contains(text, newRefresh) {
		t.Errorf("what the provider gave is lost: %s", text)
	}
}

func TestTokensThatCannotBeWrittenAreKeptUntilTheyCan(t *testing.T) {
	w := newWorld(t)
	path := w.claudeLogin(-time.Minute)
	before := contents(t, path)
	w.will(func(rw http.ResponseWriter, _ *http.Request) {
		_ = os.Remove(path)
		_, _ = rw.Write([]byte(`{"access_token":"` + newAccess + `","refresh_token":"` + newRefresh + `","expires_in":60000}`))
	})
	w.wants("claude", newAccess)
	w.write(claudePath, before) // as from a backup: with the token that is worth nothing now
	w.wants("claude", newAccess)
	if text := contents(t, path); !strings.Contains(text, newRefresh) || w.requests() != 1 {
		t.Errorf("%d renewals, and the file has %s", w.requests(), text)
	}
}

func TestTokenThatItsProviderRefusesIsRenewed(t *testing.T) {
	w := newWorld(t)
	w.claudeLogin(time.Hour)
	key := w.wants("claude", oldAccess)
	key.Rejected()
	w.wants("claude", newAccess)
	key.Rejected() // an answer to an old request, come late
	w.wants("claude", newAccess)
	if w.requests() != 1 {
		t.Errorf("renewed %d times", w.requests())
	}
}

const childHome, childProvider = "LOGIN_TEST_HOME", "LOGIN_TEST_PROVIDER"

func TestSecondProcessDoesNotRenewTheSame(t *testing.T) {
	if home := os.Getenv(childHome); home != "" {
		w := &world{t: t, home: home}
		w.Logins = w.open(os.Getenv(childProvider))
		w.wants("claude", newAccess)
		return
	}
	w := newWorld(t)
	w.claudeLogin(-time.Minute)
	w.will(func(rw http.ResponseWriter, _ *http.Request) {
		time.Sleep(time.Second) // until both are there
		_, _ = rw.Write([]byte(`{"access_token":"` + newAccess + `","refresh_token":"` + newRefresh + `","expires_in":60000}`))
	})
	var both sync.WaitGroup
	for range 2 {
		both.Go(func() {
			cmd := exec.Command(os.Args[0], "-test.run=^TestSecondProcessDoesNotRenewTheSame$")
			cmd.Env = append(os.Environ(), childHome+"="+w.home, childProvider+"="+strings.TrimSuffix(w.AnthropicURL, "/claude"))
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
	both.Wait()
	if w.requests() != 1 {
		t.Errorf("renewed %d times", w.requests())
	}
}

func TestAProviderThatDoesNotRenewInTimeIsNamedWithTheTime(t *testing.T) {
	w := newWorld(t)
	w.claudeLogin(-time.Minute)
	hold := make(chan struct{})
	w.will(func(http.ResponseWriter, *http.Request) { <-hold })
	defer close(hold)
	w.client.Timeout = 50 * time.Millisecond
	_, err := w.Key(t.Context(), "claude")
	known := session.AsError(err)
	if known == nil || !strings.Contains(known.Message, "cannot be renewed: its provider did not answer within 30 seconds.") || known.Hint == "" {
		t.Errorf("%+v", known)
	}
}
