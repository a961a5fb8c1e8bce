package backend_test

import (
	"strings"
	"testing"

	"background-agents/backend/session"
	"background-agents/build/test/slow"
)

// toolServer is a server of the Model Context Protocol on its standard streams, with one tool.
const toolServer = `import json, os, sys
for line in sys.stdin:
    q = json.loads(line)
    if "id" not in q:
        continue
    m, r = q["method"], {}
    if m == "initialize":
        r = {"protocolVersion": q["params"]["protocolVersion"], "capabilities": {"tools": {}}, "serverInfo": {"name": "shop", "version": "1"}}
    elif m == "tools/list":
        r = {"tools": [{"name": "stock", "description": "Says how many there are.",
             "inputSchema": {"type": "object", "properties": {"item": {"type": "string"}}, "required": ["item"]}}]}
    elif m == "tools/call":
        r = {"content": [{"type": "text", "text": "There are " + os.environ["STOCK"] + " of " + q["params"]["arguments"]["item"] + "."}]}
    print(json.dumps({"jsonrpc": "2.0", "id": q["id"], "result": r}), flush=True)
`

func TestAnAgentCallsAToolOfItsProjectsServer(t *testing.T) {
	each(t, func(t *testing.T, l *live, agent string) {
		l.write("shop.py", toolServer)
		l.git("add", "-A")
		l.git("commit", "-qm", "a server of tools", "--allow-empty")
		p, err := l.AddProject(ctx, l.repo)
		l.must(err)
		p.MCP = []session.MCPServer{{Name: "shop", Command: []string{"python3", "/workspace/shop.py"}, Env: []string{"STOCK=7"}}}
		l.must(l.SaveProject(ctx, p))
		id := l.createWith(agent, session.AllowAll, `demo: tool stock {"item":"apples"}`+"\ndemo: text All done.")
		defer l.tell(id)
		l.first(id)
		found := false
		for _, it := range l.of(id, session.KindTool) {
			found = found || it.Tool.Status == session.ToolCompleted && strings.Contains(it.Text, "There are 7 of apples.")
		}
		if !found {
			t.Error("the tool did not answer")
		}
	})
}

func TestASubagentsWorkLiesUnderItsCall(t *testing.T) {
	slow.Test(t)
	l := newLive(t)
	for _, agent := range []string{"opencode", "claude"} {
		id := l.createWith(agent, session.AllowAll, "demo: subagent bash echo deep > deep.txt | text I was below.\ndemo: text All done.")
		l.first(id)
		nested := map[session.Kind]int{}
		for _, it := range l.items(id) {
			if it.Parent != "" {
				nested[it.Kind]++
			}
		}
		if nested[session.KindTool] == 0 || nested[session.KindMessage] == 0 {
			t.Errorf("%s: below the call are %v", agent, nested)
		}
		l.tell(id)
	}
}
