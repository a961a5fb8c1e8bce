package session_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"background-agents/backend/session"
)

func TestOwnProvidersAreKeptWithTheSettings(t *testing.T) {
	story(t, nil, func(w *world) {
		ctx := context.Background()
		p := session.ProviderConfig{ID: "gateway", Protocol: "openai", URL: " https://host/v1 "}
		w.must(w.SaveProvider(ctx, p))
		old := w.Settings()
		old.Providers, old.Theme = nil, "dark"
		w.must(w.SaveSettings(ctx, old)) // a window that does not know of it yet takes nothing away
		w.reopen()
		got := w.Settings().Providers
		if len(got) != 1 || got[0].Name != "gateway" || got[0].URL != "https://host/v1" {
			t.Fatalf("kept %+v", got)
		}
		w.broker.More = []session.Provider{{ID: "gateway", Kind: session.ProviderOwn}}
		p.URL, p.Name = "https://other", "Gateway"
		w.must(w.SaveProvider(ctx, p))
		w.must(w.SetProviderKey(ctx, "gateway", " sk-canary\n"))
		if got := w.Settings().Providers; len(got) != 1 || got[0].URL != "https://other" {
			t.Errorf("kept %+v", got)
		}
		if key, err := w.vault.Get(ctx, "provider/gateway"); err != nil || key.Reveal() != "sk-canary" {
			t.Errorf("the key is %q, %v", key.Reveal(), err)
		}
		if text := fmt.Sprintf("%+v", w.told()); strings.Contains(text, "sk-canary") {
			t.Error("the window was told the key")
		}
		before := w.broker.Refreshed()
		w.must(w.RemoveProvider(ctx, "gateway"))
		_, err := w.vault.Get(ctx, "provider/gateway")
		code(t, err, session.CodeNotFound)
		if len(w.Settings().Providers) > 0 || w.broker.Refreshed() == before {
			t.Error("it is still there")
		}
		code(t, w.RemoveProvider(ctx, "gateway"), session.CodeNotFound)
	})
}

func TestProvidersThatCannotBeAreRefused(t *testing.T) {
	story(t, nil, func(w *world) {
		ctx := context.Background()
		w.broker.More = []session.Provider{{ID: "openai", Name: "OpenAI", Kind: session.ProviderKnown}, {ID: "claude", Name: "Claude", Kind: session.ProviderLogin, Hint: "Sign in."}}
		good := session.ProviderConfig{ID: "x", Protocol: "openai", URL: "https://host"}
		for outcome, change := range map[string]func(*session.ProviderConfig){
			"an id with a slash":           func(p *session.ProviderConfig) { p.ID = "a/b" },
			"a protocol that is not known": func(p *session.ProviderConfig) { p.Protocol = "chatgpt" },
			"an address that is none":      func(p *session.ProviderConfig) { p.URL = "host" },
			"a file":                       func(p *session.ProviderConfig) { p.URL = "file:///etc/passwd" },
			"a password in the address":    func(p *session.ProviderConfig) { p.URL = "https://u:p@host" },
			"a key in the address":         func(p *session.ProviderConfig) { p.URL = "https://host?key=1" },
			"more models than one can use": func(p *session.ProviderConfig) { p.Models = make([]string, 1000) },
		} {
			p := good
			change(&p)
			if err := w.SaveProvider(ctx, p); session.CodeOf(err) != session.CodeInvalid || session.AsError(err).Hint == "" {
				t.Errorf("%s: %v", outcome, err)
			}
		}
		for _, id := range []string{"demo", "openai", "claude"} {
			p := good
			p.ID = id
			code(t, w.SaveProvider(ctx, p), session.CodeConflict)
		}
		code(t, w.SetProviderKey(ctx, "nobody", "k"), session.CodeNotFound)
		code(t, w.SetProviderKey(ctx, "claude", "k"), session.CodeInvalid)
		code(t, w.SetProviderKey(ctx, "demo", "k"), session.CodeInvalid)
		code(t, w.SetKeyAddress(ctx, "nobody", "https://x"), session.CodeNotFound)
		code(t, w.SetKeyAddress(ctx, "openai", "https://x"), session.CodeInvalid) // it has its own address
		for _, key := range []string{"two\nlines", "ñ", strings.Repeat("x", 20_000)} {
			err := w.SetProviderKey(ctx, "openai", key)
			code(t, err, session.CodeInvalid)
			if strings.Contains(err.Error(), key) {
				t.Error("the error repeats the key")
			}
		}
	})
}

func TestKeyIsNotKeptWhereThereIsNoKeychain(t *testing.T) {
	story(t, nil, func(w *world) {
		ctx := context.Background()
		w.broker.More = []session.Provider{{ID: "openai", Kind: session.ProviderKnown}}
		w.vault.Fail(&session.Error{Code: session.CodeNoKeychain, Message: "There is no keychain to keep secrets in."})
		code(t, w.SetProviderKey(ctx, "openai", "k"), session.CodeNoKeychain)
		w.vault.Fail(nil)
		w.must(w.SetProviderKey(ctx, "openai", "k"))
		w.must(w.SetProviderKey(ctx, "openai", "")) // removes it
		_, err := w.vault.Get(ctx, "provider/openai")
		code(t, err, session.CodeNotFound)
	})
}

// The user says yes to the address that he has seen, and to no other.
func TestAKeyMayGoToAnAddressThatTheUserAgreedTo(t *testing.T) {
	story(t, nil, func(w *world) {
		ctx := context.Background()
		w.broker.More = []session.Provider{{ID: "anthropic", Name: "Anthropic", URL: "https://gateway", Elsewhere: "ANTHROPIC_BASE_URL"}}
		code(t, w.SetKeyAddress(ctx, "anthropic", "https://other"), session.CodeConflict)
		w.must(w.SetKeyAddress(ctx, "anthropic", "https://gateway"))
		saved := w.Settings()
		saved.KeyAddresses = map[string]string{"openai": "https://evil"}
		w.must(w.SaveSettings(ctx, saved)) // changes nothing of it
		if got := w.Settings().KeyAddresses; len(got) != 1 || got["anthropic"] != "https://gateway" {
			t.Errorf("agreed to %v", got)
		}
		w.must(w.SetKeyAddress(ctx, "anthropic", ""))
		if got := w.Settings().KeyAddresses; len(got) != 0 {
			t.Errorf("taken back: %v", got)
		}
	})
}

func TestWithoutAModelNoSessionIsMade(t *testing.T) {
	story(t, nil, func(w *world) {
		ctx := context.Background()
		p, err := w.AddProject(ctx, "/code/shop")
		w.must(err)
		w.broker.Unusable = &session.Error{Code: session.CodeModel, Message: "No model is set up.", Hint: "Set one up."}
		_, err = w.Create(ctx, session.NewSession{Project: p.ID, Prompt: session.NewPrompt{Text: "work"}})
		code(t, err, session.CodeModel)
		_, err = w.Create(ctx, session.NewSession{Project: p.ID, Model: "demo/scripted"})
		w.must(err)
		_, err = w.Create(ctx, session.NewSession{Project: p.ID, Prompt: session.NewPrompt{Text: "work"}}) // that choice is not the next one's
		code(t, err, session.CodeModel)
	})
}
