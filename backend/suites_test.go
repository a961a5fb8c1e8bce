package backend_test

import "testing"

// What test suites of real projects expect of the machine they run on: without it they fail in a sandbox, and nowhere
// else.
func TestASandboxHasWhatTestSuitesExpect(t *testing.T) {
	b := newBox(t)
	for name, c := range map[string]struct{ script, want string }{
		"its own name":         {`getent hosts "$(hostname)"`, "127.0.0.1"},
		"its own name in Node": {`node -e 'require("dns").lookup(require("os").hostname(), (e, a) => console.log(e || a))'`, "127.0.0.1"},
		"its own name in Python": {
			`python -c 'import socket; print(socket.gethostbyname(socket.gethostname()))'`, "127.0.0.1",
		},
		"a server on localhost": {
			`node -e 'const s = require("net").createServer((c) => c.end("it answers")).listen(0, "localhost", () =>
				require("net").connect(s.address().port, "localhost").on("data", (d) => { console.log(String(d)); process.exit() }))'`, "it answers",
		},
		"/var/tmp":                 {`printf '#!/bin/sh\necho it runs' > /var/tmp/p && chmod +x /var/tmp/p && /var/tmp/p`, "it runs"},
		"python":                   {"python --version", "Python 3"},
		"pip in an environment":    {"python -m venv /var/tmp/v && /var/tmp/v/bin/pip --version", "pip"},
		"wget, bzip2, rsync, gpg":  {"command -v wget bzip2 rsync gpg | wc -l", "4"},
		"the folder of manuals":    {"ls -d /usr/share/man/man1", "man1"},
		"gems may be installed":    {`mkdir -p "$GEM_HOME" "$BUNDLE_PATH" && echo they may`, "they may"},
		"what they install is run": {`for d in .gem .cargo go .local; do case ":$PATH:" in *":/home/agent/$d/bin:"*) echo -n "$d "; esac; done`, ".gem .cargo go .local"},
		"a host that is refused":   {`timeout 20 curl -sS -o /dev/null -w '%{http_connect}' https://10.1.2.3/ 2>/dev/null || true`, "403"},
	} {
		t.Run(name, func(t *testing.T) { b.works(t, c.script, c.want) })
	}
}
