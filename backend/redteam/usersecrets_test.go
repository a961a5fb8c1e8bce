//go:build linux

package redteam

import (
	"archive/tar"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"

	"background-agents/backend/session"
	"background-agents/build/test/slow"
)

// A secret that the user gives to the agent is where the agent needs it, and shown nowhere, even where the agent says
// it.
func TestGivenSecretsAreWhereTheyWereGiven(t *testing.T) {
	v := theVictim(t)
	p, err := v.AddProject(ctx, v.repo)
	must(t, err)
	scope := session.SecretScope{Project: p.ID}
	value, inFile := "given-core-"+nest+random()[:16], "given-core-"+nest+random()[:16]
	for name, of := range map[string]struct {
		value    string
		delivery session.Delivery
	}{"GIVEN_TOKEN": {value, session.DeliverEnv}, "GIVEN_KEY": {inFile, session.DeliverFile}} {
		if _, err := v.SetSecret(ctx, scope, name, of.delivery, session.NewSecret(of.value)); err != nil {
			t.Skipf("this machine has no keychain that can be used: %v", err) // CI has one
		}
		t.Cleanup(func() { must(t, v.DeleteSecret(ctx, scope, name)) })
	}
	s := v.session(t, session.NewSession{}, "demo: bash echo ${#GIVEN_TOKEN} $(wc -c < $GIVEN_KEY_FILE) $GIVEN_KEY_FILE > length.txt; "+
		"for secret in $GIVEN_TOKEN $(cat $GIVEN_KEY_FILE); do echo $secret; echo $secret | base64 -w0; echo $secret | od -An -v -tx1 -w30 | tr -d ' '; done; env")
	if out := v.sh(t, s.ID, "cat length.txt"); !strings.HasPrefix(out, "43 43 /run/secrets/") {
		t.Errorf("control: the agent did not get them: %q", out)
	}
	found := places(t, v, s.ID, inFile)
	if !strings.Contains(string(found["sandbox as the agent"]), "FOUND leak") {
		t.Error("control: it is not found where the agent has it")
	}
	for name, text := range found {
		if !strings.HasPrefix(name, "sandbox as") && name != "docker export" && (needlesOf(coreOf(value)).in(text) || needlesOf(coreOf(inFile)).in(text)) {
			t.Errorf("%s shows it", name)
		}
	}
}

// Neither an image nor what a container has written over it holds a secret, in whatever layer.
func TestImagesHoldNoSecret(t *testing.T) {
	slow.Test(t)
	v := theVictim(t)
	leak := random()
	// A layer with a value that was written and deleted again: the history does not show it, and the layer below does.
	c := docker(t, "run", "-d", "--user", "0", "--network", "none", "--entrypoint", "sh", v.image(t), "-c", "echo "+leak[:16]+"$(echo "+leak[16:]+") > /leak")
	docker(t, "wait", c)
	below := docker(t, "commit", c)
	docker(t, "rm", c)
	c = docker(t, "run", "-d", "--user", "0", "--network", "none", "--entrypoint", "rm", below, "/leak")
	docker(t, "wait", c)
	image := docker(t, "commit", c)
	docker(t, "rm", c)
	t.Cleanup(func() { docker(t, "rmi", image) })
	found := searchLayers(t, image, map[string]needles{"leak": needlesOf(leak), "canary": needlesOf(nest)})
	if len(found["leak"]) != 1 || !strings.HasSuffix(found["leak"][0], " leak") {
		t.Errorf("control: a value in a layer is found in %q", found["leak"])
	}
	if len(found["canary"]) > 0 {
		t.Errorf("secrets are in %q", found["canary"])
	}
}

// searchLayers unpacks an image with all its layers and returns where the needles are.
func searchLayers(t *testing.T, image string, look map[string]needles) map[string][]string {
	t.Helper()
	cmd := exec.Command("docker", "save", image)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	found := map[string][]string{}
	files := 0
	var walk func(where string, r *tar.Reader)
	walk = func(where string, r *tar.Reader) {
		for {
			h, err := r.Next()
			if errors.Is(err, io.EOF) {
				return
			}
			must(t, err)
			if where == "" && (strings.HasSuffix(h.Name, ".tar") || strings.HasPrefix(h.Name, "blobs/") && h.Size > 100<<10) {
				walk(h.Name, tar.NewReader(r))
				continue
			}
			b, err := io.ReadAll(r)
			must(t, err)
			files++
			for name, n := range look {
				if n.in(b) {
					found[name] = append(found[name], where+" "+h.Name)
				}
			}
		}
	}
	walk("", tar.NewReader(out))
	must(t, cmd.Wait())
	if files < 1000 {
		t.Errorf("the image has only %d files", files)
	}
	return found
}
