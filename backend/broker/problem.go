package broker

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"background-agents/backend/session"
)

// Bounds of what a problem repeats of a provider's error.
const (
	maxRaw  = 4 << 10 // bytes, for Details
	maxSaid = 200     // bytes, within the sentence
)

// shortLimit is how long a provider's limit lasts at most for which no time is named.
const shortLimit = time.Minute

// failed is a provider's error: the status of its answer, 0 where it came within an answer that had begun, and what it
// said.
type failed struct {
	endpoint
	key    Key
	model  string // as the agent wrote it
	status int
	header http.Header
	body   []byte // without the key
	now    time.Time
}

// reason is what providers say in their errors: Anthropic, OpenAI and those like them in "error", the service behind
// ChatGPT in "detail", others at the top.
type reason struct {
	Kind    string
	Message string
	Reset   time.Time // of a limit
}

func (f failed) reason() reason {
	type said struct {
		Type    any     `json:"type"`
		Code    any     `json:"code"` // a word or a number
		Status  any     `json:"status"`
		Message string  `json:"message"`
		At      float64 `json:"resets_at"`
		In      float64 `json:"resets_in_seconds"`
	}
	var whole struct {
		said
		Error  json.RawMessage `json:"error"`
		Detail json.RawMessage `json:"detail"`
	}
	body := f.body
	var list []json.RawMessage // as Google's compatible server writes it
	if json.Unmarshal(body, &list) == nil && len(list) > 0 {
		body = list[0]
	}
	if json.Unmarshal(body, &whole) != nil {
		return reason{}
	}
	in := whole.said
	for _, nested := range []json.RawMessage{whole.Error, whole.Detail} {
		var text string
		var inner said
		switch {
		case json.Unmarshal(nested, &text) == nil && text != "":
			in.Message = text
		case len(nested) > 0 && nested[0] == '{' && json.Unmarshal(nested, &inner) == nil:
			in = inner
		}
	}
	r := reason{Message: in.Message}
	for _, word := range []any{in.Type, in.Code, in.Status} {
		if w, ok := word.(string); ok {
			r.Kind += strings.ToLower(w) + " "
		}
	}
	switch {
	case in.At > 0 && in.At < 1e11:
		r.Reset = time.Unix(int64(in.At), 0)
	case in.In > 0 && in.In < 1e9:
		r.Reset = f.now.Add(time.Duration(in.In) * time.Second)
	}
	return r
}

// These are words of providers' messages, where status and kind do not say enough.
var (
	saysCredit = regexp.MustCompile(`(?i)credit balance|insufficient (balance|credit|funds|quota)|out of credits|` +
		`exceeded your current quota`)
	saysTooLong = regexp.MustCompile(`(?i)(prompt|input) is too long|context (length|window)|maximum context|` +
		`too many (input )?tokens`)
	saysModel = regexp.MustCompile(`(?i)\bmodel\b.{0,120}(not found|does not exist|not a valid|not supported|unknown|` +
		`not available|no access)|(unknown|invalid|no such|not a valid) model|no endpoints found`)
)

func (r reason) is(kinds ...string) bool {
	for _, k := range kinds {
		if strings.Contains(r.Kind, k) {
			return true
		}
	}
	return false
}

// problem says in a sentence what went wrong, and what to do.
func (f failed) problem() *session.Error {
	p := f.meaning(f.reason())
	if p.Code == "" {
		p.Code = session.CodeModel
	}
	raw := strings.TrimSpace(string(f.body))
	if len(raw) > maxRaw {
		raw = strings.ToValidUTF8(raw[:maxRaw], "") + "…"
	}
	if f.status != 0 && raw != "" {
		raw = "HTTP " + strconv.Itoa(f.status) + ": " + raw
	}
	if utf8.ValidString(raw) {
		p.Details = raw
	}
	return p
}

