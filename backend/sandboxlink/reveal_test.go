package sandboxlink

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"background-agents/backend/session"
	"background-agents/sandbox/wire"
)

func TestSecretsAreTextOnTheWireAlone(t *testing.T) {
	secret := session.NewSecret("s3cr3t-canary")
	spec := session.StartSpec{
		Secrets: []session.SecretValue{{Name: "TOKEN", Delivery: session.DeliverEnv, Value: secret}, {Name: "CERT", Delivery: session.DeliverFile, Value: secret}},
		MCP: []session.FilledMCPServer{{Name: "far", Command: []string{"x"}, URL: secret,
			Env: []session.FilledValue{{Name: "A", Value: secret}}, Headers: []session.FilledValue{{Name: "B", Value: session.NewSecret(" c")}}}},
	}
	if shown := fmt.Sprintf("%v %+v %#v", spec, spec, spec); strings.Contains(shown, "canary") {
		t.Errorf("what starts a session prints a secret: %s", shown)
	}
	env, files := revealed(spec.Secrets)
	if !reflect.DeepEqual(env, []string{"TOKEN=s3cr3t-canary"}) || !reflect.DeepEqual(files, []wire.Secret{{Name: "CERT", Value: "s3cr3t-canary"}}) {
		t.Errorf("%q, %q", env, files)
	}
	want := []wire.MCPServer{{Name: "far", Command: []string{"x"}, Env: []string{"A=s3cr3t-canary"}, URL: "s3cr3t-canary", Headers: []string{"B: c"}}}
	if got := servers(spec.MCP); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
}
