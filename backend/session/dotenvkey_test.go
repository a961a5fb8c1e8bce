package session

import (
	"encoding/binary"
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf16"
)

const (
	pemBody = "MIIEpAIBAAKCAQEAqwertyuiopasdfghjklzxcvbnmqwertyuiopasdfghjklzxcv\n" +
		"ZmFrZWxpbmVvZmFrZXlmb3JhdGVzdA=\nbGFzdExpbmVPZlRoZUtleUZvckFUZXN0=="
	pem  = "-----BEGIN RSA PRIVATE KEY-----\n" + pemBody + "\n-----END RSA PRIVATE KEY-----"
	pgp  = "-----BEGIN PGP PRIVATE KEY BLOCK-----\nVersion: 1\n\nlQOYBF\n=AbCd\n-----END PGP PRIVATE KEY BLOCK-----"
	ssh2 = "---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\n" +
		"Comment: \"x\"\nbGFzdExpbmVPZlRo==\n---- END SSH2 ENCRYPTED PRIVATE KEY ----"
	putty = "PuTTY-User-Key-File-3: ssh-ed25519\n" +
		"Encryption: none\nPrivate-Lines: 1\nbGFzdExpbmVPZlRoZUtleUZvckFUZXN0=\nPrivate-MAC: 0a0b0c"
	service = "{\n\"type\": \"service_account\",\n" +
		"\"private_key\": \"-----BEGIN PRIVATE KEY-----\\nMIIE==\\n-----END PRIVATE KEY-----\\n\"\n}"
)

func TestKeyWithoutQuotesIsOneValue(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"PEM":                  {"K=" + pem + "\nB=c", "K=" + pem + "|B=c"},
		"CR line ends":         {"K=" + strings.ReplaceAll(pem, "\n", "\r") + "\rB=c", "K=" + pem + "|B=c"},
		"CRLF line ends":       {"K=" + strings.ReplaceAll(pem, "\n", "\r\n") + "\r\nB=c", "K=" + pem + "|B=c"},
		"indented":             {"  export K=" + strings.ReplaceAll(pem, "\n", "\n    ") + "\nB=c", "K=" + pem + "|B=c"},
		"PGP":                  {"K=" + pgp + "\nB=c", "K=" + pgp + "|B=c"},
		"SSH2":                 {"K=" + ssh2 + "\nB=c", "K=" + ssh2 + "|B=c"},
		"PuTTY":                {"K=" + putty + "\nB=c", "K=" + putty + "|B=c"},
		"chain":                {"K=" + pem + "\n" + pem + "\nB=c", "K=" + pem + "\n" + pem + "|B=c"},
		"on one line":          {`K=-----BEGIN X-----\nabc==\n-----END X-----` + "\nB=c", `K=-----BEGIN X-----\nabc==\n-----END X-----|B=c`},
		"JSON":                 {"K=" + service + "\nB=c", "K=" + service + "|B=c"},
		"braces":               {"K={{x}}\nB=c", "K={{x}}|B=c"},
		"stray":                {pem + "\nB=c", "B=c"},
		"after an empty value": {"K=\n" + pem + "\nB=c", "B=c"},
		"YAML":                 {"key: |\n" + pem + "\nB=c", "B=c"},
		"YAML on its line":     {"key: " + pem + "\nB=c", "B=c"},
		"not a name":           {"my-key=" + pem + "\nB=c", "B=c"},
		"commented first line": {"# K=" + pem + "\nB=c", "B=c"},
		"commented":            {"# " + strings.ReplaceAll(pem, "\n", "\n# ") + "\nB=c", "B=c"},
		"no end":               {"A=b\nK=-----BEGIN X-----\n" + pemBody + "\nB=c", "A=b"},
		"next key begins":      {"K=-----BEGIN X-----\n" + pemBody + "\nL=" + pem, "L=" + pem},
		"base64":               {"K=" + pemBody + "\nB=c", "B=c"},
		"empty names follow":   {"K=" + strings.Repeat("aB3d", 16) + "\nBAR=\nFOO_BAR=\nB=c", "K=" + strings.Repeat("aB3d", 16) + "|B=c"},
		"one line of base64":   {"K=" + strings.Repeat("aB3d", 16) + "\nB=c", "K=" + strings.Repeat("aB3d", 16) + "|B=c"},
	} {
		if got := read(t, c.text); got != c.want {
			t.Errorf("%s is %q, want %q", name, got, c.want)
		}
	}
}

// Whatever line of a key a text begins with, no part of the key is a name or is repeated in a reason.
func TestNoPartOfAKeyIsAName(t *testing.T) {
	for _, key := range []string{pem, pgp, ssh2, putty, service, pemBody} {
		for _, before := range []string{"", "K=", "K=\n", "K: ", "# K=", "export K=", "a b="} {
			for cut := range strings.Count(key, "\n") + 1 {
				lines := strings.Split(key, "\n")
				for _, part := range []string{strings.Join(lines[cut:], "\n"), strings.Join(lines[:len(lines)-cut], "\n")} {
					found, skipped, err := ParseDotenv([]byte("A=b\n" + before + part + "\nAFTER=it"))
					if err != nil {
						t.Fatal(err)
					}
					said, _ := json.Marshal(skipped)
					for _, a := range found {
						said = append(said, " "+a.Name...)
					}
					for _, line := range lines {
						if bare := strings.TrimRight(line, "="); len(bare) > 12 && !strings.HasPrefix(bare, "-") && strings.Contains(string(said), bare) {
							t.Errorf("%q gives %s", before+part, said)
						}
					}
				}
			}
		}
	}
}

func TestDotenvOfOtherEncodingsIsReadOrRefused(t *testing.T) {
	encode := func(order binary.AppendByteOrder, text string) string {
		var b []byte
		for _, u := range utf16.Encode([]rune(text)) {
			b = order.AppendUint16(b, u)
		}
		return string(b)
	}
	const text, want = "A=pässword😀\r\nB=c\r\n", "A=pässword😀|B=c"
	for name, data := range map[string]string{
		"UTF-8 with a mark":     "\uFEFF" + text,
		"UTF-16, little endian": encode(binary.LittleEndian, "\uFEFF"+text),
		"UTF-16, big endian":    encode(binary.BigEndian, "\uFEFF"+text),
		"without a mark, LE":    encode(binary.LittleEndian, text),
		"without a mark, BE":    encode(binary.BigEndian, text),
		"CR":                    strings.ReplaceAll(text, "\r\n", "\r"),
	} {
		if got := read(t, data); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	for name, data := range map[string]string{
		"zero bytes":    "A=b\x00c\nB=c",
		"half a letter": encode(binary.LittleEndian, "\uFEFFA=b") + "x",
		"UTF-32":        "\xFF\xFE\x00\x00A\x00\x00\x00=\x00\x00\x00b\x00\x00\x00",
		"half a pair":   "\xFF\xFEA\x00=\x00\x00\xD8\n\x00",
	} {
		if found, _, err := ParseDotenv([]byte(data)); CodeOf(err) != CodeInvalid {
			t.Errorf("%s is read as %+v", name, found)
		}
	}
}
