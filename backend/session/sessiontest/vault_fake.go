package sessiontest

import (
	"context"
	"sync"
	"time"

	"background-agents/backend/session"
)

// Vault keeps secrets in memory. Fail puts it into the state of a keychain that cannot be used, Delay into that of a slow one.
type Vault struct {
	mu     sync.Mutex
	err    error
	delay  time.Duration
	values map[string]session.Secret
	asked  map[string]int
}

var _ session.Vault = (*Vault)(nil)

// Fail makes every call from now on return err; nil makes the vault work again.
func (v *Vault) Fail(err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.err = err
}

// Delay makes every Get from now on take so long.
func (v *Vault) Delay(d time.Duration) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.delay = d
}

// Asked returns how often Get was called for a name.
func (v *Vault) Asked(name string) int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.asked[name]
}

// Check implements session.Vault.
func (v *Vault) Check(context.Context) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.err
}

// Get implements session.Vault.
func (v *Vault) Get(ctx context.Context, name string) (session.Secret, error) {
	v.mu.Lock()
	if v.asked == nil {
		v.asked = map[string]int{}
	}
	v.asked[name]++
	delay := v.delay
	v.mu.Unlock()
	select {
	case <-time.After(delay):
	case <-ctx.Done():
		return session.Secret{}, &session.Error{Code: session.CodeKeychainSlow, Message: "The keychain did not answer in time.", Hint: "Answer it.", Err: ctx.Err()}
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.err != nil {
		return session.Secret{}, v.err
	}
	value, ok := v.values[name]
	if !ok {
		return session.Secret{}, &session.Error{Code: session.CodeNotFound, Message: "The keychain has no such secret."}
	}
	return value, nil
}

// Set implements session.Vault.
func (v *Vault) Set(_ context.Context, name string, value session.Secret) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.err != nil {
		return v.err
	}
	if v.values == nil {
		v.values = map[string]session.Secret{}
	}
	v.values[name] = value
	return nil
}

// Delete implements session.Vault.
func (v *Vault) Delete(_ context.Context, name string) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.err == nil {
		delete(v.values, name)
	}
	return v.err
}
