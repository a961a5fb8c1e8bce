package broker

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"background-agents/backend/session"
	"background-agents/backend/session/sessiontest"
)

func TestKeyOfTheKeychainGoesFirstAndAChangeIsFollowed(t *testing.T) {
	vault := &sessiontest.Vault{}
	v := NewVault(vault)
	c := FirstOf{v, keys{"openai": "of-the-environment"}}
	key := func() string {
		t.Helper()
		k, err := c.Key(t.Context(), "openai")
		if err != nil {
			t.Fatal(err)
		}
		return k.Secret.Reveal() + " from " + k.Source
	}
	if got := key(); got != "of-the-environment from a test" {
		t.Errorf("got %s", got)
	}
	if err := vault.Set(t.Context(), "provider/openai", session.NewSecret(realKey)); err != nil {
		t.Fatal(err)
	}
	c.Refresh()
	if got := key(); got != realKey+" from the keychain" {
		t.Errorf("got %s", got)
	}
	vault.Fail(&session.Error{Code: session.CodeKeychainLock, Message: "The keychain is locked."})
	if got := key(); got != realKey+" from the keychain" {
		t.Errorf("in memory: %s", got)
	}
	c.Refresh()
	if got := key(); got != "of-the-environment from a test" {
		t.Errorf("locked: %s", got)
	}
}

func TestLockedKeychainIsSaidAndNoKeychainIsNoKey(t *testing.T) {
	vault := &sessiontest.Vault{}
	v := NewVault(vault)
	for code, locked := range map[session.Code]bool{session.CodeKeychainLock: true, session.CodeKeychainSlow: true, session.CodeNoKeychain: false, session.CodeNotFound: false} {
		v.Refresh()
		vault.Fail(&session.Error{Code: code, Message: "state"})
		if _, err := v.Key(t.Context(), "openai"); (err != nil) != locked {
			t.Errorf("%s: %v", code, err)
		}
		vault.Fail(nil)
		if _, err := v.Key(t.Context(), "anthropic"); (err != nil) != locked {
			t.Errorf("%s: the next provider asks a keychain that does not answer again: %v", code, err)
		}
	}
}

func TestKeyOfTheKeychainIsSaidToBeKeptAndStaysOutOfEverything(t *testing.T) {
	vault := &sessiontest.Vault{}
	if err := vault.Set(t.Context(), "provider/openai", session.NewSecret(realKey)); err != nil {
		t.Fatal(err)
	}
	b := withVault(t, vault)
	p, _ := provider(t, b, "openai")
	if !p.Ready || !p.Kept || p.Source != "the keychain" || strings.Contains(fmt.Sprintf("%+v %#v", p, p), realKey) {
		t.Errorf("%+v", p)
	}
	_, env := configOf(t, b, session.Session{})
	if strings.Contains(fmt.Sprint(env), realKey) {
		t.Error("the key is in the environment")
	}
}

func withVault(t *testing.T, v session.Vault) *Broker {
	t.Helper()
	endpoints, err := Endpoints(func(string) string { return "" })
	if err != nil {
		t.Fatal(err)
	}
	return opened(t, Config{Credentials: FirstOf{NewVault(v)}, Endpoints: endpoints})
}

// prompting is a vault that is locked: to get something from it asks its owner for the password.
type prompting struct {
	sessiontest.Vault
	prompts int
}

// Get implements session.Vault.
func (p *prompting) Get(ctx context.Context, name string) (session.Secret, error) {
	p.prompts++
	return p.Vault.Get(ctx, name)
}

func TestListOfProvidersMakesALockedKeychainAskNothing(t *testing.T) {
	vault := &prompting{}
	vault.Fail(&session.Error{Code: session.CodeKeychainLock, Message: "The keychain is locked."})
	if _, err := withVault(t, vault).Providers(t.Context()); err != nil || vault.prompts != 0 {
		t.Errorf("%d prompts, %v", vault.prompts, err)
	}
}
