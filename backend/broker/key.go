package broker

import (
	"context"

	"background-agents/backend/session"
)

// key returns the key of an endpoint, or an *session.Error that says how to have one. A key goes only to the address
// that its own source stands for: what the user entered, and another program's login, to the provider's own; a key of
// the environment to the one that the environment names. And it never goes over a line that others can read.
func (b *Broker) key(ctx context.Context, e endpoint) (Key, error) {
	if e.Kind == session.ProviderLocal {
		return Key{Source: "found on this computer"}, nil
	}
	key, err := b.find(ctx, e)
	if told := (*session.Error)(nil); err != nil && e.Kind == session.ProviderLogin {
		if told = session.AsError(err); told.Code != session.CodeInternal {
			return Key{}, told
		}
	}
	if err != nil {
		return Key{}, &session.Error{
			Code: session.CodeModelKey, Err: err,
			Message: "The key for " + e.Name + " cannot be read.",
			Hint:    "`bga doctor` says what is wrong with it.",
		}
	}
	switch {
	case !key.Secret.Empty() && e.base.Scheme != "https" && !loopback(e.base.Hostname()):
		return Key{}, &session.Error{
			Code:    session.CodeModelKey,
			Message: "The address of " + e.Name + " is not encrypted, so its key is not sent there.",
			Hint:    "Give it an address that begins with https://.",
		}
	case !key.Secret.Empty():
		return key, nil
	case e.Keyless:
		return Key{Source: "needs no key"}, nil
	case e.Kind == session.ProviderLogin:
		return Key{}, &session.Error{Code: session.CodeModelKey, Message: "There is no login for " + e.Name + ".", Hint: e.SignIn}
	case e.NamedBy != "" && !b.agreed(e):
		return Key{}, &session.Error{
			Code:    session.CodeModelKey,
			Message: e.NamedBy + " names another server for " + e.Name + ", and there is no key for it in the environment.",
			Hint: "Set " + variable(e.ID) + " in the environment, unset " + e.NamedBy + ", or let the key that you entered go to that server: `bga provider agree " +
				e.ID + "`.",
		}
	}
	return Key{}, &session.Error{
		Code:    session.CodeModelKey,
		Message: "There is no key for " + e.Name + ".",
		Hint:    "Enter it in Settings under Models or with `bga provider set " + e.ID + "`, or set " + variable(e.ID) + " in the environment.",
	}
}

// find looks for a key where the endpoint's address may have one from.
func (b *Broker) find(ctx context.Context, e endpoint) (Key, error) {
	switch {
	case e.NamedBy == "" || b.agreed(e):
		if b.Credentials == nil {
			return Key{}, nil
		}
		return b.Credentials.Key(ctx, e.ID)
	case b.Environment == nil:
		return Key{}, nil
	}
	key, err := b.Environment.Key(ctx, e.ID)
	if err != nil || !key.Process {
		return Key{}, err // a .env file names no address
	}
	return key, nil
}

// agreed reports whether the user lets the provider's key go to the address that the environment names.
func (b *Broker) agreed(e endpoint) bool { return b.Agreed != nil && b.Agreed(e.ID) == e.URL }
