package session

import (
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
)

// concealed is what a Secret shows of itself everywhere.
const concealed = "[secret]"

// Secret is a value that must not be shown: a key, a token, a password. However it is printed, logged or encoded, it
// is "[secret]"; only Reveal gives the value. The value stands behind a pointer, because fmt prints the fields of
// unexported fields without asking their methods, and does not follow pointers there.
type Secret struct{ value *string }

// NewSecret makes a Secret of value.
func NewSecret(value string) Secret { return Secret{&value} }

// Reveal returns the value, for the one place that hands it on.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// Empty reports whether there is no value.
func (s Secret) Empty() bool { return s.Reveal() == "" }

// Same reports whether both hold the same value; the time it takes says nothing of the values but their lengths.
func (s Secret) Same(other Secret) bool {
	return subtle.ConstantTimeCompare([]byte(s.Reveal()), []byte(other.Reveal())) == 1
}

func (Secret) String() string               { return concealed }
func (Secret) GoString() string             { return concealed }
func (Secret) Format(f fmt.State, _ rune)   { _, _ = io.WriteString(f, concealed) }
func (Secret) LogValue() slog.Value         { return slog.StringValue(concealed) }
func (Secret) MarshalText() ([]byte, error) { return []byte(concealed), nil }
func (Secret) MarshalJSON() ([]byte, error) { return json.Marshal(concealed) }

// UnmarshalJSON takes a value that somebody enters: it is a Secret as soon as it arrives. The error does not repeat it.
func (s *Secret) UnmarshalJSON(b []byte) error {
	var value string
	if json.Unmarshal(b, &value) != nil {
		return errors.New("the value of a secret is a string")
	}
	*s = NewSecret(value)
	return nil
}

// MarshalBinary keeps gob from looking inside.
func (Secret) MarshalBinary() ([]byte, error) { return []byte(concealed), nil }
