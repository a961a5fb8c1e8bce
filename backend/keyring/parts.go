package keyring

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"

	"github.com/zalando/go-keyring"
)

// An item's text begins with what it is: a whole value, or the manifest of one in parts.
const (
	whole = "="
	split = "+"
)

// maxParts bounds what a manifest may name; the smallest items in use hold 2,000 bytes.
const maxParts = 128

// errDamaged is an item that this package did not write, or whose parts are not those that it names.
var errDamaged = errors.New("the item is not complete")

// manifest names the parts of a split value. There are two places for parts, so that a new value never overwrites
// the one that is in force.
type manifest struct {
	Slot  string `json:"slot"` // "a" or "b"
	Parts int    `json:"parts"`
	Sum   string `json:"sha256"` // of the whole value
}

func partKey(name, slot string, i int) string { return itemKey(name) + "#" + slot + strconv.Itoa(i) }

func sum(value string) string {
	s := sha256.Sum256([]byte(value))
	return hex.EncodeToString(s[:])
}

func (v *Vault) read(ctx context.Context, name string) (string, error) {
	text, err := v.ring.Get(Service, itemKey(name))
	if err != nil {
		return "", err
	}
	if text != "" && text[:1] == whole {
		return text[1:], nil
	}
	m, ok := parseManifest(text)
	if !ok {
		return "", errDamaged
	}
	return v.join(ctx, name, m)
}

func parseManifest(text string) (m manifest, ok bool) {
	if text == "" || text[:1] != split || json.Unmarshal([]byte(text[1:]), &m) != nil {
		return manifest{}, false
	}
	return m, (m.Slot == "a" || m.Slot == "b") && m.Parts > 0 && m.Parts <= maxParts
}

func (v *Vault) join(ctx context.Context, name string, m manifest) (string, error) {
	var value []byte
	for i := range m.Parts {
		if err := ctx.Err(); err != nil {
			return "", err
		}
		part, err := v.ring.Get(Service, partKey(name, m.Slot, i))
		if errors.Is(err, keyring.ErrNotFound) {
			return "", errDamaged
		}
		if err != nil {
			return "", err
		}
		value = append(value, part...)
	}
	if sum(string(value)) != m.Sum {
		return "", errDamaged
	}
	return string(value), nil
}

// write replaces a value. Up to the moment at which the item itself is replaced, the old value is in force.
func (v *Vault) write(ctx context.Context, name, value string) error {
	// Read first: where the keychain is locked, it asks here, before anything is written.
	old, err := v.ring.Get(Service, itemKey(name))
	if err != nil && !errors.Is(err, keyring.ErrNotFound) {
		return err
	}
	text, m := whole+value, manifest{}
	if len(text) > v.part {
		m = manifest{Slot: "a", Parts: (len(value) + v.part - 1) / v.part, Sum: sum(value)}
		if before, ok := parseManifest(old); ok && before.Slot == "a" {
			m.Slot = "b"
		}
		if err := v.writeParts(ctx, name, value, m); err != nil {
			_ = v.trim(ctx, name, m.Slot, 0) // else the next Set does it
			return err
		}
		b, err := json.Marshal(m)
		if err != nil {
			return fmt.Errorf("encode manifest: %w", err)
		}
		text = split + string(b)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	setErr := v.ring.Set(Service, itemKey(name), text)
	// macOS reports success for what it did not do, so what counts is what can be read.
	if now, err := v.ring.Get(Service, itemKey(name)); err != nil || now != text {
		if now == old && m.Parts > 0 {
			_ = v.trim(ctx, name, m.Slot, 0)
		}
		return errors.Join(setErr, err, errNotKept)
	}
	for _, slot := range []string{"a", "b"} {
		keep := 0
		if slot == m.Slot {
			keep = m.Parts
		}
		_ = v.trim(ctx, name, slot, keep) // the value is kept already; the next Set or Delete tidies again
	}
	return nil
}

var errNotKept = errors.New("the keychain did not keep the value")

// writeParts writes the parts and reads them back.
func (v *Vault) writeParts(ctx context.Context, name, value string, m manifest) error {
	for i := range m.Parts {
		if err := ctx.Err(); err != nil {
			return err
		}
		part := value[i*v.part : min((i+1)*v.part, len(value))]
		if err := v.ring.Set(Service, partKey(name, m.Slot, i), part); err != nil {
			return fmt.Errorf("write part %d of %d: %w", i+1, m.Parts, err)
		}
	}
	_, err := v.join(ctx, name, m)
	return err
}

// remove deletes the item first, so that the value is gone at once, and then every part.
func (v *Vault) remove(ctx context.Context, name string) error {
	if err := v.ring.Delete(Service, itemKey(name)); err != nil && !errors.Is(err, keyring.ErrNotFound) {
		return err
	}
	return errors.Join(v.trim(ctx, name, "a", 0), v.trim(ctx, name, "b", 0))
}

// trim deletes a slot's parts from number `from` on. They have no gap there, and the last goes first, so that this
// stays true when it is cut off.
func (v *Vault) trim(ctx context.Context, name, slot string, from int) error {
	end := from
	for ; end < maxParts; end++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		if _, err := v.ring.Get(Service, partKey(name, slot, end)); errors.Is(err, keyring.ErrNotFound) {
			break
		} else if err != nil {
			return err
		}
	}
	for i := end - 1; i >= from; i-- {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := v.ring.Delete(Service, partKey(name, slot, i)); err != nil && !errors.Is(err, keyring.ErrNotFound) {
			return err
		}
	}
	return nil
}
