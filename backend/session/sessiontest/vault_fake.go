package sessiontest

import (
	"context"
	"sync"

	"background-agents/backend/session"
)

// Vault keeps secrets in memory. Fail puts it into the state of a keychain that cannot be used.
type Vault struct {
	mu     sync.Mutex
	err    error
	values map[string]session.Secret
}

var _ session.Vault = (*Vault)(nil)

// Fail makes every call from now on return err; nil makes the vault work again.
func (v *Vault) Fail(err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.err = err
}

// Check implements session.Vault.
func (v *Vault) Check(context.Context) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.err
}

// Get implements session.Vault.
func (v *Vault) Get(_ context.Context, name string) (session.Secret, error) {
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
