package forge

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// maxAnswer bounds an answer, in bytes.
const maxAnswer = 4 << 20

// answer is what a host said.
type answer struct {
	status int
	head   http.Header
	body   []byte
}

var errElsewhere = errors.New("the host sends the request elsewhere")

// sameHost follows a redirect only where it stays what it was: a renamed repository on the same host.
func sameHost(req *http.Request, via []*http.Request) error {
	first := via[0]
	if len(via) > 3 || req.URL.Host != first.URL.Host || req.URL.Scheme != first.URL.Scheme || req.Method != first.Method {
		return errElsewhere
	}
	return nil
}

// ask sends one request to a repository's host and decodes a good answer into into (nil for none); others are errors
// with a sentence.
func (f *Forge) ask(ctx context.Context, r repository, l login, method, path string, send, into any) (answer, error) {
	var body []byte
	if send != nil {
		var err error
		if body, err = json.Marshal(send); err != nil {
			return answer{}, err
		}
	}
	var a answer
	var err error
	if l.gh != "" {
		a, err = byGh(ctx, l.gh, r.host, method, path, body)
	} else {
		a, err = f.byToken(ctx, r, l, method, path, body)
	}
	if err != nil {
		return a, notReached(r, f.client.Timeout, err)
	}
	if a.status < 200 || a.status > 299 {
		return a, refusal(r, a)
	}
	if into == nil {
		return a, nil
	}
	if err := json.Unmarshal(a.body, into); err != nil {
		return a, notReached(r, f.client.Timeout, fmt.Errorf("read the answer: %w", err))
	}
	return a, nil
}

func (f *Forge) byToken(ctx context.Context, r repository, l login, method, path string, body []byte) (answer, error) {
	req, err := http.NewRequestWithContext(ctx, method, r.api()+"/"+path, bytes.NewReader(body))
	if err != nil {
		return answer{}, err
	}
	req.Header.Set("Authorization", "Bearer "+l.token.Reveal())
	req.Header.Set("Accept", "application/vnd.github+json")
	req.Header.Set("X-GitHub-Api-Version", "2022-11-28")
	req.Header.Set("User-Agent", "background-agents")
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := f.client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer resp.Body.Close()
	a := answer{status: resp.StatusCode, head: resp.Header}
	a.body, err = io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if err == nil && len(a.body) > maxAnswer {
		err = fmt.Errorf("the answer is longer than %d bytes", maxAnswer)
	}
	return a, err
}
