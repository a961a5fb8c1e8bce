package egress

import (
	"net/netip"
	"strings"
	"testing"

	"background-agents/backend/session"
)

func TestRulesAreExact(t *testing.T) {
	for _, c := range []struct{ rule, covers, not string }{
		{"example.com", "example.com:443 example.com:80", "example.com:8080 www.example.com:443 example.com.evil.com:443 notexample.com:443 example.comm:443"},
		{"*.example.com", "a.example.com:443 a.b.c.example.com:80", "example.com:443 notexample.com:443 x.example.com.evil.com:443 evil-example.com:443 a.example.com:22"},
		{"example.com:8080", "example.com:8080", "example.com:443 example.com:80 a.example.com:8080"},
		{"*.example.com:22", "git.example.com:22", "git.example.com:443 example.com:22"},
		{"93.184.216.34", "93.184.216.34:443 [::ffff:93.184.216.34]:80", "93.184.216.35:443 93.184.216.34:8443"},
		{"2606:2800::1", "[2606:2800::1]:443", "[2606:2800::2]:443"},
		{"[2606:2800::1]:5432", "[2606:2800:0:0::1]:5432", "[2606:2800::1]:443"},
		{"MÜNCHEN.de", "xn--mnchen-3ya.de:443", "munchen.de:443"},
		{" example.com ", "example.com:443", "a.example.com:443"},
	} {
		r, err := ParseRule(c.rule)
		if err != nil {
			t.Errorf("%s: %v", c.rule, err)
			continue
		}
		for _, text := range strings.Fields(c.covers) {
			if at, err := parseTarget(text, 0); err != nil || !r.allows(at) || !r.denies(at) {
				t.Errorf("%s does not cover %s (%v)", c.rule, text, err)
			}
		}
		for _, text := range strings.Fields(c.not) {
			if at, err := parseTarget(text, 0); err != nil || r.allows(at) {
				t.Errorf("%s covers %s (%v)", c.rule, text, err)
			}
		}
		if again, err := ParseRule(r.String()); err != nil || again != r {
			t.Errorf("%s is written as %s, which reads as %v (%v)", c.rule, r, again, err)
		}
	}
}

func TestRulesThatCoverTooMuchOrNothingAreRefused(t *testing.T) {
	for _, text := range []string{"", "*", "*.", "*.com", "*.co.uk", "**.example.com", "a.*.example.com", "ex*mple.com", "*example.com", "https://example.com", "example.com/path",
		"10.0.0.0/8", "*.10.0.0.1", "*.1.2.3.4", "0x7f.1", "localhost", "example.com:0", "example.com:", "example.com:http", ".example.com", "example.com.", "a b.com", "example.com,evil.com", "exam%70le.com", "[::1%lo]"} {
		if r, err := ParseRule(text); err == nil {
			t.Errorf("%q was read as %v", text, r)
		} else if e := session.AsError(err); e.Code != session.CodeInvalid || e.Hint == "" {
			t.Errorf("%q: %#v", text, e)
		}
	}
}

func TestPoliciesJudge(t *testing.T) {
	const no, yes, asks = refuse, allow, ask
	for _, c := range []struct {
		network     session.Network
		allow, deny string
		target      string
		want        verdict
		rule        string
	}{
		{session.Guarded, "", "", "registry.npmjs.org:443", yes, "preset npm"},
		{session.Guarded, "", "", "github.com:443", yes, "preset git"},
		{session.Guarded, "", "", "gist.github.com:443", asks, "asked"},
		{session.Guarded, "", "", "registry.npmjs.org.evil.com:443", asks, "asked"},
		{session.Guarded, "", "", "registry.npmjs.org:22", no, "port"},
		{session.Guarded, "", "", "93.184.216.34:443", no, "address"},
		{session.Guarded, "93.184.216.34", "", "93.184.216.34:443", yes, "allow 93.184.216.34"},
		{session.Guarded, "example.com:22", "", "example.com:22", yes, "allow example.com:22"},
		{session.Guarded, "example.com:22", "", "example.com:443", asks, "asked"},
		{session.Guarded, "", "registry.npmjs.org", "registry.npmjs.org:443", no, "deny registry.npmjs.org"},
		{session.Guarded, "a.example.com", "*.example.com", "a.example.com:443", no, "deny *.example.com"},
		{session.Guarded, "not a rule", "", "registry.npmjs.org:443", yes, "preset npm"},
		{session.Guarded, "", "not/a/rule", "registry.npmjs.org:443", no, "policy cannot be read"},
		{session.Offline, "registry.npmjs.org", "", "registry.npmjs.org:443", no, "offline"},
		{session.OpenNetwork, "", "", "example.com:443", yes, "open"},
		{session.OpenNetwork, "", "", "93.184.216.34:80", yes, "open"},
		{session.OpenNetwork, "", "", "example.com:22", no, "port"},
		{session.OpenNetwork, "", "example.com", "example.com:443", no, "deny example.com"},
		{session.OpenNetwork, "", "example.com:80", "example.com:443", yes, "open"},
		{session.OpenNetwork, "", "a/b", "example.com:443", no, "policy cannot be read"},
		{"", "example.com", "", "example.com:443", no, "no policy"},
		{"GUARDED", "example.com", "", "example.com:443", no, "no policy"},
	} {
		at, err := parseTarget(c.target, 0)
		if err != nil {
			t.Fatal(err)
		}
		list := func(s string) []string {
			if s == "" {
				return nil
			}
			return []string{s}
		}
		j := newPolicy(c.network, list(c.allow), list(c.deny)).judge(at)
		if j.verdict != c.want || j.rule != c.rule {
			t.Errorf("%s %q %q %s: %v %q, want %v %q", c.network, c.allow, c.deny, c.target, j.verdict, j.rule, c.want, c.rule)
		}
	}
	long := make([]string, maxRules+1)
	if at, _ := parseTarget("registry.npmjs.org:443", 0); newPolicy(session.Guarded, long, nil).judge(at).verdict != refuse {
		t.Error("a policy without bound is followed")
	}
}

