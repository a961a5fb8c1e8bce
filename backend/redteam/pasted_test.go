//go:build linux

package redteam

import (
	"encoding/base64"
	"encoding/binary"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"

	"background-agents/backend"
	"background-agents/backend/session"
)

// pasted gives the project a secret for each line of a .env text.
func (v *victim) pasted(t *testing.T, at session.SecretScope, text string) session.Pasted {
	t.Helper()
	p, err := v.PasteSecrets(ctx, at, session.DeliverEnv, session.NewSecret(text))
	if err != nil && session.CodeOf(err) != session.CodeInvalid {
		t.Skipf("this machine has no keychain that can be used: %v", err) // CI has one
	}
	must(t, err)
	return p
}

// A private key that is pasted without quotes has lines that look like NAME=value.
func TestAPrivateKeyWithoutQuotesIsNoName(t *testing.T) {
	v := theVictim(t)
	p, err := v.AddProject(ctx, v.repo)
	must(t, err)
	at := session.SecretScope{Project: p.ID}
	one, two := nest+random()[:16], "K"+nest+random()[:15]
	key := "-----BEGIN OPENSSH PRIVATE KEY-----\n" + base64.StdEncoding.EncodeToString([]byte("xx"+one)) + "\n" + two +
		"=\n-----END OPENSSH PRIVATE KEY-----"
	if !regexp.MustCompile(`(?m)^[A-Za-z_][A-Za-z0-9_]*=`).MatchString(key) {
		t.Error("control: no line of the key looks like a name")
	}
	for name, text := range map[string]string{
		"on its line":       "DEPLOY_KEY=" + key + "\nAFTER=" + random() + "\n",
		"with CR line ends": strings.ReplaceAll("DEPLOY_KEY="+key+"\nAFTER="+random()+"\n", "\n", "\r"),
		"without a name":    key + "\nAFTER=" + random() + "\n",
		"without its last line": "AFTER=" + random() + "\nDEPLOY_KEY=" +
			strings.TrimSuffix(key, "-----END OPENSSH PRIVATE KEY-----"),
	} {
		told := v.pasted(t, at, text)
		all, err := v.Secrets(ctx, at)
		must(t, err)
		names := map[string]bool{}
		for _, e := range all {
			names[e.Name] = true
		}
		if !names["AFTER"] {
			t.Errorf("%s: control: what follows the key is not understood: %+v", name, told)
		}
		if shown := said(told) + said(all) + said(v.state()); needlesOf(one).in([]byte(shown)) ||
			needlesOf(two).in([]byte(shown)) {
			t.Errorf("%s: a part of the key is shown: %s", name, shown)
		}
		if kept := tree(t, v.data); needlesOf(one).in(kept) || needlesOf(two).in(kept) {
			t.Errorf("%s: a part of the key is in the files of the application", name)
		}
		for _, e := range told.Set {
			must(t, v.DeleteSecret(ctx, at, e.Name))
		}
	}
}

// A .env as Windows and old editors write it is read, so that no key in it is taken for something else.
func TestAnEnvFileInAnotherFormIsUnderstood(t *testing.T) {
	for _, name := range []string{"ANTHROPIC_API_KEY", "BGA_ENV_FILE"} {
		t.Setenv(name, "")
		must(t, os.Unsetenv(name))
	}
	data := filepath.Join(t.TempDir(), "data")
	must(t, os.MkdirAll(data, 0o700))
	t.Setenv("BGA_HOME", data)
	key := canaryValue("sk-ant-")
	key = key[:strings.IndexByte(key, '/')]
	text := "# mine\nREPOS_DIR=/nowhere\nANTHROPIC_API_KEY=" + key + "\n"
	for name, form := range map[string]string{
		"control: LF": text, "CR": strings.ReplaceAll(text, "\n", "\r"), "CRLF": strings.ReplaceAll(text, "\n", "\r\n"),
		"UTF-8 with a mark": "\ufeff" + text, "UTF-16": wide(binary.LittleEndian, text),
		"UTF-16, big endian": wide(binary.BigEndian, text),
	} {
		write(t, filepath.Join(data, ".env"), form)
		p, err := backend.DefaultPaths()
		must(t, err)
		if got := p.Env("ANTHROPIC_API_KEY"); got != key || p.Repos != "/nowhere" {
			t.Errorf("%s: the key is %q, the folder %q", name, got, p.Repos)
		}
	}
	write(t, filepath.Join(data, ".env"), "ANTHROPIC_API_KEY=\x00\x01"+key+"\n")
	if _, err := backend.DefaultPaths(); err == nil || session.AsError(err).Hint == "" ||
		strings.Contains(session.AsError(err).Message, key) {
		t.Errorf("bytes that are not text: %v", err)
	}
}

