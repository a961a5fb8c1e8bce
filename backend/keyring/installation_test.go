package keyring

import (
	"testing"

	"background-agents/backend/session"
)

// of returns the Vault of an installation on the same ring.
func (v *Vault) of(c Config) *Vault {
	o := Open(c)
	o.ring, o.part, o.usable = v.ring, v.part, v.usable
	return o
}

func missing(t *testing.T, v *Vault, name string) {
	t.Helper()
	if _, err := v.Get(t.Context(), name); session.CodeOf(err) != session.CodeNotFound {
		t.Errorf("%s: %v", name, err)
	}
}

// installationsAreApart is what every ring must show: v is a Vault as it was before items had an installation's name.
func installationsAreApart(t *testing.T, v *Vault) {
	const name = "provider/openai"
	ctx := t.Context()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	long := value("old", 3*2400) // in parts, where an item is small
	must(v.Set(ctx, name, long))
	must(v.Set(ctx, "secret/global/A", value("a", 9)))
	usual, other := v.of(Config{Installation: "11111111", Adopt: true}), v.of(Config{Installation: "22222222"})

	missing(t, other, name)
	must(other.Set(ctx, name, value("other", 20)))
	must(other.Delete(ctx, "secret/global/A"))
	mustHave(t, v, name, long)

	mustHave(t, usual, name, long)
	missing(t, v, name) // it was moved
	mustHave(t, usual, name, long)
	mustHave(t, other, name, value("other", 20))

	must(usual.Delete(ctx, "secret/global/A")) // never asked for before
	missing(t, usual, "secret/global/A")
	missing(t, v, "secret/global/A")

	must(v.Set(ctx, name, value("older", 9)))
	must(usual.Set(ctx, name, value("new", 9)))
	must(usual.Delete(ctx, name))
	missing(t, usual, name) // what it replaced does not come back
	mustHave(t, other, name, value("other", 20))
	must(other.Delete(ctx, name))
}

func TestInstallationsAreApart(t *testing.T) {
	for _, part := range []int{itemSize, 2400} {
		installationsAreApart(t, newVault(&memory{items: map[string]string{}}, part))
	}
}

// A keychain that keeps nothing more gives what it has all the same.
func TestOldSecretIsReadWhereItCannotBeMoved(t *testing.T) {
	m := &memory{items: map[string]string{}}
	v := newVault(m, itemSize)
	if err := v.Set(t.Context(), "secret/global/A", value("a", 9)); err != nil {
		t.Fatal(err)
	}
	m.diesAt = m.changes + 1
	usual := v.of(Config{Installation: "11111111", Adopt: true})
	mustHave(t, usual, "secret/global/A", value("a", 9))
	mustHave(t, usual, "secret/global/A", value("a", 9))
}

// A secret that an earlier version kept under another name of the installation is adopted, and nobody else's is.
func TestSecretsOfAFormerNameAreAdopted(t *testing.T) {
	v, ctx := newVault(&memory{items: map[string]string{}}, itemSize), t.Context()
	former, stranger := v.of(Config{Installation: "11111111"}), v.of(Config{Installation: "22222222"})
	for name, at := range map[string]*Vault{"secret/global/A": former, "secret/global/B": former, "secret/global/C": stranger, "secret/global/D": v} {
		if err := at.Set(ctx, name, value(name, 20)); err != nil {
			t.Fatal(err)
		}
	}
	now := v.of(Config{Installation: "0123456789abcdef01234567", Former: "11111111"})
	mustHave(t, now, "secret/global/A", value("secret/global/A", 20))
	missing(t, former, "secret/global/A") // it was moved
	mustHave(t, now, "secret/global/A", value("secret/global/A", 20))
	if err := now.Delete(ctx, "secret/global/B"); err != nil {
		t.Fatal(err)
	}
	missing(t, now, "secret/global/B")
	missing(t, former, "secret/global/B")
	missing(t, now, "secret/global/C")
	missing(t, now, "secret/global/D")
	all := v.of(Config{Installation: "0123456789abcdef01234567", Former: "11111111", Adopt: true})
	mustHave(t, all, "secret/global/D", value("secret/global/D", 20))
}
