package backend_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"background-agents/backend"
	"background-agents/backend/session"
	"background-agents/build/test/slow"
)

// shopServer is a server of the Model Context Protocol over HTTP, with the tool of toolServer. It notes what it is
// sent.
type shopServer struct {
	token string // who asks without it is refused

	mu    sync.Mutex
	asked []string // methods of the protocol that it answered
}

func (s *shopServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodPost { // it has no stream of its own, and ends no session
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	if r.Header.Get("Authorization") != "Bearer "+s.token {
		w.WriteHeader(http.StatusForbidden)
		return
	}
	var q struct {
		ID     json.RawMessage `json:"id"`
		Method string          `json:"method"`
		Params struct {
			ProtocolVersion string            `json:"protocolVersion"`
			Arguments       map[string]string `json:"arguments"`
		} `json:"params"`
	}
	if err := json.NewDecoder(io.LimitReader(r.Body, 1<<20)).Decode(&q); err != nil {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	s.mu.Lock()
	s.asked = append(s.asked, q.Method)
	s.mu.Unlock()
	if q.ID == nil {
		w.WriteHeader(http.StatusAccepted)
		return
	}
	result := map[string]any{}
	switch q.Method {
	case "initialize":
		result = map[string]any{"protocolVersion": q.Params.ProtocolVersion, "capabilities": map[string]any{"tools": map[string]any{}}, "serverInfo": map[string]any{"name": "shop", "version": "1"}}
	case "tools/list":
		result["tools"] = []any{map[string]any{"name": "stock", "description": "Says how many there are.",
			"inputSchema": map[string]any{"type": "object", "properties": map[string]any{"item": map[string]any{"type": "string"}}, "required": []string{"item"}}}}
	case "tools/call":
		// It tells what it was told, as careless servers do.
		result["content"] = []any{map[string]any{"type": "text", "text": "There are 7 of " + q.Params.Arguments["item"] + ". " + r.Header.Get("Authorization")}}
	}
	answer, _ := json.Marshal(map[string]any{"jsonrpc": "2.0", "id": q.ID, "result": result})
	w.Header().Set("Content-Type", "text/event-stream")
	fmt.Fprintf(w, "event: message\ndata: %s\n\n", answer)
}

func (s *shopServer) count(method string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.asked {
		if m == method {
			n++
		}
	}
	return n
}

// proxied makes the sites of n what backends that are started from now on find outside: they reach it as a company's
// computers do, through a proxy of the host.
func (n *internet) proxied(t *testing.T) {
	t.Helper()
	dial := func(ctx context.Context, _, address string) (net.Conn, error) {
		host, port, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		n.mu.Lock()
		at, found := n.sites[host]
		n.mu.Unlock()
		if !found {
			return nil, fmt.Errorf("there is no %s", host)
		}
		return n.DialContext(ctx, "tcp", net.JoinHostPort(at.String(), port))
	}
	forward := &http.Transport{DialContext: dial}
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodConnect {
			there, err := dial(r.Context(), "tcp", r.Host)
			if err != nil {
				w.WriteHeader(http.StatusBadGateway)
				return
			}
			w.WriteHeader(http.StatusOK)
			here, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				return
			}
			go func() { _, _ = io.Copy(there, here); _ = there.Close() }()
			_, _ = io.Copy(here, there)
			_ = here.Close()
			return
		}
		res, err := forward.RoundTrip(r)
		if err != nil {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		defer res.Body.Close()
		w.Header().Set("Content-Type", res.Header.Get("Content-Type"))
		w.WriteHeader(res.StatusCode)
		_, _ = io.Copy(w, res.Body)
	}))
	t.Cleanup(proxy.Close)
	for _, name := range []string{"HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"} {
		t.Setenv(name, proxy.URL)
	}
}

// withShop makes an installation whose project has the server outside, which wants a secret.
func withShop(t *testing.T, scheme string) (*live, *shopServer, session.Project) {
	t.Helper()
	openKeychain(t)
	n := newInternet(t)
	shop := &shopServer{token: "s3cr3t-t00l-canary-0123456789"}
	n.site(shop, "tools.example.com")
	n.proxied(t)
	l := newLive(t)
	l.write("ca.pem", string(n.CA))
	l.git("add", "-A")
	l.git("commit", "-qm", "whom to believe")
	p, err := l.AddProject(ctx, l.repo)
	l.must(err)
	_, err = l.SetSecret(ctx, session.SecretScope{Project: p.ID}, "SHOP_TOKEN", session.DeliverEnv, session.NewSecret(shop.token))
	l.must(err)
	_, err = l.SetSecret(ctx, session.SecretScope{Project: p.ID}, "NODE_EXTRA_CA_CERTS", session.DeliverEnv, session.NewSecret("/workspace/ca.pem"))
	l.must(err)
	p.MCP = []session.MCPServer{{Name: "shop", URL: scheme + "://tools.example.com/mcp", Headers: []string{"Authorization: Bearer ${SHOP_TOKEN}"}}}
	l.must(l.SaveProject(ctx, p))
	return l, shop, p
}

