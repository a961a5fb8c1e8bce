// Package timezone finds the name of this computer's time zone, so that sandboxes have the same one.
package timezone

import "regexp"

// name is what the names of the IANA database are like: Europe/Berlin, America/Argentina/Salta, Etc/GMT+5, UTC.
var name = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_+-]{0,30}(/[A-Za-z0-9_+-]{1,30}){0,2}$`)

// valid returns s where it is a name, else "".
func valid(s string) string {
	if !name.MatchString(s) {
		return ""
	}
	return s
}
