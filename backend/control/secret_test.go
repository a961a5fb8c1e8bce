package control

import (
	"context"
	"encoding/json"
	"strings"
	"testing"

	"background-agents/backend/session"
)

func (r *recorder) SetSecret(_ context.Context, at session.SecretScope, name string, d session.Delivery, value session.Secret) (session.SecretEntry, error) {
	r.note("SetSecret %+v %s %s %q %v", at, name, d, value.Reveal(), value)
	return session.SecretEntry{Name: name, Delivery: d}, r.err
}

func (r *recorder) PasteSecrets(_ context.Context, _ session.SecretScope, _ session.Delivery, text session.Secret) (session.Pasted, error) {
	r.note("PasteSecrets %q", text.Reveal())
	return session.Pasted{}, r.err
}

func (r *recorder) Keychain(context.Context) error { return r.err }

func TestValueOfASecretArrivesAndDoesNotComeBack(t *testing.T) {
	r := &recorder{}
	c, _ := running(t, r)
	const value = "a \"canary\" ü\n"
	e, err := c.SetSecret(t.Context(), session.SecretScope{Project: "p"}, "TOKEN", session.DeliverFile, session.NewSecret(value))
	if err != nil || e.Name != "TOKEN" {
		t.Fatalf("%+v %v", e, err)
	}
	if _, err := c.PasteSecrets(t.Context(), session.SecretScope{}, session.DeliverEnv, session.NewSecret("A="+value)); err != nil {
		t.Fatal(err)
	}
	if r.asked[0] != `SetSecret {Project:p Session:} TOKEN file "a \"canary\" ü\n" [secret]` || r.asked[1] != `PasteSecrets "A=a \"canary\" ü\n"` {
		t.Errorf("asked %q", r.asked)
	}
	r.err = &session.Error{Code: session.CodeKeychainLock, Message: "Locked.", Hint: "Unlock."}
	if err := c.Keychain(t.Context()); session.CodeOf(err) != session.CodeKeychainLock {
		t.Errorf("%v", err)
	}
}

func TestValueThatIsNoStringIsNotRepeated(t *testing.T) {
	args := []json.RawMessage{[]byte(`{}`), []byte(`"TOKEN"`), []byte(`"env"`), []byte(`{"canary":"canary"}`)}
	_, err := calls["SetSecret"](t.Context(), &recorder{}, args)
	if session.CodeOf(err) != session.CodeInvalid {
		t.Fatal(err)
	}
	for ; err != nil; err = unwrap(err) {
		if strings.Contains(err.Error(), "canary") {
			t.Errorf("the error says %q", err)
		}
	}
}

func unwrap(err error) error {
	u, ok := err.(interface{ Unwrap() error })
	if !ok {
		return nil
	}
	return u.Unwrap()
}
