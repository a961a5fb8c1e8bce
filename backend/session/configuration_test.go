package session

import (
	"reflect"
	"strings"
	"testing"
)

func TestVariablesThatControlTheSandboxAreRefused(t *testing.T) {
	for _, name := range []string{"PATH", "HOME", "path", "LD_PRELOAD", "ld_library_path", "NODE_OPTIONS", "BASH_ENV",
		"ENV",
		"GIT_SSH_COMMAND", "http_proxy", "HTTPS_PROXY", "CARGO_HTTP_PROXY", "ANY_PROXY", "npm_config_noproxy",
		"SSL_CERT_FILE",
		"NODE_EXTRA_CA_CERTS", "requests_ca_bundle", "BGA_HOME", "BACKGROUND_AGENTS_PROVIDER", "CLAUDE_CONFIG_DIR",
		"ANTHROPIC_MODEL", "CLAUDE_CODE_X", "CODEX_HOME", "OPENCODE_CONFIG",
		"ANTHROPIC_BASE_URL", "OPENAI_API_KEY", "PYTHONPATH", "A-B", "1A", "", "A B", "A=B", "Ä", strings.Repeat("A", 65)} {
		if err := CheckVariable(name, "x"); CodeOf(err) != CodeInvalid || AsError(err).Hint == "" {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, value := range []string{"a\nb", "a\x00b", "\x1b[2K", "a\u202eb", "\xff",
		strings.Repeat("x", MaxVariableValue+1)} {
		if CheckVariable("A", value) == nil {
			t.Errorf("the value %.10q is accepted", value)
		}
	}
	for _, pair := range []string{"PORT=8080", "GOFLAGS=-mod=mod", "DATABASE_URL=postgres://a:b@localhost/x", "LOG=",
		"_a=é ü"} {
		name, value, _ := strings.Cut(pair, "=")
		if err := CheckVariable(name, value); err != nil {
			t.Errorf("%s: %v", pair, err)
		}
	}
}

func TestConfigurationOfTheUsersOwnIsPutInOrder(t *testing.T) {
	got, err := validConfiguration(Configuration{Variables: []string{"B=1", "A=2"},
		Setup: []string{" npm ci \n", "", "make"}})
	want := Configuration{Variables: []string{"A=2", "B=1"}, Setup: []string{"npm ci", "make"}}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v", got, err)
	}
	for name, c := range map[string]Configuration{
		"no value":          {Variables: []string{"A"}},
		"twice":             {Variables: []string{"A=1", "A=2"}},
		"reserved":          {Variables: []string{"LD_PRELOAD=x"}},
		"too many":          {Variables: make([]string, MaxVariables+1)},
		"an escape":         {Start: []string{"echo \x1b[2K"}},
		"too long":          {Test: []string{strings.Repeat("x", MaxCommand+1)}},
		"too many commands": {Run: strings.Fields(strings.Repeat("x ", MaxCommands+1))},
	} {
		if _, err := validConfiguration(c); CodeOf(err) != CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAcceptingAFileKeepsWhatTheUserSetByHand(t *testing.T) {
	fromFile := Configuration{Setup: []string{"old"}, Run: []string{"old run"}, Variables: []string{"A=1", "B=1"}}
	mine := Configuration{Setup: []string{"old"}, Start: []string{"mine"}, Run: []string{"my run"},
		Variables: []string{"A=1", "B=2", "C=3"}}
	now := Configuration{Run: []string{"new run"}, Variables: []string{"D=4"}}
	want := Configuration{Start: []string{"mine"}, Run: []string{"new run"}, Variables: []string{"B=2", "C=3", "D=4"}}
	if got := now.carry(mine, fromFile); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
}
