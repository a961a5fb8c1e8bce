package session

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestSecretIsConcealedHoweverItIsPrinted(t *testing.T) {
	const canary = "sk-canary-7f3a"
	type outer struct {
		Open   Secret
		hidden Secret
		Many   []Secret
		Named  map[string]Secret
		Far    *Secret
	}
	s := NewSecret(canary)
	o := outer{Open: s, hidden: s, Many: []Secret{s}, Named: map[string]Secret{"a": s}, Far: &s}
	var log bytes.Buffer
	for _, l := range []*slog.Logger{slog.New(slog.NewTextHandler(&log, nil)),
		slog.New(slog.NewJSONHandler(&log, nil))} {
		l.Info("x", "secret", s, "pointer", &s, "outer", o, "any", slog.AnyValue(s))
	}
	printed := []string{log.String(), errors.Join(fmt.Errorf("store %v: %s", s, s)).Error()}
	for _, v := range []any{s, &s, o, &o, []any{s}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%p", "%T"} {
			printed = append(printed, fmt.Sprintf(verb, v))
		}
		if b, err := json.Marshal(v); err == nil {
			printed = append(printed, string(b))
		}
		if b, err := xml.Marshal(v); err == nil {
			printed = append(printed, string(b))
		}
		var b bytes.Buffer
		_ = gob.NewEncoder(&b).Encode(v)
		printed = append(printed, b.String())
	}
	for _, p := range printed {
		if strings.Contains(p, canary) || strings.Contains(p, fmt.Sprintf("%x", canary)) {
			t.Errorf("a Secret showed itself: %s", p)
		}
	}
	if got := fmt.Sprintf("%v %+v %#v %s %q", s, s, s, s, s); got != strings.TrimSpace(strings.Repeat("[secret] ", 5)) {
		t.Errorf("printed %q", got)
	}
	if s.Reveal() != canary || s.Empty() || !s.Same(NewSecret(canary)) || s.Same(NewSecret("other")) {
		t.Error("the value itself is lost")
	}
	if zero := (Secret{}); !zero.Empty() || fmt.Sprint(zero) != concealed {
		t.Error("a Secret without value is not like one")
	}
}
