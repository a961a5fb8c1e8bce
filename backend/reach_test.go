package backend_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"background-agents/backend/session"
	"background-agents/build/test/slow"
)

// trust makes every program of a script believe the test's own authority; Java keeps such things in a file of its own
// kind.
const trust = `export CURL_CA_BUNDLE=/tmp/ca.pem GIT_SSL_CAINFO=/tmp/ca.pem PIP_CERT=/tmp/ca.pem CARGO_HTTP_CAINFO=/tmp/ca.pem NODE_EXTRA_CA_CERTS=/tmp/ca.pem SSL_CERT_FILE=/tmp/ca.pem
`

// What a program needs to find its way is in the sandbox already: nothing of a proxy is set here, nor in any file.
func TestToolsWorkThroughTheProxy(t *testing.T) {
	slow.Test(t)
	b := newBox(t)
	b.pypi()
	b.crates()
	b.maven()
	b.git(t, "github.com")
	b.site(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Method, " ", r.Host) }), "nodejs.org")

	t.Run("curl", func(t *testing.T) {
		b.works(t, trust+"curl -sSf https://nodejs.org/", "GET nodejs.org")
		b.works(t, "curl -sSf http://nodejs.org/", "GET nodejs.org")
		b.works(t, "curl -sS -X POST http://nodejs.org/", "with GET and HEAD") // where it can be seen, reading is all
	})
	t.Run("Node's own fetch", func(t *testing.T) {
		b.works(t, trust+`node -e 'fetch("https://nodejs.org/").then(r => r.text()).then(console.log)'`, "GET nodejs.org")
		b.works(t, trust+`node -e 'require("https").get("https://nodejs.org/", r => r.pipe(process.stdout))'`, "GET nodejs.org")
	})
	t.Run("Python", func(t *testing.T) {
		b.works(t, trust+`python3 -c 'import urllib.request; print(urllib.request.urlopen("https://nodejs.org/").read())'`, "GET nodejs.org")
	})
	t.Run("pip", func(t *testing.T) {
		b.works(t, trust+"python3 -m venv /tmp/venv && /tmp/venv/bin/pip install -q tiny && /tmp/venv/bin/python -c 'import tiny'", "tiny is here")
	})
	t.Run("git", func(t *testing.T) {
		for i, form := range []string{"https://github.com/", "git@github.com:", "ssh://git@github.com/"} {
			b.works(t, fmt.Sprintf(trust+"git clone -q %ssome/tiny.git /tmp/clone%d && git -C /tmp/clone%[2]d log --format=%%s", form, i), "tiny is here")
		}
	})
	t.Run("Cargo", func(t *testing.T) {
		b.lends(t, "rust", home("cargo"), "bin/cargo")
		if cargo := says("rustup", "which", "cargo"); cargo != "" {
			b.lends(t, "rust", strings.TrimSuffix(cargo, "/bin/cargo"), "bin/cargo")
		}
		b.works(t, trust+`mkdir -p /tmp/crate/src && cd /tmp/crate && touch src/lib.rs && printf '[package]\nname="x"\nversion="0.1.0"\n[dependencies]\ntiny="1"\n' > Cargo.toml &&
			~/rust/bin/cargo vendor -q && cat vendor/tiny/src/lib.rs`, "// tiny")
	})
	t.Run("Maven", func(t *testing.T) {
		b.lends(t, "java", home("java"), "bin", "lib", "conf")
		b.lends(t, "maven", home("mvn"), "bin", "boot", "conf", "lib")
		b.works(t, `export JAVA_HOME=$HOME/java && cd /tmp && $JAVA_HOME/bin/keytool -importcert -noprompt -alias t -file ca.pem -keystore trust.p12 -storepass changeit 2>&1 &&
			echo '<project><modelVersion>4.0.0</modelVersion><parent><groupId>example</groupId><artifactId>tiny</artifactId><version>1.0</version></parent><artifactId>x</artifactId><packaging>pom</packaging></project>' > pom.xml &&
			MAVEN_OPTS='-Djavax.net.ssl.trustStore=/tmp/trust.p12 -Djavax.net.ssl.trustStorePassword=changeit' ~/maven/bin/mvn -B validate`, "BUILD SUCCESS")
		if c := b.row("repo.maven.apache.org"); !c.Allowed || c.Rule != "preset maven" {
			t.Errorf("%+v", c)
		}
	})
	for _, host := range []string{"pypi.org", "files.pythonhosted.org", "github.com"} {
		if c := b.row(host); !c.Allowed || !strings.HasPrefix(c.Rule, "preset ") || c.Down == 0 {
			t.Errorf("the ledger says of %s: %+v", host, c)
		}
	}
	if len(b.asked) > 0 {
		t.Errorf("the user was asked: %+v", b.asked)
	}
}

