package keyring

import (
	"context"
	"errors"

	"github.com/zalando/go-keyring"

	"background-agents/backend/session"
)

// noKeychain, locked and tooSlow are the states of a keychain that cannot be used now.
func noKeychain(cause error) error {
	return &session.Error{Code: session.CodeNoKeychain, Message: "There is no keychain to keep secrets in.", Hint: missingHint, Err: cause}
}

func locked(cause error) error {
	return &session.Error{Code: session.CodeKeychainLock, Message: "The keychain is locked.",
		Hint: "Unlock it and try again. Sessions without secrets go on.", Err: cause}
}

func (v *Vault) tooSlow(ctx context.Context) error {
	if err := ctx.Err(); errors.Is(err, context.Canceled) {
		return &session.Error{Code: session.CodeCancelled, Message: "Stopped waiting for the keychain.", Hint: "Try again.", Err: err}
	}
	return session.NoAnswer(session.CodeKeychainSlow, "The keychain", v.limit,
		"It may be asking for its password in another window: answer there, then try again.")
}

// explain turns what the keychain said into what a user is told.
func (v *Vault) explain(ctx context.Context, err error) error {
	switch {
	case errors.Is(err, keyring.ErrNotFound):
		return &session.Error{Code: session.CodeNotFound, Message: "The keychain has no such secret.", Hint: "Enter it again.", Err: err}
	case errors.Is(err, errDamaged):
		return &session.Error{Code: session.CodeKeychain, Message: "This secret is damaged in the keychain.", Hint: "Enter it again.", Err: err}
	case errors.Is(err, keyring.ErrUnsupportedPlatform):
		return noKeychain(err)
	}
	if state := stateOf(err); state != nil {
		return state
	}
	// The messages of keychains are made for people and differ, so their state is asked for, not read from the text.
	if state := v.usable(ctx, true); state != nil {
		return state
	}
	return &session.Error{Code: session.CodeKeychain, Message: "The keychain refused.", Hint: "Open it with the system's own program and see that it works, then try again.", Err: err}
}