func (f failed) meaning(r reason) *session.Error {
	s := f.status
	switch {
	case f.ID == Demo && s != 0 && s < 500 && s != http.StatusTooManyRequests: // it has no account and no key
		return &session.Error{Message: f.Name + " refused the request" + statusWord(s) + ".", Hint: "Send another prompt."}
	case s == http.StatusPaymentRequired || r.is("insufficient_quota", "insufficient_balance", "billing"),
		saysCredit.MatchString(r.Message):
		return &session.Error{
			Message: "Your account at " + f.Name + " has no credit left.",
			Hint:    "Add credit there, or choose another model. Then Retry.",
		}
	case s == http.StatusUnauthorized || r.is("authentication", "invalid_api_key"):
		return f.refusedKey()
	case s == http.StatusRequestEntityTooLarge || r.is("context_length", "request_too_large"),
		saysTooLong.MatchString(r.Message):
		return &session.Error{
			Message: "The conversation is longer than " + f.named() + " accepts.",
			Hint:    "Shorten it with the agent's `/compact`, or start a new session.",
		}
	case s == http.StatusNotFound || r.is("model_not_found", "not_found"),
		s < 500 && s != http.StatusTooManyRequests && saysModel.MatchString(r.Message):
		return &session.Error{
			Code: session.CodeModelMissing, Message: f.Name + " does not have " + f.named() + ", or not for your account.",
			Hint: "Choose another model. Settings under Models and `bga provider list` show what is set up.",
		}
	case s == http.StatusForbidden || r.is("permission"):
		return f.forbidden()
	case s == http.StatusTooManyRequests || r.is("rate_limit", "usage_limit", "resource_exhausted"):
		return f.limited(r)
	case s == http.StatusServiceUnavailable || s == 529 || r.is("overloaded"):
		return &session.Error{Message: f.Name + " is overloaded.", Hint: "Retry in a minute, or choose another model."}
	case s >= 500 || r.is("api_error", "server_error", "internal"):
		return &session.Error{
			Message: f.Name + " failed" + statusWord(s) + ".",
			Hint:    "Retry in a minute. If it goes on, look at the provider's status page, or choose another model.",
		}
	}
	said := ""
	if r.Message != "" {
		said = ": “" + short(session.Quoted(r.Message)) + "”"
	}
	return &session.Error{
		Message: f.Name + " refused the request" + statusWord(s) + said + ".",
		Hint:    "Retry, or choose another model.",
	}
}

func statusWord(status int) string {
	if status == 0 {
		return ""
	}
	return " (status " + strconv.Itoa(status) + ")"
}

func short(text string) string {
	if len(text) > maxSaid {
		return strings.ToValidUTF8(text[:maxSaid], "") + "…"
	}
	return text
}

var modelWord = regexp.MustCompile(`^[\w.:/@+-]{1,80}$`)

// named is the model as it stands in a sentence: its name is the sandbox's word, so it must look like one.
func (f failed) named() string {
	if modelWord.MatchString(f.model) {
		return "the model “" + f.model + "”"
	}
	return "the model"
}

func (f failed) refusedKey() *session.Error {
	p := &session.Error{Code: session.CodeModelKey, Message: f.Name + " refused the key from " + f.key.Source + "."}
	set := "Settings under Models or with `bga provider set " + f.ID + "`. Then Retry."
	switch {
	case f.Kind == session.ProviderLogin:
		p.Message, p.Hint = "The "+f.Name+" does not accept "+f.key.Source+".", f.SignIn+" Then Retry."
	case f.key.Secret.Empty():
		p.Message, p.Hint = f.Name+" wants a key.", "Enter it in "+set
	case f.key.Kept:
		p.Hint = "Enter a valid key in " + set
	case f.NamedBy != "":
		p.Hint = "Correct it there. Then Retry."
	default:
		p.Hint = "Correct it there, or enter another key in " + set
	}
	return p
}

func (f failed) forbidden() *session.Error {
	p := &session.Error{Code: session.CodeModelKey}
	p.Hint = "Check at the provider what it may use, or choose another model."
	switch {
	case f.Kind == session.ProviderLogin:
		p.Message = "The " + f.Name + " does not let you use " + f.named() + "."
	case f.key.Secret.Empty():
		p.Message = f.Name + " does not let you use " + f.named() + " without a key."
	default:
		p.Message = f.Name + " does not let your key from " + f.key.Source + " use " + f.named() + "."
	}
	return p
}

func (f failed) limited(r reason) *session.Error {
	what := "The rate limit of " + f.Name + " is reached."
	if f.Flat {
		what = "The usage limit of your " + f.Name + " is reached."
	}
	hint := "Retry in a minute, or choose another model."
	if at := f.reset(r); at.Sub(f.now) > shortLimit {
		form := "15:04"
		if at.Sub(f.now) > 12*time.Hour {
			form = "Jan 2, 15:04"
		}
		hint = "Retry after " + at.Local().Format(form) + ", or choose another model."
	}
	return &session.Error{Message: what, Hint: hint}
}

// reset returns when a limit is over, the zero time where the provider does not say.
func (f failed) reset(r reason) time.Time {
	if n, err := strconv.ParseInt(f.header.Get("Anthropic-Ratelimit-Unified-Reset"), 10, 64); err == nil && n > 0 {
		return time.Unix(n, 0)
	}
	after := f.header.Get("Retry-After")
	if n, err := strconv.ParseInt(after, 10, 32); err == nil && n > 0 {
		return f.now.Add(time.Duration(n) * time.Second)
	}
	if at, err := http.ParseTime(after); err == nil {
		return at
	}
	return r.Reset
}
