package keyring

import (
	"context"
	"errors"
	"os/exec"
)

// itemSize is what one item holds: go-keyring passes a command of at most 4,096 bytes to security(1), names and the
// base64 of the value included.
const itemSize = 2400

const missingHint = "Make a default keychain in Keychain Access, then try again."

func itemKey(name string) string { return name }

// usable has nothing to look at beforehand: the keychain is part of the system.
func usable(context.Context, bool) error { return nil }

// stateOf reads security(1)'s exit code, the last eight bits of the OSStatus (SecBase.h).
func stateOf(err error) error {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return nil
	}
	switch exit.ExitCode() {
	case 36, 51, 128: // errSecInteractionNotAllowed, errSecAuthFailed, errSecUserCanceled
		return locked(err)
	case 37, 50: // errSecNoDefaultKeychain, errSecNoSuchKeychain
		return noKeychain(err)
	}
	return nil
}
