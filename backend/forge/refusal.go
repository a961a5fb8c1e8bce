package forge

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"

	"background-agents/backend/session"
)

// notReached says that a host did not answer as it should, within waited.
func notReached(r repository, waited time.Duration, err error) error {
	var known *session.Error
	switch {
	case errors.As(err, &known), errors.Is(err, context.Canceled):
		return err
	case errors.Is(err, errElsewhere):
		return fail(session.CodeForge, r.host+" sends requests for "+r.path()+" elsewhere; the login is not sent there.",
			"Perhaps it was renamed or moved: update the remote's URL.", err)
	case errors.Is(err, context.DeadlineExceeded):
		return session.NoAnswer(session.CodeForge, r.host, waited, "Try again in a moment.")
	}
	return fail(session.CodeForge, r.host+" could not be asked.", "Check your network, then try again.", err)
}

// refused is the body of GitHub's errors (docs.github.com/rest: Troubleshooting).
type refused struct {
	Message string `json:"message"`
	Errors  []struct {
		Message string `json:"message"`
		Field   string `json:"field"`
		Code    string `json:"code"`
	} `json:"errors"`
}

// refusal says in a sentence why a host refused.
func refusal(r repository, a answer) error {
	var body refused
	_ = json.Unmarshal(a.body, &body)
	said := clip(body.Message)
	for _, e := range body.Errors[:min(len(body.Errors), 3)] {
		switch {
		case e.Message != "":
			said += "; " + clip(e.Message)
		case e.Field != "":
			said += "; " + clip(e.Field) + ": " + clip(e.Code)
		}
	}
	if said == "" {
		said = http.StatusText(a.status)
	}
	cause := errors.New(strconv.Itoa(a.status) + " " + said)
	switch {
	case a.status == http.StatusTooManyRequests, a.status == http.StatusForbidden && (a.head.Get("X-Ratelimit-Remaining") == "0" || a.head.Get("Retry-After") != ""):
		return fail(session.CodeForge, "Too much was asked of "+r.host+" with this login.", "Try again "+until(a.head)+".", cause)
	case a.status == http.StatusUnauthorized:
		return fail(session.CodeLogin, r.host+" does not accept the login: it may have expired.", "Run `gh auth login`, or keep a new token in the settings.", cause)
	case a.status == http.StatusForbidden && a.head.Get("X-Github-Sso") != "":
		return fail(session.CodeLogin, "The login is not authorised for the organisation of "+r.path()+".", "Authorise the token for single sign-on, in the settings of "+r.host+".", cause)
	case a.status == http.StatusForbidden:
		return fail(session.CodeLogin, "The login may not do that in "+r.path()+": "+said+".",
			"A classic token needs the scope \"repo\", a fine-grained one \"Pull requests: read and write\".", cause)
	case a.status == http.StatusNotFound:
		return fail(session.CodeForge, "There is no repository "+r.path()+" on "+r.host+", or the login may not see it.", "Check the remote's URL, and the repositories that the token covers.", cause)
	case a.status == http.StatusUnprocessableEntity && strings.Contains(strings.ToLower(said), "no commits between"):
		return fail(session.CodeForge, "The branch has no commit that its base has not.", "Commit something first, or choose another base.", cause)
	case a.status == http.StatusUnprocessableEntity && strings.Contains(strings.ToLower(said), "draft"):
		return fail(session.CodeForge, r.path()+" takes no drafts.", "Open it as ready for review.", cause)
	case a.status == http.StatusUnprocessableEntity:
		return fail(session.CodeForge, r.host+" refused the pull request: "+said+".", "Change title, text or base, then try again.", cause)
	case a.status >= 300 && a.status < 400:
		return notReached(r, 0, errElsewhere)
	}
	return fail(session.CodeForge, r.host+" answered: "+said+".", "Try again in a moment.", cause)
}

// until says when to try again, by the header of an answer.
func until(h http.Header) string {
	wait := time.Minute
	if n, err := strconv.Atoi(h.Get("Retry-After")); err == nil && n > 0 {
		wait = time.Duration(n) * time.Second
	} else if at, err := strconv.ParseInt(h.Get("X-Ratelimit-Reset"), 10, 64); err == nil {
		wait = time.Until(time.Unix(at, 0))
	}
	return "in " + strconv.Itoa(max(1, int(wait.Round(time.Minute).Minutes()))) + " min"
}

func clip(s string) string {
	s = strings.Map(func(c rune) rune {
		switch {
		case unicode.IsSpace(c):
			return ' '
		case unicode.IsControl(c), unicode.Is(unicode.Cf, c):
			return -1
		}
		return c
	}, strings.ToValidUTF8(s, "�"))
	s = strings.TrimRight(strings.Join(strings.Fields(s), " "), ".")
	if r := []rune(s); len(r) > 300 {
		s = string(r[:300]) + "…"
	}
	return s
}