func TestAddressesDecideForThemselves(t *testing.T) {
	local := prefixes("93.184.99.5/24", "2a00:1:2:3::5/64", "10.8.0.2/32", "100.1.1.1/4")
	for want, texts := range map[reach]string{
		never: "0.0.0.0 0.1.2.3 127.0.0.1 127.255.0.1 169.254.169.254 169.254.1.1 100.100.100.200 168.63.129.16 192.0.0.192 192.88.99.1 224.0.0.1 239.1.1.1 240.0.0.1 255.255.255.255 " +
			":: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:169.254.169.254 fe80::1 febf::1 ff02::1 fd00:ec2::254 2001::1 2001:0:5ef5:79fb::1 2002:7f00:1:: 2002:a00:1:: 2002:5db8:d822:: " +
			"64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 64:ff9b:1::a00:1 100::1 4000::1 5f00::1 93.184.99.5 2a00:1:2:3::5 10.8.0.2 100.1.1.1 ::ffff:93.184.99.5 64:ff9b::5db8:6305",
		private: "10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 100.64.0.1 198.18.0.1 fc00::1 fd12::1 fec0::1 ::ffff:10.0.0.1 64:ff9b::a00:1 64:ff9b::c0a8:101 93.184.99.6 2a00:1:2:3::77",
		public:  "93.184.216.34 1.1.1.1 172.32.0.1 192.169.0.1 100.63.0.1 100.128.0.1 2606:2800::1 64:ff9b::5db8:d822 ::ffff:1.1.1.1 93.184.98.5 2a00:1:2:4::1 99.9.9.9",
	} {
		for text := range strings.FieldsSeq(texts) {
			if got := reachOf(netip.MustParseAddr(text), local); got != want {
				t.Errorf("%s: %v, want %v", text, got, want)
			}
		}
	}
	if reachOf(netip.Addr{}, nil) != never || reachOf(netip.MustParseAddr("fe80::1%eth0"), nil) != never {
		t.Error("no address, or one with a zone, is reached")
	}
}

func TestHostsOwnAddressesAreKnown(t *testing.T) {
	all, err := new(interfaces).prefixes()
	if err != nil || len(all) == 0 || !within(netip.MustParseAddr("127.0.0.1"), all) {
		t.Errorf("%v %v", all, err)
	}
}

// What registries and forges are written to, and what belongs to many, is asked about.
func TestPresetsAreReadFromAndNotWrittenTo(t *testing.T) {
	guarded := newPolicy(session.Guarded, nil, nil)
	for host, want := range map[string]verdict{
		"registry.npmjs.org": allow, "registry.yarnpkg.com": allow, "pypi.org": allow, "files.pythonhosted.org": allow, "index.crates.io": allow,
		"static.crates.io": allow, "proxy.golang.org": allow, "sum.golang.org": allow, "repo.maven.apache.org": allow, "repo1.maven.org": allow,
		"rubygems.org": allow, "index.rubygems.org": allow, "api.nuget.org": allow, "deb.debian.org": allow, "security.debian.org": allow,
		"archive.ubuntu.com": allow, "dl-cdn.alpinelinux.org": allow, "github.com": allow, "codeload.github.com": allow,
		"objects.githubusercontent.com": allow, "gitlab.com": allow, "bitbucket.org": allow, "codeberg.org": allow,

		"upload.pypi.org": ask, "crates.io": ask, "www.nuget.org": ask, "hex.pm": ask, "packagist.org": ask, "api.jsr.io": ask, "api.anaconda.org": ask,
		"api.github.com": ask, "uploads.github.com": ask, "gist.github.com": ask, "keyserver.ubuntu.com": ask, "registry-1.docker.io": ask,
		"storage.googleapis.com": ask, "s3.amazonaws.com": ask, "github-cloud.s3.amazonaws.com": ask, "x.github.io": ask,
	} {
		j := guarded.judge(target{name: host, port: 443})
		if j.verdict != want || j.reading != (want == allow) {
			t.Errorf("%s: %+v", host, j)
		}
	}
}
