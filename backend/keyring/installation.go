package keyring

import (
	"context"
	"errors"

	"github.com/zalando/go-keyring"
)

// Config says whose secrets a Vault keeps.
type Config struct {
	// Installation names the items of one installation; "" shares those of every one.
	Installation string
	// Former is the name that an earlier version gave to the same installation, "" for none. What was kept under it is adopted, one by
	// one as it is asked for.
	Former string
	// Adopt takes over what was kept before items had the name of an installation, in the same way.
	Adopt bool
}

// own is a secret's name with the installation's before it; no name of a secret has a colon.
func (v *Vault) own(name string) string {
	if v.installation == "" {
		return name
	}
	return v.installation + ":" + name
}

// former are the names under which earlier versions may have kept a secret, the newest first.
func (v *Vault) former(name string) []string {
	var all []string
	if v.formerly != "" {
		all = append(all, v.formerly+":"+name)
	}
	if v.adopt {
		all = append(all, name)
	}
	return all
}

// find reads a secret, and moves one that was kept under a former name.
func (v *Vault) find(ctx context.Context, name string) (string, error) {
	value, err := v.read(ctx, v.own(name))
	for _, former := range v.former(name) {
		if !errors.Is(err, keyring.ErrNotFound) {
			return value, err
		}
		if value, err = v.read(ctx, former); err == nil && v.write(ctx, v.own(name), value) == nil {
			_ = v.remove(ctx, former) // else the next Set or Delete does it
		}
	}
	return value, err
}

// keep writes a secret, and removes what was kept under former names.
func (v *Vault) keep(ctx context.Context, name, value string) error {
	if err := v.write(ctx, v.own(name), value); err != nil {
		return err
	}
	for _, former := range v.former(name) {
		_ = v.remove(ctx, former) // the value is kept already, and comes before that one
	}
	return nil
}

// drop removes a secret under all its names, its own last: else a former one would be found again.
func (v *Vault) drop(ctx context.Context, name string) error {
	former := v.former(name)
	for i := len(former) - 1; i >= 0; i-- {
		if err := v.remove(ctx, former[i]); err != nil {
			return err
		}
	}
	return v.remove(ctx, v.own(name))
}
