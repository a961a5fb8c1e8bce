package login

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"background-agents/backend/broker"
	"background-agents/backend/session"
)

const (
	// early is how long before its end a token is renewed: a long answer may begin with it.
	early = 5 * time.Minute
	// renewalTakes is how long a renewal may take, and waiting for another's. It ends with the new tokens; else it is
	// said that the login cannot be renewed.
	renewalTakes = 30 * time.Second
	// pause is how long a renewal that failed is not tried again.
	pause = 20 * time.Second
)

// errRefused says that the provider does not take the refresh token any more: only a new login helps.
var errRefused = errors.New("the login was refused")

// errForm is a login in another form than the program wrote when this was made.
var errForm = errors.New("it is not in the form that is known")

// renewed is a login whose tokens are renewed in its file.
type renewed struct {
	l       *Logins
	program string
	hint    string // how to sign in again
	path    string
	form    form
	renew   func(ctx context.Context, t tokens) (tokens, error)

	turn chan struct{} // holds one: the renewal that is under way

	mu       sync.Mutex
	unsaved  *tokens   // renewed, and not written yet
	was      string    // the refresh token that unsaved came from
	rejected string    // an access token that its provider refused
	dead     string    // a refresh token that cannot be used any more
	failedAt time.Time // when a renewal failed for another reason
}

func (l *Logins) renewed(program, hint, path string, f form, renew func(context.Context, tokens) (tokens, error)) *renewed {
	return &renewed{l: l, program: program, hint: hint, path: path, form: f, renew: renew, turn: make(chan struct{}, 1)}
}

// key returns the login's token, an empty one where there is no login.
func (r *renewed) key(ctx context.Context) (broker.Key, error) {
	t, err := r.load()
	if err != nil {
		return broker.Key{}, r.told("cannot be read", "Look at "+r.path+"; or sign in again: "+r.hint, err)
	}
	if t.access == "" && t.refresh == "" {
		return broker.Key{}, nil
	}
	if !r.usable(t, early) {
		if t, err = r.fresh(ctx); err != nil {
			return broker.Key{}, err
		}
	}
	access := t.access
	return broker.Key{
		Secret: session.NewSecret(access), Source: "the login of " + r.program, Bearer: true, Account: t.account,
		Rejected: func() {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.rejected = access
		},
	}, nil
}

// load returns the tokens of the file, or newer ones that could not be written there.
func (r *renewed) load() (tokens, error) {
	raw, err := read(r.path)
	if err != nil || raw == nil {
		return tokens{}, err
	}
	t, err := r.form.read(raw)
	if err != nil {
		return tokens{}, errForm // the error of JSON could hold a piece of it
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.unsaved == nil {
		return t, nil
	}
	if t.refresh != r.was {
		r.unsaved = nil // the program has signed in again
		return t, nil
	}
	newer := *r.unsaved
	if r.write(newer) == nil {
		r.unsaved = nil
	}
	return newer, nil
}

func (r *renewed) usable(t tokens, spare time.Duration) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return t.good(r.l.Now(), spare) && t.access != r.rejected
}

// fresh returns tokens that can be used, renewing them where nobody else has in the meantime.
func (r *renewed) fresh(ctx context.Context) (tokens, error) {
	select {
	case r.turn <- struct{}{}:
		defer func() { <-r.turn }()
	case <-ctx.Done():
		return tokens{}, ctx.Err()
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), renewalTakes)
	defer cancel()
	release, err := hold(ctx, r.l.Locks, r.path)
	if errors.Is(err, context.DeadlineExceeded) {
		return tokens{}, r.told("was not renewed by another program within "+session.Spell(renewalTakes), "Try again.", err)
	}
	if err != nil {
		return tokens{}, r.told("cannot be renewed", "Look at the folder "+r.l.Locks+", then try again.", err)
	}
	defer release()
	t, err := r.load()
	if err != nil {
		return tokens{}, r.told("cannot be read", r.hint, err)
	}
	if r.usable(t, early) {
		return t, nil
	}
	next, err := r.renewOnce(ctx, t)
	if err == nil {
		return next, nil
	}
	if again, e := r.load(); e == nil && again.refresh != t.refresh && r.usable(again, 0) {
		return again, nil // the program itself was quicker
	}
	if r.usable(t, 0) {
		return t, nil // it is good for a while yet
	}
	if errors.Is(err, errRefused) {
		return tokens{}, r.told("has run out", r.hint, err)
	}
	r.l.Log.Warn("renew login", "program", r.program, "err", err)
	if late := (net.Error)(nil); errors.As(err, &late) && late.Timeout() {
		return tokens{}, r.told("cannot be renewed: its provider did not answer within "+session.Spell(renewalTakes),
			"Check the connection to the internet. "+r.hint, err)
	}
	return tokens{}, r.told("cannot be renewed", "Check the connection to the internet. "+r.hint, err)
}

// renewOnce renews tokens and writes them. It does not ask again for what was refused, nor at once for what failed.
func (r *renewed) renewOnce(ctx context.Context, t tokens) (tokens, error) {
	r.mu.Lock()
	dead, failedAt := r.dead, r.failedAt
	r.mu.Unlock()
	switch {
	case t.refresh == "" || t.refresh == dead:
		return tokens{}, errRefused
	case r.l.Now().Sub(failedAt) < pause:
		return tokens{}, errors.New("it failed a moment ago")
	}
	next, err := r.renew(ctx, t)
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case errors.Is(err, errRefused):
		r.dead = t.refresh
		return tokens{}, err
	case err != nil:
		r.failedAt = r.l.Now()
		return tokens{}, err
	}
	if err := r.write(next); err != nil {
		r.l.Log.Warn("keep renewed login in memory", "program", r.program, "err", err)
		r.unsaved, r.was = &next, t.refresh
	}
	return next, nil
}

// write puts tokens into the file as it is now.
func (r *renewed) write(t tokens) error {
	raw, err := read(r.path)
	if err != nil {
		return err
	}
	if raw, err = r.form.write(raw, t, r.l.Now()); err != nil {
		return errForm
	}
	return replace(r.path, raw)
}

func (r *renewed) told(what, hint string, cause error) error {
	return &session.Error{Code: session.CodeModelKey, Message: "The login of " + r.program + " " + what + ".", Hint: hint, Err: cause}
}
