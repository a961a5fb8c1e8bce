package session

import (
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"
)

const (
	minHidden   = 6  // bytes; what is shorter occurs everywhere by chance
	maxWordLen  = 14 // letters
	maxWordsIn  = 4  // of an ordinary value; passphrases have more
	maxOrdinary = 64 // bytes of words
)

// commonValues are settings, and passwords that examples and images come with: everybody knows them.
var commonValues = map[string]bool{}

func init() {
	for v := range strings.FieldsSeq(`true false null none undefined enabled disabled default localhost 127.0.0.1 0.0.0.0 development
		production staging testing example password secret changeme postgres username anonymous public private administrator
		mysecretpassword supersecret changeit changethis password1 password123 admin123 root123 letmein qwerty postgresql
		rabbitmq minioadmin mongodb elasticsearch your-secret your-api-key your_api_key your-token replaceme replace-me`) {
		commonValues[v] = true
	}
}

// isOrdinary reports whether a value is no secret as far as one can see: it is short, a word or a few of them, the address of
// this computer, or a mail address. Under a name that says password, key or token only what everybody knows is ordinary.
func isOrdinary(name, value string) bool {
	value = strings.TrimSpace(value)
	switch {
	case len(value) < minHidden, commonValues[strings.ToLower(value)], isLocal(value):
		return true
	case namesSecret(name):
		return false
	}
	return mailAddress.MatchString(value) || isWords(value)
}

var mailAddress = regexp.MustCompile(`^("?[\pL\d ._'-]{1,60}"? ?<[\w.%+-]{1,64}@[\w-]+(\.[\w-]+)+>|[\w.%+-]{1,64}@[\w-]+(\.[\w-]+)+)$`)

// Words of names that say what the value is.
var (
	secretWords = []string{"pass", "pwd", "pw", "secret", "secrets", "token", "tokens", "key", "keys", "credential", "credentials",
		"private", "auth", "salt", "pin", "signature", "cert", "hash", "seed", "mnemonic", "cookie", "bearer", "jwt"}
	secretEnds = []string{"password", "passwd", "passphrase", "secret", "token", "apikey", "pass"}
)

func namesSecret(name string) bool {
	for word := range strings.SplitSeq(strings.ToLower(name), "_") {
		if slices.Contains(secretWords, word) {
			return true
		}
		for _, end := range secretEnds {
			if strings.HasSuffix(word, end) {
				return true
			}
		}
	}
	return false
}

// isLocal reports whether a value is one or several addresses of this computer or of a service beside the program, such as
// http://localhost:3000 or redis://cache:6379/0, without a password that counts.
func isLocal(value string) bool {
	for part := range strings.SplitSeq(value, ",") {
		part = strings.TrimSpace(part)
		if !strings.Contains(part, "://") {
			host, port, err := net.SplitHostPort(part)
			if err != nil {
				host, port = part, ""
			}
			if !isLocalHost(host) || !isNumber(port) {
				return false
			}
			continue
		}
		u, err := url.Parse(part)
		if err != nil || !isLocalHost(u.Hostname()) && (u.Hostname() == "" || !isWord(u.Hostname())) || u.Fragment != "" {
			return false
		}
		if password, _ := u.User.Password(); len(password) >= minHidden && !commonValues[strings.ToLower(password)] {
			return false
		}
		if name := u.User.Username(); name != "" && len(name) >= minHidden && !isWords(name) {
			return false
		}
		rest := strings.NewReplacer("=", " ", "&", " ", "/", " ").Replace(u.Path + " " + u.RawQuery)
		if strings.TrimSpace(rest) != "" && !isWords(rest) {
			return false
		}
	}
	return true
}

func isLocalHost(host string) bool {
	if host == "localhost" || strings.HasSuffix(host, ".localhost") || host == "host.docker.internal" {
		return true
	}
	at, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && (at.IsLoopback() || at.IsUnspecified())
}

var wordBreaks = regexp.MustCompile(`[ ._/:,-]+`)

// isWords reports whether a text is one to four words, with short numbers beside them, such as us-east-1 or Test User.
func isWords(text string) bool {
	if len(text) > maxOrdinary {
		return false
	}
	words, parts := 0, 0
	for _, part := range wordBreaks.Split(text, -1) {
		switch {
		case part == "":
		case isWord(part):
			words++
			parts++
		case len(part) <= 4 && isNumber(part), len(part) <= 3 && isAlphanumeric(part):
			parts++
		default:
			return false
		}
	}
	return parts <= maxWordsIn && words > 0
}

// isWord reports whether a text can be spoken: letters of one case, or with a capital first, with vowels where words have them.
func isWord(text string) bool {
	lower := strings.ToLower(text)
	if len(text) > maxWordLen || text != lower && text != strings.ToUpper(text) && text[1:] != lower[1:] {
		return false
	}
	vowels, run := 0, 0
	for _, c := range []byte(lower) {
		switch {
		case c < 'a' || c > 'z':
			return false
		case strings.IndexByte("aeiouy", c) >= 0:
			vowels++
			run = 0
		default:
			if run++; run > 4 {
				return false
			}
		}
	}
	return len(text) < 4 || vowels > 0 && vowels < len(text)
}

func isNumber(text string) bool { return strings.Trim(text, "0123456789") == "" }

func isAlphanumeric(text string) bool {
	for i := range len(text) {
		if !isTokenByte(text[i]) {
			return false
		}
	}
	return true
}
