//go:build linux

package redteam

import (
	"strings"
	"testing"

	"background-agents/backend/session"
)

// A secret that the user gives to the agent is where the agent needs it, and shown nowhere, even where the agent says it.
func TestGivenSecretsAreWhereTheyWereGiven(t *testing.T) {
	v := theVictim(t)
	p, err := v.AddProject(ctx, v.repo)
	must(t, err)
	scope := session.SecretScope{Project: p.ID}
	value := "given-core-" + nest + random()[:16]
	if _, err := v.SetSecret(ctx, scope, "GIVEN_TOKEN", session.DeliverEnv, session.NewSecret(value)); err != nil {
		t.Skipf("this machine has no keychain that can be used: %v", err) // CI has one
	}
	t.Cleanup(func() { must(t, v.DeleteSecret(ctx, scope, "GIVEN_TOKEN")) })
	s := v.session(t, session.NewSession{}, "demo: bash echo ${#GIVEN_TOKEN} > length.txt; echo $GIVEN_TOKEN; echo $GIVEN_TOKEN | base64 -w0; echo $GIVEN_TOKEN | xxd -p | tr -d '\\n'; env")
	if out := v.sh(t, s.ID, "cat length.txt"); strings.TrimSpace(out) != "43" {
		t.Errorf("control: the agent did not get it: %q", out)
	}
	found := places(t, v, s.ID, value)
	if !strings.Contains(string(found["sandbox as the agent"]), "FOUND leak") {
		t.Error("control: it is not found where the agent has it")
	}
	for name, text := range found {
		if !strings.HasPrefix(name, "sandbox as") && name != "docker export" && needlesOf(coreOf(value)).in(text) {
			t.Errorf("%s shows it", name)
		}
	}
}
