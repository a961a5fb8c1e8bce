package egress

import (
	"net/netip"
	"strings"
	"testing"
)

func TestHostsHaveOneForm(t *testing.T) {
	for text, want := range map[string]string{
		"example.com:443":        "example.com:443",
		"EXAMPLE.Com:80":         "example.com:80",
		"a_b.example.com:8080":   "a_b.example.com:8080",
		"xn--mnchen-3ya.de:443":  "xn--mnchen-3ya.de:443",
		"93.184.216.34:443":      "93.184.216.34:443",
		"[2606:2800::1]:443":     "[2606:2800::1]:443",
		"[::ffff:10.0.0.1]:443":  "10.0.0.1:443", // seen as what it is
		"[0:0:0:0:0:0:0:1]:443":  "[::1]:443",
		"123.example.com:443":    "123.example.com:443",
		"0x7f.example.com:65535": "0x7f.example.com:65535",
	} {
		if got, err := parseTarget(text, 0); err != nil || got.String() != want {
			t.Errorf("%q: %v %v, want %s", text, got, err, want)
		}
	}
}

// Each of these is read by some program as a host that the policy was not asked about.
var strangeHosts = []string{
	"", ".", "..", ":443", "example", "localhost", "a.localhost", "example.com.", "example..com", ".example.com", "-a.example.com", "a-.example.com",
	"example.com\x00.evil.com", "example.com%00.evil.com", "%65xample.com", "ex%61mple.com", "user@example.com", "example.com@evil.com",
	"example.com/evil.com", "example.com\\evil.com", "example.com?evil.com", "example.com#evil.com", "example.com evil.com", "exa\tmple.com",
	"exаmple.com" /* Cyrillic a */, "ｅxample.com", "example。com", "example．com", "exam\u00adple.com", "exam\u200dple.com", "ⓔxample.com", "faß.de",
	"xn--.com", "xn--a.com", "xn--example-.com", "xn--EXAMPLE.com", "xn--exmple-cua\u0301.com", "xn--a-ecp.ru",
	"2130706433", "017700000001", "0x7f000001", "0x7f.1", "127.1", "0177.0.0.1", "127.0.0.01", "0x7f.0.0.1", "127.0.0.0x1", "1.2.3", "1.2.3.4.5", "1.2.3.256",
	"::1", "[::1", "::1]", "[::1]]", "[[::1]]", "[fe80::1%25eth0]", "[fe80::1%eth0]", "[127.0.0.1]", "[example.com]", "[]", "[::1]evil.com", "[::ffff:127.0.0.1%1]",
	strings.Repeat("a", 64) + ".com", strings.Repeat("a.", 130) + "com",
	"a,b.com", "*.example.com", "*", "example.com:80:90", "exa mple.com", "example.com\r\nHost: evil.com",
}

func TestStrangeHostsAreRefused(t *testing.T) {
	for _, host := range strangeHosts {
		for _, text := range []string{host, host + ":443"} {
			if host == "" && text == "" || strings.Count(text, ":") == 1 && !strings.HasSuffix(text, ":443") {
				continue
			}
			if got, err := parseTarget(text, 443); err == nil {
				t.Errorf("%q was read as %v", text, got)
			}
		}
	}
	for _, port := range []string{"0", "00443", "+443", "-1", "65536", "443 ", " 443", "https", "", "4４3", "0x1bb", "443/x"} {
		if got, err := parseTarget("example.com:"+port, 443); err == nil {
			t.Errorf("port %q was read: %v", port, got)
		}
	}
}

func FuzzTarget(f *testing.F) {
	for _, h := range strangeHosts {
		f.Add(h)
	}
	f.Add("example.com:443")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := parseTarget(text, 443)
		if err != nil {
			return
		}
		again, err := parseTarget(got.String(), 0)
		if err != nil || again != got {
			t.Errorf("%q: %v reads as %v (%v)", text, got, again, err)
		}
		if got.name != "" {
			if _, err := netip.ParseAddr(got.name); err == nil || strings.ToLower(got.name) != got.name || !strings.Contains(got.name, ".") {
				t.Errorf("%q: name %q", text, got.name)
			}
		}
	})
}