const callStock = `demo: tool stock {"item":"apples"}` + "\ndemo: text All done."

// answered returns what the tool of the shop said.
func (l *live) answered(id session.ID) string {
	for _, it := range l.of(id, session.KindTool) {
		if it.Tool.Status == session.ToolCompleted && strings.Contains(it.Text, "There are 7 of apples.") {
			return it.Text
		}
	}
	return ""
}

func TestEveryAgentCallsAToolOfAServerOutside(t *testing.T) {
	l, shop, p := withShop(t, "http")
	l.must(l.SetHost(ctx, p.ID, session.HostRule{Host: "tools.example.com", Allow: true}))
	for _, a := range backend.Agents {
		t.Run(a.Name, func(t *testing.T) {
			if a.ID != backend.Agents[0].ID {
				slow.Test(t)
			}
			defer l.within(t)()
			before := shop.count("tools/call")
			s, err := l.Create(ctx, session.NewSession{Project: p.ID, Agent: a.ID, Model: "demo/scripted", Policy: session.AllowAll, Prompt: session.NewPrompt{Text: callStock}})
			l.must(err)
			defer l.tell(s.ID)
			l.first(s.ID)
			if said := l.answered(s.ID); !strings.Contains(said, "Bearer [secret SHOP_TOKEN]") || shop.count("tools/call") != before+1 {
				t.Errorf("the tool said %q, and was called %d times", said, shop.count("tools/call")-before)
			}
			l.tellsNobody(s.ID, shop.token)
		})
	}
}

// tellsNobody fails where a value that a server of tools gets is anywhere but with that server.
func (l *live) tellsNobody(id session.ID, value string) {
	l.t.Helper()
	sb, err := l.Sandbox(ctx, id)
	l.must(err)
	for _, args := range [][]string{
		{"docker", "inspect", sb.Container}, {"docker", "logs", sb.Container}, {"docker", "exec", sb.Container, "env"}, {"docker", "top", sb.Container, "-o", "pid,args"},
	} {
		out, err := exec.Command(args[0], args[1:]...).CombinedOutput()
		if err != nil || bytes.Contains(out, []byte(value)) {
			l.t.Errorf("%q: %v\n%s", args, err, out)
		}
	}
	databases := 0
	l.must(filepath.WalkDir(l.data, func(path string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		if err == nil && bytes.Contains(b, []byte(value)) {
			l.t.Errorf("%s has it", path)
		}
		if strings.HasPrefix(d.Name(), "background-agents.db") && bytes.Contains(b, []byte("Bearer ${SHOP_TOKEN}")) {
			databases++
		}
		return err
	}))
	if databases == 0 {
		l.t.Error("no database has even the name of the secret")
	}
}

// A server of tools is a host like any other: its project's user says whether agents reach it.
func TestServerOutsideIsReachedWhereTheUserSaysSo(t *testing.T) {
	slow.Test(t)
	l, shop, p := withShop(t, "https")
	ask := func(answer string) session.ID {
		id := l.create(callStock)
		l.until(id, firstImage, func(session.Session) bool { return len(l.of(id, session.KindPermission)) > 0 })
		q := l.of(id, session.KindPermission)[0].Permission
		if q.Title != "Reach tools.example.com?" || !strings.HasPrefix(q.Detail, "opencode acp ") {
			t.Errorf("it asks %+v", q)
		}
		l.must(l.Answer(ctx, id, q.ID, answer))
		l.first(id)
		return id
	}
	no := ask("never")
	if shop.count("initialize") != 0 {
		t.Error("the server was reached before the user said so")
	}
	said := ""
	for _, it := range l.of(no, session.KindMessage) {
		said += it.Text
	}
	if !strings.Contains(said, "I have no tool to call `stock` here.") {
		t.Errorf("after the no the agent says %q", said)
	}
	rows, err := l.Connections(ctx, no, 1)
	l.must(err)
	if len(rows) != 1 || rows[0].Host != "tools.example.com" || rows[0].Allowed {
		t.Errorf("the ledger says %+v", rows)
	}
	l.must(l.ForgetHost(ctx, p.ID, "tools.example.com"))
	yes := ask("always")
	defer l.tell(yes)
	if got := l.answered(yes); got == "" || shop.count("tools/call") != 1 {
		t.Errorf("the tool says %q, and was called %d times", got, shop.count("tools/call"))
	}
}
