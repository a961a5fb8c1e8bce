package missing

import (
	"regexp"
	"slices"
	"strings"

	"background-agents/sandbox/wire"
)

var packageName = regexp.MustCompile(`^[a-z0-9][a-z0-9+.-]{1,127}$`)

// Packages returns the Debian packages that a command line installs, at most wire.MaxMissingPackages, where command is
// apt, apt-get, or sudo before one of them.
func Packages(command string, words []string) []string {
	if !slices.Contains([]string{"apt", "apt-get", "sudo"}, command) {
		return nil
	}
	var list []string
	apt, install := false, false
	for _, word := range words {
		end := strings.TrimRight(word, ";&|)")
		switch name := strings.Trim(end, `"'`); {
		case install && packageName.MatchString(name) && !slices.Contains(list, name):
			list = append(list, name)
		case name == "apt" || name == "apt-get":
			apt = true
		case apt && name == "install":
			install = true
		}
		if end != word || len(list) == wire.MaxMissingPackages {
			apt, install = false, false
		}
	}
	return list
}
