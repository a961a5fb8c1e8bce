//go:build !windows

package timezone

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestZoneIsFoundWhereTheSystemSaysIt(t *testing.T) {
	for name, c := range map[string]struct{ tz, link, file, want string }{
		"TZ first":                {"Asia/Tokyo", "/usr/share/zoneinfo/Europe/Berlin", "Europe/Rome\n", "Asia/Tokyo"},
		"TZ with a colon":         {":Asia/Tokyo", "", "", "Asia/Tokyo"},
		"TZ is a path":            {"/usr/share/zoneinfo/posix/Asia/Tokyo", "", "", "Asia/Tokyo"},
		"TZ is not a zone name":   {"<+03>-3", "/usr/share/zoneinfo/Europe/Berlin", "", "Europe/Berlin"},
		"Linux":                   {"", "/usr/share/zoneinfo/America/Argentina/Salta", "", "America/Argentina/Salta"},
		"relative link":           {"", "../usr/share/zoneinfo/Etc/UTC", "", "Etc/UTC"},
		"macOS":                   {"", "/var/db/timezone/zoneinfo/Europe/Berlin", "", "Europe/Berlin"},
		"Debian's file":           {"", "", "Europe/Rome\n", "Europe/Rome"},
		"link before file":        {"", "/usr/share/zoneinfo/Europe/Berlin", "Europe/Rome\n", "Europe/Berlin"},
		"a link elsewhere":        {"", "/etc/other", "Europe/Rome", "Europe/Rome"},
		"nothing":                 {"", "", "", ""},
		"a variable of its own":   {"", "", "Europe/Rome\x00LD_PRELOAD=x\n", ""},
		"a way out":               {"../../etc/passwd", "", "", ""},
		"longer than any name is": {"", "", strings.Repeat("a", 500), ""},
	} {
		dir := t.TempDir()
		link, file := filepath.Join(dir, "localtime"), filepath.Join(dir, "timezone")
		if c.link != "" {
			if err := os.Symlink(c.link, link); err != nil {
				t.Fatal(err)
			}
		}
		if c.file != "" {
			if err := os.WriteFile(file, []byte(c.file), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if got := find(c.tz, link, file); got != c.want {
			t.Errorf("%s: %q, not %q", name, got, c.want)
		}
	}
}
