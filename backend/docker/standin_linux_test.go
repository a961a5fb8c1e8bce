package docker

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	images "github.com/docker/docker/api/types/image"

	"background-agents/backend/session"
)

// standInTest is a stand-in with names of its own, whose tools are scripts.
func standInTest(t *testing.T, tools map[string]string) (*standIn, *session.ImageState) {
	t.Helper()
	bin := t.TempDir()
	for name, script := range tools {
		if err := os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\nset -eu\n"+script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", bin+":/usr/bin:/bin")
	e := openTest(t, tinyConfig(t))
	c, err := e.connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	last := &session.ImageState{}
	s := e.standIn(c, "public:1", newProgress(func(st session.ImageState) { *last = st }))
	s.tag, s.debian = "bga-test-standin:"+e.instance, "bga-test-debian:"+e.instance
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, tag := range []string{s.tag, s.debian} {
			_, _ = c.api.ImageRemove(context.Background(), tag, images.RemoveOptions{Force: true, PruneChildren: true})
		}
	})
	return s, last
}

// What the real tools do, as far as it shows: a tarball at the file named in the arguments, and packages in a folder.
const (
	fakeBootstrap = `echo "I: downloading packages"; for a; do case "$a" in *.part) echo x > "$TMP/f$$"; tar -cf "$a" -C "$TMP" "f$$";; esac; done`
	fakeNPM       = `case "$1" in config) echo https://registry.example.com/;; install) mkdir -p "$3/node_modules/npm/bin" "$3/node_modules/` + "NODE" + `/bin"; echo node > "$3/node_modules/NODE/bin/node"; echo npm > "$3/node_modules/npm/bin/npm-cli.js"; ln -s npm-cli.js "$3/node_modules/npm/bin/link";; esac`
)

func fakeTools() map[string]string {
	return map[string]string{"mmdebstrap": fakeBootstrap, "npm": strings.ReplaceAll(fakeNPM, "NODE", nodePackage())}
}

func TestAStandInGoesOnWhereItWasCutOff(t *testing.T) {
	t.Setenv("TMP", t.TempDir())
	tools := fakeTools()
	tools["mmdebstrap"] += "\necho made >> \"$TMP/made\"\n"
	s, _ := standInTest(t, tools)
	for range 2 {
		if err := s.rootfs(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := s.importRootfs(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := os.Stat(s.tarball()); err == nil {
		t.Error("the tarball stays after the engine has it")
	}
	if err := s.rootfs(t.Context()); err != nil {
		t.Fatal(err)
	}
	if made, err := os.ReadFile(filepath.Join(os.Getenv("TMP"), "made")); err != nil || string(made) != "made\n" {
		t.Errorf("the root file system was made %q times, %v", made, err)
	}
	first, err := s.node(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if again, err := s.node(t.Context()); err != nil || again != first {
		t.Errorf("%q, then %q, %v", first, again, err)
	}
}

func TestAStandInThatIsCancelledEndsItsToolsAndLeavesNoHalves(t *testing.T) {
	s, last := standInTest(t, map[string]string{"mmdebstrap": "echo begun; touch \"$PWD/rootfs.tar.part\"; sleep 300 & sleep 300"})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s.p.tell = func(st session.ImageState) {
		*last = st
		if strings.Contains(st.Log, "begun") {
			cancel()
		}
	}
	began := time.Now()
	if err := s.rootfs(ctx); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %s", took)
	}
	left, err := os.ReadDir(s.dir)
	if err != nil || len(left) != 0 {
		t.Errorf("left are %v, %v", left, err)
	}
}

func TestAStandInThatCannotBeMadeSaysWhatToInstall(t *testing.T) {
	s, _ := standInTest(t, nil)
	t.Setenv("PATH", t.TempDir())
	known := session.AsError(s.make(t.Context()))
	if known == nil || known.Code != session.CodeImage || !strings.Contains(known.Hint, "apt install mmdebstrap npm") || !strings.Contains(known.Message, "public:1") {
		t.Fatalf("%+v", known)
	}
	s.c = &connection{api: s.c.api, arch: "riscv64"}
	if known := session.AsError(s.make(t.Context())); known == nil || !strings.Contains(known.Message, "riscv64") || known.Hint == "" {
		t.Fatalf("%+v", known)
	}
}

func TestAToolThatFailsIsQuoted(t *testing.T) {
	for _, c := range []struct {
		script string
		code   session.Code
	}{
		{"echo 'E: mirror is on fire' >&2; exit 25", session.CodeImage},
		{"echo 'tar: write error: No space left on device' >&2; exit 1", session.CodeDiskFull},
	} {
		s, _ := standInTest(t, map[string]string{"mmdebstrap": c.script})
		err := s.rootfs(t.Context())
		quoted := strings.Split(c.script, "'")[1]
		if session.CodeOf(err) != c.code || !strings.Contains(session.AsError(err).Unwrap().Error(), quoted) {
			t.Errorf("%v", err)
		}
	}
}

func TestTheStandInsContextHasAllThatItsRecipeCopies(t *testing.T) {
	t.Setenv("TMP", t.TempDir())
	bundle := filepath.Join(t.TempDir(), "bundle.crt")
	if err := os.WriteFile(bundle, []byte("certificates"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SSL_CERT_FILE", bundle)
	s, _ := standInTest(t, fakeTools())
	node, err := s.node(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	npmrc, err := s.npmrc(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	if err := errors.Join(s.context(w, node, npmrc), w.Close()); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	r := tar.NewReader(&b)
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		got[h.Name] = h.Linkname + string(content)
	}
	for name, want := range map[string]string{
		"ca-certificates.crt": "certificates", "npmrc": "registry=https://registry.example.com/\n", "node": "node\n",
		"npm/bin/npm-cli.js": "npm\n", "npm/bin/link": "npm-cli.js",
	} {
		if got[name] != want {
			t.Errorf("%s is %q, want %q", name, got[name], want)
		}
	}
	for _, source := range []string{"certificates/", "ca-certificates.crt", "npmrc", "node", "npm/"} {
		if !strings.Contains(got["Dockerfile"], "\nCOPY "+source+" ") {
			t.Errorf("the recipe does not copy %s", source)
		}
	}
}

func TestLinesEndAtCarriageReturnsToo(t *testing.T) {
	in, want := "one\rtwo\nthree", []string{"one", "two", "three"}
	var got []string
	for data := []byte(in); len(data) > 0; {
		n, token, err := anyLines(data, true)
		if err != nil || n == 0 {
			t.Fatal(n, err)
		}
		got, data = append(got, string(token)), data[n:]
	}
	if !slices.Equal(got, want) {
		t.Error(fmt.Sprint(got))
	}
}
