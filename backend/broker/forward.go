package broker

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"sync/atomic"
	"time"

	"background-agents/backend/session"
)

// maxFailure bounds the text of a provider's error.
const maxFailure = 64 << 10

// forward carries one request to the provider and its answer back.
func (b *Broker) forward(w *served, r *http.Request, e endpoint, path string) {
	to, allowed := e.target(r.Method, path, r.URL.RawQuery)
	if !allowed {
		refuse(w, e.Protocol, http.StatusForbidden,
			refusal("An agent may not ask "+e.Name+" for this; it may for model answers alone.", ""))
		return
	}
	if !b.lists.who.is(r.Context(), e) {
		refuse(w, e.Protocol, http.StatusBadGateway,
			refusal(e.Name+" does not answer at its address.", "Start it, then Retry."))
		return
	}
	if r.ContentLength > maxBody {
		refuse(w, e.Protocol, http.StatusRequestEntityTooLarge, tooLarge)
		return
	}
	key, err := b.key(r.Context(), e)
	if err != nil {
		refuse(w, e.Protocol, http.StatusUnauthorized, session.AsError(err))
		return
	}
	w.priced, w.billed = e, bills(r.Method, path)
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	body := io.TeeReader(http.MaxBytesReader(w, r.Body, maxBody), &w.asked)
	out, err := http.NewRequestWithContext(ctx, r.Method, to.String(), body)
	if err != nil {
		refuse(w, e.Protocol, http.StatusBadRequest, refusal("The request is not understood.", ""))
		return
	}
	out.ContentLength = r.ContentLength
	if r.ContentLength == 0 {
		out.Body = http.NoBody
	}
	out.Header = e.onward(r.Header)
	e.authorize(out.Header, key)
	answer, err := b.transport.RoundTrip(out)
	if err != nil {
		b.unreachable(w, r, e, newHider(key, true).hide(err.Error()), err)
		return
	}
	defer answer.Body.Close()
	text, plain := unpacked(answer)
	switch {
	case answer.StatusCode < 200 || !plain:
		refuse(w, e.Protocol, http.StatusBadGateway,
			refusal(e.Name+" answered in a form that was not asked for.", "Check the address that is configured for it."))
	case answer.StatusCode >= 300 && answer.StatusCode < 400:
		refuse(w, e.Protocol, http.StatusBadGateway,
			refusal(e.Name+" answered with a redirect, which is not followed.", "Check the address that is configured for it."))
	case answer.StatusCode == http.StatusUnauthorized || answer.StatusCode == http.StatusForbidden:
		if key.Rejected != nil && answer.StatusCode == http.StatusUnauthorized {
			key.Rejected()
		}
		f := w.failure(e, key, answer)
		f.body, _ = readFailure(text, newHider(key, true))
		refuse(w, e.Protocol, answer.StatusCode, f.problem()) // providers repeat parts of a key that they refuse
	case answer.StatusCode >= 400:
		passFailure(w, answer, text, newHider(key, true), w.failure(e, key, answer))
	default:
		h := newHider(key, false)
		copyHeader(w.Header(), answer.Header, h)
		w.WriteHeader(answer.StatusCode)
		w.failed = w.failure(e, key, nil)
		w.whole = stream(ctx, w, newHiding(text, h), cancel, silence)
	}
}

var tooLarge = refusal("The request is larger than 64 MB.",
	"Start a new session, or shorten the conversation with the agent's `/compact`.")

// failure is what is known of an error of a provider's; answer is nil for one that comes within an answer.
func (w *served) failure(e endpoint, key Key, answer *http.Response) failed {
	f := failed{endpoint: e, key: key, model: w.asked.name(), now: time.Now()}
	if answer != nil {
		f.status, f.header = answer.StatusCode, answer.Header
	}
	return f
}

// unreachable answers for a provider that did not. The reason is told without the address, which may be the user's own.
func (b *Broker) unreachable(w *served, r *http.Request, e endpoint, why string, err error) {
	if r.Context().Err() != nil {
		return // the agent has hung up; count knows that it did
	}
	if large := (*http.MaxBytesError)(nil); errors.As(err, &large) {
		refuse(w, e.Protocol, http.StatusRequestEntityTooLarge, tooLarge)
		return
	}
	b.Log.Warn("model provider does not answer", "provider", e.ID, "err", why)
	refuse(w, e.Protocol, http.StatusBadGateway, refusal(notAnswered(e, err), reach(e)))
}

func reach(e endpoint) string {
	if e.Kind == session.ProviderLocal {
		return "Start it, then Retry."
	}
	return "Check the connection to the internet, and HTTPS_PROXY if there is a proxy. Then Retry."
}

// readFailure reads a provider's error, in which the key does not stand.
func readFailure(body io.Reader, h *hider) (text []byte, err error) {
	text, err = io.ReadAll(io.LimitReader(body, maxFailure+1))
	whole := err == nil && len(text) <= maxFailure
	text, _ = h.next(nil, text[:min(len(text), maxFailure)], whole) // half a key at the end is left out
	return text, err
}

// passFailure passes on a provider's error.
func passFailure(w *served, answer *http.Response, body io.Reader, h *hider, f failed) {
	text, err := readFailure(body, h)
	if err != nil && len(text) == 0 {
		text = []byte(`{"error":{"message":"The provider's error could not be read."}}`)
	}
	f.body = text
	w.problem = f.problem()
	copyHeader(w.Header(), answer.Header, h)
	w.Header().Set("Content-Length", strconv.Itoa(len(text)))
	w.WriteHeader(answer.StatusCode)
	_, _ = w.Write(text)
}

// stream passes on an answer, each piece as it comes. An answer that breaks off breaks off for the agent as well, so
// that it does not take half for the whole; one in which nothing comes for long says so first. It returns false where
// the agent hangs up.
func stream(ctx context.Context, w *served, body io.Reader, cancel context.CancelFunc, wait time.Duration) bool {
	var silent atomic.Bool
	watch := time.AfterFunc(wait, func() { silent.Store(true); cancel() })
	defer watch.Stop()
	flush := http.NewResponseController(w)
	_ = flush.Flush() // the headers, which may come long before the first piece
	piece := make([]byte, 32<<10)
	for {
		n, err := body.Read(piece)
		watch.Reset(wait)
		if n > 0 {
			if _, err := w.Write(piece[:n]); err != nil {
				return false
			}
			_ = flush.Flush()
		}
		switch {
		case errors.Is(err, io.EOF):
			return true
		case err != nil:
			switch {
			case silent.Load():
				why := refusal(w.priced.Name+" sent nothing more for "+session.Spell(wait)+".", "Send the prompt again.")
				breakOff(w, why.Message+" "+why.Hint)
				w.tell(why)
				_ = flush.Flush()
			case ctx.Err() == nil: // else the agent hung up
				w.tell(refusal("The answer of "+w.priced.Name+" broke off.", "Retry."))
			}
			panic(http.ErrAbortHandler)
		}
	}
}
