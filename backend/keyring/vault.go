package keyring

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/zalando/go-keyring"

	"background-agents/backend/session"
)

const (
	// Service is the name under which every item stands in the keychain.
	Service = "background-agents"
	// Limit is how long one call may take. It ends with the keychain's answer, or with the sentence that it did not
	// answer.
	Limit = 5 * time.Second
	// MaxValue is the largest secret, in bytes.
	MaxValue = 64 << 10
)

// Secret is a value that must not be shown.
type Secret = session.Secret

// ring is the keychain as this package needs it: single items, each replaced as a whole.
type ring interface {
	Get(service, user string) (string, error)
	Set(service, user, value string) error
	Delete(service, user string) error
}

// systemRing is the keychain of the operating system.
type systemRing struct{}

func (systemRing) Get(service, user string) (string, error) { return keyring.Get(service, user) }
func (systemRing) Set(service, user, value string) error    { return keyring.Set(service, user, value) }
func (systemRing) Delete(service, user string) error        { return keyring.Delete(service, user) }

// Vault keeps secrets by name. Its methods may be called from any goroutine.
type Vault struct {
	ring  ring
	part  int // bytes that one item holds
	limit time.Duration
	// usable says, without asking the user, why the keychain cannot be used; locked is an error only where look is set.
	usable func(ctx context.Context, look bool) error
	turn   chan struct{} // holds one: the call that is under way

	installation string
	formerly     string
	adopt        bool
}

// Open returns the Vault of the operating system's keychain. It does not touch the keychain yet.
func Open(c Config) *Vault {
	return &Vault{
		ring: systemRing{}, part: itemSize, limit: Limit, usable: usable, turn: make(chan struct{}, 1),
		installation: c.Installation, formerly: c.Former, adopt: c.Adopt && c.Installation != "",
	}
}

// parting is how long Close waits for a call that is under way. It ends with that call, or the application ends without
// it.
const parting = time.Second

// Close ends the use of the keychain, and waits a moment for a call that is under way: GNOME Keyring 42 may end, for
// all programs, where one leaves in the middle of a call.
func (v *Vault) Close() error {
	select {
	case v.turn <- struct{}{}: // it stays taken
	case <-time.After(parting):
	}
	return nil
}

// Check returns nil where secrets can be kept now, else the state as an error. It shows no prompt where the platform
// can tell without.
func (v *Vault) Check(ctx context.Context) error {
	_, err := v.do(ctx, true, func(context.Context) (string, error) {
		_, err := v.ring.Get(Service, "check")
		if errors.Is(err, keyring.ErrNotFound) {
			err = nil
		}
		return "", err
	})
	return err
}

// Get returns the secret of that name, an error with session.CodeNotFound if there is none.
func (v *Vault) Get(ctx context.Context, name string) (Secret, error) {
	if err := validName(name); err != nil {
		return Secret{}, err
	}
	value, err := v.do(ctx, false, func(ctx context.Context) (string, error) { return v.find(ctx, name) })
	if err != nil {
		return Secret{}, err
	}
	return session.NewSecret(value), nil
}

// Other returns what another program keeps in the keychain, an error with session.CodeNotFound where there is nothing.
// It is for reading alone: other programs write their items in forms of their own.
func (v *Vault) Other(ctx context.Context, service, account string) (Secret, error) {
	value, err := v.do(ctx, false, func(context.Context) (string, error) { return v.ring.Get(service, account) })
	if err != nil {
		return Secret{}, err
	}
	return session.NewSecret(value), nil
}

// Set keeps a secret under a name, in place of the one before. Names are 1 to 128 letters, digits and ._/-, and
// differ also by case; values have 1 to MaxValue bytes.
func (v *Vault) Set(ctx context.Context, name string, value Secret) error {
	if err := validName(name); err != nil {
		return err
	}
	if n := len(value.Reveal()); n == 0 || n > MaxValue {
		return &session.Error{Code: session.CodeInvalid, Message: fmt.Sprintf("A secret has 1 to %d bytes; this one has %d.", MaxValue, n),
			Hint: "Keep larger data in a file, and its key here."}
	}
	_, err := v.do(ctx, false, func(ctx context.Context) (string, error) { return "", v.keep(ctx, name, value.Reveal()) })
	return err
}

// Delete removes a secret and whatever an interrupted Set left of it. It is no error when there is none.
func (v *Vault) Delete(ctx context.Context, name string) error {
	if err := validName(name); err != nil {
		return err
	}
	_, err := v.do(ctx, false, func(ctx context.Context) (string, error) { return "", v.drop(ctx, name) })
	return err
}

// do runs f when no other call is under way, and returns within the limit. A keychain cannot be interrupted: where
// it does not answer, f is left to end by itself, and keeps the next calls waiting until it has.
func (v *Vault) do(ctx context.Context, look bool, f func(context.Context) (string, error)) (string, error) {
	limited, cancel := context.WithTimeout(ctx, v.limit)
	defer cancel()
	type result struct {
		value string
		err   error
	}
	select {
	case v.turn <- struct{}{}:
	case <-limited.Done():
		return "", v.tooSlow(ctx)
	}
	done := make(chan result, 1)
	go func() {
		defer func() { <-v.turn }()
		var r result
		if r.err = v.usable(limited, look); r.err == nil {
			if r.value, r.err = f(limited); r.err != nil {
				r.err = v.explain(limited, r.err)
			}
		}
		done <- r
	}()
	select {
	case r := <-done:
		if r.err != nil && limited.Err() != nil {
			return "", v.tooSlow(ctx)
		}
		return r.value, r.err
	case <-limited.Done():
		return "", v.tooSlow(ctx)
	}
}

var nameForm = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._/-]{0,127}$`)

func validName(name string) error {
	if nameForm.MatchString(name) {
		return nil
	}
	return &session.Error{Code: session.CodeInvalid, Message: "A secret cannot have this name.",
		Hint: "Use up to 128 letters, digits and the signs . _ / and -."}
}