// Where this machine's own registries are is read from its settings.
func TestRegistriesOfThisMachineWork(t *testing.T) {
	slow.Test(t)
	b := newBox(t)
	t.Run("npm", func(t *testing.T) {
		registry := says("npm", "config", "get", "registry")
		b.reaches(t, registry)
		b.works(t, "mkdir -p /tmp/npm && cd /tmp/npm && npm install --registry "+registry+" left-pad@1.3.0 && node -p 'require(\"left-pad\")(1, 3, 0)'", "001")
	})
	t.Run("Go", func(t *testing.T) {
		proxy, _, _ := strings.Cut(says("go", "env", "GOPROXY"), ",")
		b.reaches(t, proxy)
		b.lends(t, "goroot", says("go", "env", "GOROOT"), "bin/go", "VERSION", "go.env")
		b.works(t, "GOTOOLCHAIN=local GOROOT=$HOME/goroot GOSUMDB='"+says("go", "env", "GOSUMDB")+"' GOPROXY="+proxy+" GOFLAGS=-modcacherw ~/goroot/bin/go mod download -json rsc.io/quote@v1.5.2", `"Zip"`)
	})
	t.Run("apt", func(t *testing.T) {
		sources, err := b.run("sed 's/#.*//' /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null")
		if err != nil && sources == "" {
			t.Skip("the image has no sources of packages")
		}
		for _, at := range regexp.MustCompile(`https?://[^\s]+`).FindAllString(sources, -1) {
			b.reaches(t, at)
		}
		b.works(t, `mkdir -p /tmp/apt/lists/partial /tmp/apt/cache/archives/partial && cd /tmp/apt &&
			o="-o Dir::State::Lists=/tmp/apt/lists -o Dir::Cache=/tmp/apt/cache -o Debug::NoLocking=1 -o APT::Update::Error-Mode=any" &&
			apt-get $o -qq update && apt-get $o -qq download hello && dpkg -x hello_*.deb . && usr/bin/hello`, "Hello, world!")
	})
}

// reaches lets the sandbox reach the host of a URL, and skips where this machine does not reach it either.
func (b *box) reaches(t *testing.T, at string) {
	t.Helper()
	u, err := url.Parse(at)
	if err != nil || u.Host == "" {
		t.Skipf("%q is no registry's address", at)
	}
	limit, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	r, _ := http.NewRequestWithContext(limit, http.MethodHead, at, nil)
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Skip("this machine does not reach it: ", err)
	}
	_ = res.Body.Close()
	b.rule(append(slices.Clone(b.allow), u.Host)...)
}

func TestQuestionHoldsTheCommandThatAsks(t *testing.T) {
	b := newBox(t)
	b.site(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "here it is") }), "private.example.com", "other.example.com")
	done := make(chan string, 1)
	go func() {
		out, _ := b.run(trust + `sh -c "curl -sS https://private.example.com/data?x=1; true"`)
		done <- out
	}()
	b.answer <- true
	if out := <-done; out != "here it is" {
		t.Errorf("after the yes: %s", out)
	}
	q := b.asked[0]
	if len(q.Commands) < 2 || q.Commands[0] != "curl -sS https://private.example.com/data?x=1" || !strings.HasPrefix(q.Commands[1], "sh -c 'curl ") {
		t.Errorf("asked %+v", q)
	}
	go func() { b.answer <- false }()
	if out, err := b.run(trust + "curl -sS https://other.example.com/"); err == nil || !strings.Contains(out, "403") {
		t.Errorf("after the no: %v %s", err, out)
	}
	if out, _ := b.run("curl -sS http://other.example.com/"); !strings.Contains(out, "The user did not let this session reach other.example.com.") {
		t.Errorf("after the no: %s", out)
	}
	if len(b.asked) != 2 {
		t.Errorf("asked %+v", b.asked)
	}
	if c := b.row("other.example.com"); c.Allowed || c.Rule != "asked" {
		t.Errorf("%+v", c)
	}
}

func TestPolicyCutsWhatASandboxHasOpen(t *testing.T) {
	b := newBox(t)
	began := make(chan struct{}, 1)
	b.site(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "begun")
		w.(http.Flusher).Flush()
		began <- struct{}{}
		<-r.Context().Done()
	}), "slow.example.com")
	for _, scheme := range []string{"https", "http"} {
		b.rule("slow.example.com")
		ended := make(chan time.Time, 1)
		go func() {
			_, _ = b.run(trust + "curl -sS " + scheme + "://slow.example.com/")
			ended <- time.Now()
		}()
		<-began
		b.rule()
		changed := time.Now()
		b.proxy.Changed(boxID)
		if took := time.Since(changed); took > time.Second {
			t.Errorf("%s: cut after %v", scheme, took)
		}
		if took := (<-ended).Sub(changed); took > 3*time.Second { // with the time that the engine takes to say that a command has ended
			t.Errorf("%s: the program knew after %v", scheme, took)
		}
		if c := b.row("slow.example.com"); c.Open || c.End != "policy changed" {
			t.Errorf("%s: %+v", scheme, c)
		}
	}
}

