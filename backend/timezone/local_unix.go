//go:build !windows

package timezone

import (
	"cmp"
	"os"
	"strings"
)

// Name returns the IANA name of the user's time zone, such as Europe/Berlin; "" where it is not known.
func Name() string { return find(os.Getenv("TZ"), "/etc/localtime", "/etc/timezone") }

// find looks into what TZ says, where the link leads, and, as Debian has it, into the file that holds the name.
func find(tz, link, file string) string {
	to, _ := os.Readlink(link)
	text := ""
	if f, err := os.Open(file); err == nil {
		var b [128]byte
		n, _ := f.Read(b[:])
		_ = f.Close()
		text, _, _ = strings.Cut(string(b[:n]), "\n")
	}
	return cmp.Or(valid(inside(tz)), valid(inside(to)), valid(strings.TrimSpace(text)))
}

// inside returns the name in a path of the database, such as /usr/share/zoneinfo/Europe/Berlin, and a name as it is.
func inside(path string) string {
	path = strings.TrimPrefix(path, ":")
	if _, after, ok := strings.Cut(path, "zoneinfo/"); ok {
		path = after
	}
	return strings.TrimPrefix(strings.TrimPrefix(path, "posix/"), "right/")
}
