package toolchain

import (
	"context"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"background-agents/backend/session"
)

// MaxPinned is the most bytes that an archive of Pinned may have.
const MaxPinned = 500 << 20

// pinned is a tool that a project names by address and checksum. It is for one processor: the checksum says which.
type pinned struct {
	address *url.URL
	sum     sum
}

// localNames end the names of hosts that are not on the internet.
var localNames = []string{"local", "localhost", "localdomain", "internal", "intranet", "lan", "home", "corp", "private",
	"test", "invalid", "example", "onion", "arpa"}

// plainFile matches names of files that mean nothing to a shell or a path.
var plainFile = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9._+-]{0,199}$`)

// Pinned returns the source of a tool that a project names. Only the address's own host is asked, and for GitHub's
// releases those that have their files. An archive's shared leading folders are dropped; any other file is the tool
// itself.
//
// A name on the internet can lead to an address of the local network. A caller of Fetcher with a Pinned source
// gives it a client that refuses such addresses, as the application's own does for sandboxes.
func Pinned(address, sha256 string) (Source, error) {
	u, err := url.Parse(address)
	switch {
	case err != nil, u.Opaque != "", u.Host == "":
		return nil, refused(address, "is not an address", "Write it like https://example.org/tool-1.2.tar.gz.")
	case u.Scheme != "https":
		return nil, refused(address, "does not begin with https://", "Use the https address of the file.")
	case u.User != nil:
		return nil, refused(u.Redacted(), "has a user name or a password", "Use an address that anyone can open.")
	case u.Fragment != "" || strings.HasSuffix(address, "#"):
		return nil, refused(address, "has a part after #", "Leave that out.")
	case !public(u.Hostname()):
		return nil, refused(address, "is not of a host on the internet",
			"Use the name of a public host, not a number or a local name.")
	case !plainFile.MatchString(fileName(u)):
		return nil, refused(address, "does not name a file", "Use the address of the archive itself.")
	}
	s, err := hexSum("sha256", strings.TrimSpace(sha256))
	if err != nil {
		return nil, &session.Error{Code: session.CodeInvalid, Err: err,
			Message: "The checksum of " + address + " is not valid: sha256 has 64 digits from 0 to f.",
			Hint:    "Copy it from the page of the release, or run `sha256sum` on a file that you trust."}
	}
	return pinned{u, s}, nil
}

func refused(address, why, hint string) error {
	return &session.Error{Code: session.CodeInvalid, Message: "The address " + address + " " + why + ".", Hint: hint}
}

// public reports whether a host's name can be one on the internet. Numbers are refused however they are written:
// 127.1, 0x7f.0.0.1 and 2130706433 are all this computer.
func public(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if _, err := netip.ParseAddr(host); err == nil || len(host) > 253 {
		return false
	}
	labels := strings.Split(host, ".")
	last := labels[len(labels)-1]
	if len(labels) < 2 || slices.Contains(labels, "") || slices.Contains(localNames, last) {
		return false
	}
	return last[0] < '0' || last[0] > '9'
}

func fileName(u *url.URL) string { return u.Path[strings.LastIndex(u.Path, "/")+1:] }

func (s pinned) hosts(Bases) []string {
	own := hostOf(s.address.String())
	if own == "github.com" {
		return append([]string{own}, releaseHosts...)
	}
	return []string{own}
}

func (s pinned) files(context.Context, *index, string, string) ([]file, error) {
	layout := Layout{Strip: StripShared}
	switch name := strings.ToLower(fileName(s.address)); {
	case strings.HasSuffix(name, ".tar.gz"), strings.HasSuffix(name, ".tgz"):
		layout.Format = TarGz
	case strings.HasSuffix(name, ".tar.xz"), strings.HasSuffix(name, ".txz"):
		layout.Format = TarXz
	case strings.HasSuffix(name, ".zip"):
		layout.Format = Zip
		layout.Executables = []string{"*", "bin/*"} // a zip may not have kept them
	default:
		layout = Layout{Format: Single, Into: "bin", Name: fileName(s.address)}
	}
	return []file{{url: s.address.String(), sum: s.sum, Layout: layout}}, nil
}
