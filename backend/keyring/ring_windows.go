package keyring

import (
	"context"
	"errors"
	"strings"
	"syscall"
)

// itemSize is what one item holds: CRED_MAX_CREDENTIAL_BLOB_SIZE is 5 * 512 bytes.
const itemSize = 2400

const missingHint = "Sign in to Windows with a profile of your own (not a temporary one), then try again."

// itemKey keeps names apart that differ by case only, which Credential Manager does not tell apart.
func itemKey(name string) string {
	if strings.ToLower(name) == name {
		return name
	}
	return name + "~" + sum(name)[:8]
}

// usable has nothing to look at beforehand: the Credential Manager is part of the system.
func usable(context.Context, bool) error { return nil }

// stateOf reads the error code of the Credential Manager.
func stateOf(err error) error {
	if errors.Is(err, syscall.Errno(1312)) { // ERROR_NO_SUCH_LOGON_SESSION: no credential set for this logon
		return noKeychain(err)
	}
	return nil
}