// wide is a text in UTF-16, with its mark.
func wide(order binary.ByteOrder, text string) string {
	var b []byte
	for _, unit := range utf16.Encode([]rune("\ufeff" + text)) {
		pair := make([]byte, 2)
		order.PutUint16(pair, unit)
		b = append(b, pair...)
	}
	return string(b)
}

// prints are what usual commands make of a secret: broken into lines, with colors inside, escaped.
var prints = map[string]string{
	"base64":       `printenv PRINTED | base64`,
	"after others": `env | base64`,
	"xxd -p":       `printenv PRINTED | od -An -v -tx1 -w30 | tr -d ' '`, // the same lines: the image has no xxd
	"grep":         `env | grep --color=always -e '[0-9a-f]\{8\}'`,
	"HTML":         `printenv PRINTED | sed 's/&/\&amp;/g; s/</\&lt;/g; s/>/\&gt;/g; s/"/\&quot;/g'`,
}

func TestWhatCommandsPrintOfASecretIsNotShown(t *testing.T) {
	v := theVictim(t)
	p, err := v.AddProject(ctx, v.repo)
	must(t, err)
	at := session.SecretScope{Project: p.ID}
	value := "printed-core-" + nest + random()[:16] + `/+="<&>` + random()
	v.pasted(t, at, "PRINTED='"+value+"'\n")
	defer func() { must(t, v.DeleteSecret(ctx, at, "PRINTED")) }()
	prompt := ""
	for name, command := range prints {
		prompt += "demo: bash " + command + " | tee '/tmp/" + name + "'\n"
	}
	s := v.session(t, session.NewSession{}, prompt)
	var shown strings.Builder
	hidden := 0
	for _, it := range v.transcript(t, s.ID) {
		var out strings.Builder
		_ = v.Output(ctx, s.ID, it.ID, &out)
		shown.WriteString(said(it) + out.String())
		if strings.Contains(out.String(), "[secret PRINTED]") {
			hidden++
		}
	}
	if hidden < len(prints) {
		t.Errorf("control: of %d outputs %d are in the transcript with the secret hidden", len(prints), hidden)
	}
	for name := range prints {
		if !holds(v.sh(t, s.ID, "cat '/tmp/"+name+"'"), value) {
			t.Errorf("control: %s is not found where it was printed", name)
		}
	}
	for name, text := range map[string]string{"the transcript": shown.String(),
		"the log": string(tree(t, filepath.Join(v.data, "logs")))} {
		if holds(text, value) {
			t.Errorf("%s shows it", name)
		}
	}
}

var (
	colors = regexp.MustCompile(`\x1b\[[0-9;]*[A-Za-z]|\\u001b\[[0-9;]*[A-Za-z]`)
	breaks = strings.NewReplacer("\n", "", `\n`, "", "\r", "")
)

// holds reports whether a text holds a value in some form once lines are joined and colors are taken out.
func holds(text, value string) bool {
	joined := breaks.Replace(colors.ReplaceAllString(text, ""))
	return needlesOf(coreOf(value)).in([]byte(joined)) || strings.Contains(html.UnescapeString(joined), value)
}
