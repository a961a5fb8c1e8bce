package app

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strings"
)

// bridge answers calls of API's methods over HTTP, for a page that Wails' own bindings do not reach: they answer in the main
// page only. A call is POST /quick/call/METHOD with the arguments as a JSON array; the answer is JSON, an error is text as
// asText writes it, with status 422. Only who knows the token may call.
type bridge struct {
	token string
	api   reflect.Value
}

// maxCall bounds the body of a call in bytes. The largest is an attachment of 20 MB in base64.
const maxCall = 32 << 20

const bridgePath = "/quick/call/"

func newBridge(a *API) *bridge { return &bridge{token: rand.Text(), api: reflect.ValueOf(a)} }

// handler answers calls, and gives everything else to next.
func (b *bridge) handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		method, ok := strings.CutPrefix(r.URL.Path, bridgePath)
		if !ok {
			next.ServeHTTP(rw, r)
			return
		}
		if r.Method != http.MethodPost || subtle.ConstantTimeCompare([]byte(r.Header.Get("X-Token")), []byte(b.token)) != 1 {
			http.Error(rw, "forbidden", http.StatusForbidden)
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, maxCall))
		if err != nil {
			http.Error(rw, err.Error(), http.StatusRequestEntityTooLarge)
			return
		}
		answer, err := b.call(method, body)
		if err != nil {
			rw.WriteHeader(http.StatusUnprocessableEntity)
			_, _ = fmt.Fprint(rw, asText(err))
			return
		}
		rw.Header().Set("Content-Type", "application/json")
		_, _ = rw.Write(answer)
	})
}

// call calls one method with arguments in JSON, and returns what it gives: "null" for a method without a result.
func (b *bridge) call(method string, body []byte) ([]byte, error) {
	f := b.api.MethodByName(method)
	if !f.IsValid() {
		return nil, fmt.Errorf("there is no method %q", method)
	}
	var raw []json.RawMessage
	if err := json.Unmarshal(body, &raw); err != nil {
		return nil, fmt.Errorf("read the arguments of %s: %w", method, err)
	}
	if len(raw) != f.Type().NumIn() {
		return nil, fmt.Errorf("%s takes %d arguments, not %d", method, f.Type().NumIn(), len(raw))
	}
	args := make([]reflect.Value, len(raw))
	for i := range raw {
		arg := reflect.New(f.Type().In(i))
		if err := json.Unmarshal(raw[i], arg.Interface()); err != nil {
			return nil, fmt.Errorf("read argument %d of %s: %w", i+1, method, err)
		}
		args[i] = arg.Elem()
	}
	var result any
	for _, out := range f.Call(args) {
		err, failed := out.Interface().(error)
		switch {
		case failed:
			return nil, err
		case out.Type() != reflect.TypeFor[error]():
			result = out.Interface()
		}
	}
	return json.Marshal(result)
}
