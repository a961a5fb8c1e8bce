// Package keyring is the Vault: it keeps the user's secrets in the keychain of the operating system (Secret Service on
// Linux, Keychain on macOS, Credential Manager on Windows), through github.com/zalando/go-keyring.
//
// What it guarantees:
//   - A secret is in the keychain or nowhere: there is no file, and no fallback in plain text.
//   - What one installation keeps no other reads, replaces or removes: its name, which lies in its data folder, is part of each
//     item's. What was kept before that becomes the default folder's, item by item.
//   - Each call returns within Limit (5 s), also while the keychain waits for its user to type a password. What is
//     then still under way ends before its next step, so that a call which was reported as failed changes nothing
//     later but, at most, the one item that it was just writing.
//   - One call is under way at a time; others wait for it, within their own Limit.
//   - A value that an item cannot hold is split. Its parts are written beside the old ones and read back, and only
//     then the item that names them is replaced: a Set that fails leaves the old value, and a Set that was cut off
//     leaves parts which the next Set or Delete of that name removes.
//   - On Linux a session bus is used where there is one and never started. (dbus-launch would leave a bus and a
//     keyring daemon behind that nobody ends.)
//   - Errors are *session.Error with a code for each state: CodeNoKeychain, CodeKeychainLock, CodeKeychainSlow,
//     CodeKeychain; they never hold a value. A secret that is not there is CodeNotFound.
//
// What it cannot: other programs of the same user may read the same keychain, as far as the operating system lets them.
package keyring
