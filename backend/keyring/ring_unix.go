//go:build linux || freebsd || netbsd || openbsd

package keyring

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/godbus/dbus/v5"
)

// itemSize is what one item holds: here every value fits.
const itemSize = MaxValue + 1

const missingHint = "Install and start gnome-keyring or KWallet (package gnome-keyring), sign in again, then try again."

func itemKey(name string) string { return name }

func stateOf(error) error { return nil }

const (
	secretsName = "org.freedesktop.secrets"
	secretsPath = "/org/freedesktop/secrets"
	collections = "org.freedesktop.Secret.Collection"
)

// usable looks at the session bus that is there, and starts none: go-keyring would, where this did not refuse first.
func usable(ctx context.Context, look bool) error {
	conn, err := dbus.SessionBusPrivateNoAutoStartup(dbus.WithContext(ctx))
	if err != nil {
		return noKeychain(err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.Auth(nil); err != nil {
		return noKeychain(fmt.Errorf("session bus: %w", err))
	}
	if err := conn.Hello(); err != nil {
		return noKeychain(fmt.Errorf("session bus: %w", err))
	}
	if err := offered(ctx, conn); err != nil {
		return noKeychain(err)
	}
	if !look {
		return nil
	}
	return unlocked(ctx, conn)
}

// offered reports whether somebody is, or would be started as, the Secret Service.
func offered(ctx context.Context, conn *dbus.Conn) error {
	var owned bool
	if err := conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.NameHasOwner", 0, secretsName).Store(&owned); err != nil || owned {
		return err
	}
	var names []string
	if err := conn.BusObject().CallWithContext(ctx, "org.freedesktop.DBus.ListActivatableNames", 0).Store(&names); err != nil {
		return err
	}
	if !slices.Contains(names, secretsName) {
		return errors.New("no program offers " + secretsName)
	}
	return nil
}

// unlocked returns an error where the collection that go-keyring uses is missing or locked.
func unlocked(ctx context.Context, conn *dbus.Conn) error {
	for _, path := range []dbus.ObjectPath{secretsPath + "/collection/login", secretsPath + "/aliases/default"} {
		// All properties, for the sake of one: who asks for a single one and is gone before the answer ends GNOME Keyring 42.
		var properties map[string]dbus.Variant
		err := conn.Object(secretsName, path).CallWithContext(ctx, "org.freedesktop.DBus.Properties.GetAll", 0, collections).Store(&properties)
		if err != nil {
			continue
		}
		if b, ok := properties["Locked"].Value().(bool); ok && b {
			return locked(nil)
		}
		return nil
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return noKeychain(errors.New("the Secret Service has no default collection"))
}