// What the sandbox serves itself is reached without the proxy, and what has no way out says so at once.
func TestLoopbackIsTheSandboxsOwn(t *testing.T) {
	b := newBox(t)
	const serve = `cd /tmp && echo mine > index.html && (python3 -m http.server 8123 >/dev/null 2>&1 &) && for i in $(seq 50); do curl -sf --noproxy '*' http://127.0.0.1:8123/ >/dev/null && break; sleep 0.1; done; `
	b.works(t, serve+"true", "")
	for _, client := range []string{
		"curl -sSf http://%s:8123/",
		"python3 -c 'import urllib.request; print(urllib.request.urlopen(\"http://%s:8123/\").read())'",
		"node -e 'fetch(\"http://%s:8123/\").then(r => r.text()).then(console.log)'",
		"node -e 'require(\"http\").get(\"http://%s:8123/\", r => r.pipe(process.stdout))'",
	} {
		for _, host := range []string{"localhost", "127.0.0.1", "0.0.0.0"} {
			b.works(t, fmt.Sprintf(client, host), "mine")
		}
		_, _ = b.run(fmt.Sprintf(client, "[::1]")) // most engines switch IPv6 off there
	}
	b.works(t, `node -e 'require("http").createServer().listen(8124, "localhost", () => process.exit())'`, "")
	if len(b.rows) > 0 {
		t.Errorf("the proxy saw %+v", b.rows)
	}
	// A program that asks the proxy all the same is told what to do.
	if out, err := b.run("curl -sS --noproxy '' http://127.0.0.1:8123/"); err != nil || !strings.Contains(out, "is the sandbox itself") {
		t.Errorf("%v %s", err, out)
	}
	for _, script := range []string{
		"python3 -c 'import socket; socket.getaddrinfo(\"example.com\", 443)'",
		"getent hosts example.com",
		"curl -sS --noproxy '*' https://example.com/",
		"curl -sS --noproxy '*' https://93.184.216.34/",
		"bash -c 'echo > /dev/tcp/93.184.216.34/443'",
		"bash -c 'echo > /dev/udp/93.184.216.34/53'",
		"ssh -o BatchMode=yes nobody@example.com true",
	} {
		begun := time.Now()
		out, err := b.run(script)
		if took := time.Since(begun); err == nil || took > 5*time.Second {
			t.Errorf("%s: %v after %v: %s", script, err, took, out)
		}
	}
}

// The whole way: from a command of the agent's to the user, and back to the command.
func TestAgentWaitsWhileTheUserIsAskedAboutAHost(t *testing.T) {
	l := newLive(t)
	id := l.create("demo: bash curl -sS http://asked.example.com/data > answer.txt\ndemo: bash curl -sS http://asked.example.com/again >> answer.txt")
	l.until(id, firstImage, func(s session.Session) bool { return s.Status == session.NeedsYou })
	items := l.items(id)
	ask := items[len(items)-1].Permission
	if ask == nil || ask.Title != "Reach asked.example.com?" || !strings.HasPrefix(ask.Detail, "curl -sS http://asked.example.com/data\nstarted by ") {
		t.Fatalf("the request is %+v", ask)
	}
	l.must(l.Answer(ctx, id, ask.ID, "never"))
	s := l.until(id, time.Minute, settled(session.Idle))
	answer, err := os.ReadFile(filepath.Join(s.Worktree, "answer.txt"))
	l.must(err)
	lines := strings.Split(strings.TrimSpace(string(answer)), "\n")
	// The rule may be there before the answer is; then it is what the first is told of.
	if len(lines) != 2 || !strings.HasPrefix(lines[0], "Background Agents: ") || lines[1] != "Background Agents: This session's network policy does not allow asked.example.com:80." {
		t.Errorf("the commands were told %q", lines)
	}
	if p := l.state().Projects[0]; len(p.Hosts) != 1 || p.Hosts[0] != (session.HostRule{Host: "asked.example.com"}) {
		t.Errorf("the project has %+v", p.Hosts)
	}
	rows, err := l.Connections(ctx, id, 10)
	l.must(err)
	rows = slices.DeleteFunc(rows, func(c session.Connection) bool { return c.Host != "asked.example.com" })
	if len(rows) != 2 || rows[0].Rule != "deny asked.example.com" || rows[0].Allowed || rows[1].Allowed {
		t.Errorf("the ledger has %+v", rows)
	}
}
