package backend_test

import (
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"background-agents/backend"
	"background-agents/backend/session"
)

// alone clears the environment of a test, which works in a folder of its own.
func alone(t *testing.T) (home string) {
	t.Helper()
	for _, name := range append([]string{"XDG_DATA_HOME", "BGA_HOME", "BGA_ENV_FILE", "SANDBOX_RUNTIME", "ANTHROPIC_BASE_URL", "OPENAI_BASE_URL", "GH_TOKEN"}, backend.EnvNames...) {
		t.Setenv(name, "") // so that it is put back
		if err := os.Unsetenv(name); err != nil {
			t.Fatal(err)
		}
	}
	home = t.TempDir()
	t.Setenv("HOME", home)
	if runtime.GOOS == "windows" {
		t.Setenv("LOCALAPPDATA", t.TempDir())
		t.Setenv("USERPROFILE", home)
	}
	t.Chdir(t.TempDir())
	return home
}

func paths(t *testing.T) backend.Paths {
	t.Helper()
	p, err := backend.DefaultPaths()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// Only the folder that everyone has takes over what the keychain kept for all folders together.
func TestDefaultFolderIsTheOneWithoutBGAHome(t *testing.T) {
	alone(t)
	p := paths(t)
	if !p.Default {
		t.Errorf("%s is not the default", p.Data)
	}
	t.Setenv("BGA_HOME", p.Data)
	if named := paths(t); !named.Default || named.Data != p.Data {
		t.Errorf("the default folder by its name is %+v", named)
	}
	t.Setenv("BGA_HOME", filepath.Join(p.Data, "other"))
	if other := paths(t); other.Default {
		t.Errorf("%s is the default", other.Data)
	}
}

const everything = `BGA_HOME=.bga
REPOS_DIR=/evil
SANDBOX_IMAGE=evil
SANDBOX_RUNTIME=evil
ANTHROPIC_API_KEY=evil
OPENAI_API_KEY=evil
ANTHROPIC_BASE_URL=http://evil
OPENAI_BASE_URL=http://evil
GH_TOKEN=evil
GH_HOST=evil
OLLAMA_HOST=evil
`

func TestTheWorkingFolderConfiguresNothing(t *testing.T) {
	alone(t)
	put(t, ".env", everything)
	p := paths(t)
	for line := range strings.Lines(everything) {
		name, _, _ := strings.Cut(line, "=")
		if got := p.Env(name); got != "" {
			t.Errorf("%s is %q", name, got)
		}
	}
	if wd, _ := os.Getwd(); p.Image != "" || p.Runtime != "" || strings.HasPrefix(p.Data, wd) || p.Repos == "/evil" || len(p.Files.Paths) != 0 {
		t.Errorf("%+v", p)
	}
}

func TestEnvFileOfTheDataFolderSetsWhatItMay(t *testing.T) {
	alone(t)
	file := filepath.Join(paths(t).Data, ".env")
	put(t, file, everything)
	t.Setenv("OPENAI_API_KEY", "mine")
	p := paths(t)
	for name, want := range map[string]string{
		"REPOS_DIR": "/evil", "SANDBOX_IMAGE": "evil", "ANTHROPIC_API_KEY": "evil", "OPENAI_API_KEY": "mine",
		"ANTHROPIC_BASE_URL": "", "OPENAI_BASE_URL": "", "BGA_HOME": "", "GH_TOKEN": "", "SANDBOX_RUNTIME": "", "OLLAMA_HOST": "",
	} {
		if got := p.Env(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	if p.Files.From("ANTHROPIC_API_KEY") != file || p.Files.From("OPENAI_API_KEY") != "" || p.Image != "evil" || p.Runtime != "" {
		t.Errorf("%+v", p)
	}
	if !slices.Contains(p.Files.Ignored, "ANTHROPIC_BASE_URL") || slices.Contains(p.Files.Ignored, "REPOS_DIR") {
		t.Errorf("ignored %q", p.Files.Ignored)
	}
	checkout := filepath.Join(t.TempDir(), ".env")
	put(t, checkout, "SANDBOX_IMAGE='checkout'\r\nGH_TOKEN=x\r\n")
	t.Setenv("BGA_ENV_FILE", checkout) // as `make run` does
	if p := paths(t); p.Image != "checkout" || p.Repos != "/evil" || p.Env("GH_TOKEN") != "" || len(p.Files.Paths) != 2 {
		t.Errorf("%+v", p)
	}
}

func TestHomeIsNeededOnlyWhereNothingElseSaysWhere(t *testing.T) {
	alone(t)
	for _, home := range []string{"", "."} {
		t.Setenv("HOME", home)
		if runtime.GOOS != "windows" {
			t.Setenv("BGA_HOME", "")
			if _, err := backend.DefaultPaths(); session.CodeOf(err) != session.CodeInvalid || !strings.Contains(session.AsError(err).Hint, "BGA_HOME") {
				t.Errorf("HOME=%q: %v", home, err)
			}
		}
		data := filepath.Join(t.TempDir(), "data")
		t.Setenv("BGA_HOME", data)
		if p := paths(t); p.Data != data || p.Repos != "" || p.Default {
			t.Errorf("HOME=%q: %+v", home, p)
		}
	}
	t.Setenv("BGA_HOME", ".bga")
	if _, err := backend.DefaultPaths(); session.CodeOf(err) != session.CodeInvalid || !strings.Contains(err.Error(), "working folder") {
		t.Errorf("a relative BGA_HOME: %v", err)
	}
}

func TestEnvFileThatCannotBeReadIsSaid(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("links need rights there")
	}
	alone(t)
	file := filepath.Join(paths(t).Data, ".env")
	put(t, file, "A=\x00\x00\x00")
	if _, err := backend.DefaultPaths(); session.CodeOf(err) != session.CodeInvalid || !strings.Contains(err.Error(), file) {
		t.Errorf("no text: %v", err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(t.TempDir(), "x"), "")
	if err := os.Symlink("/etc/hostname", file); err != nil {
		t.Fatal(err)
	}
	if _, err := backend.DefaultPaths(); session.CodeOf(err) != session.CodeExposed {
		t.Errorf("a link: %v", err)
	}
}

func TestTheExampleListsWhatAnEnvFileMaySet(t *testing.T) {
	raw, err := os.ReadFile("../.env.example")
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]bool{}
	for line := range strings.Lines(string(raw)) {
		if name, _, found := strings.Cut(strings.TrimPrefix(line, "#"), "="); found && strings.ToUpper(name) == name && !strings.Contains(name, " ") {
			listed[name] = true
		}
	}
	if len(listed) != len(backend.EnvNames) {
		t.Errorf("it lists %v, %q may be set", listed, backend.EnvNames)
	}
	for _, name := range backend.EnvNames {
		if !listed[name] {
			t.Errorf("%s is missing", name)
		}
	}
}
