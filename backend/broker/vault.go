package broker

import (
	"context"
	"sync"
	"time"

	"background-agents/backend/session"
)

// A keychain is slow, and one that waits for its owner takes seconds to say so. What it said counts for a while.
const (
	keyLasts     = 5 * time.Minute
	failureLasts = 20 * time.Second
)

// Vault finds the keys that the user entered: the vault's provider/NAME. A value is kept in memory for a few minutes, and
// until Refresh.
type Vault struct {
	vault session.Vault

	mu     sync.Mutex
	known  map[string]kept // by provider
	broken kept            // the whole keychain, where it does not answer
}

type kept struct {
	key Key
	err error
	at  time.Time
}

// NewVault returns Credentials that look into v.
func NewVault(v session.Vault) *Vault { return &Vault{vault: v, known: map[string]kept{}} }

// Refresh forgets what is in memory.
func (v *Vault) Refresh() {
	v.mu.Lock()
	defer v.mu.Unlock()
	clear(v.known)
	v.broken = kept{}
}

// Key implements Credentials. Where there is no keychain there is no key; where it is locked, that is the error.
func (v *Vault) Key(ctx context.Context, provider string) (Key, error) {
	v.mu.Lock()
	known, found := v.known[provider]
	broken := v.broken
	v.mu.Unlock()
	switch {
	case found && time.Since(known.at) < keyLasts:
		return known.key, nil
	case broken.err != nil && time.Since(broken.at) < failureLasts:
		return Key{}, broken.err
	}
	// A look at what models there are must not make a locked keychain ask for its password: nobody is waiting for that.
	err, secret := v.vault.Check(ctx), session.Secret{}
	if err == nil {
		secret, err = v.vault.Get(ctx, "provider/"+provider)
	}
	switch session.CodeOf(err) {
	case session.CodeNotFound, session.CodeNoKeychain:
		err = nil
	case session.CodeCancelled:
		return Key{}, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if err != nil {
		v.broken = kept{err: err, at: time.Now()}
		return Key{}, err
	}
	key := Key{}
	if !secret.Empty() {
		key = Key{Secret: secret, Source: "the keychain", Kept: true}
	}
	v.known[provider] = kept{key: key, at: time.Now()}
	return key, nil
}
