package keyring

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/zalando/go-keyring"

	"background-agents/backend/session"
)

// memory is a ring that can fail, stop for good, or wait, before its n-th change.
type memory struct {
	mu      sync.Mutex
	items   map[string]string
	largest int // bytes an item takes; 0 for any
	changes int
	failAt  int           // this change fails; 0 never
	diesAt  int           // this change and all after it fail, as if the process had ended
	wait    chan struct{} // each call waits for it; nil for none
	waiting chan struct{} // told when a call waits
}

var errFails = errors.New("the ring fails")

func (m *memory) enter() func() {
	if m.wait != nil {
		m.waiting <- struct{}{}
		<-m.wait
	}
	m.mu.Lock()
	return m.mu.Unlock
}

func (m *memory) changed() error {
	m.changes++
	if m.changes == m.failAt || m.diesAt > 0 && m.changes >= m.diesAt {
		return errFails
	}
	return nil
}

func (m *memory) Get(_, user string) (string, error) {
	defer m.enter()()
	if text, ok := m.items[user]; ok {
		return text, nil
	}
	return "", keyring.ErrNotFound
}

func (m *memory) Set(_, user, value string) error {
	defer m.enter()()
	if m.largest > 0 && len(value) > m.largest {
		return keyring.ErrSetDataTooBig
	}
	if err := m.changed(); err != nil {
		return err
	}
	m.items[user] = value
	return nil
}

func (m *memory) Delete(_, user string) error {
	defer m.enter()()
	if err := m.changed(); err != nil {
		return err
	}
	if _, ok := m.items[user]; !ok {
		return keyring.ErrNotFound
	}
	delete(m.items, user)
	return nil
}

func newVault(r ring, part int) *Vault {
	return &Vault{ring: r, part: part, limit: Limit, usable: func(context.Context, bool) error { return nil }, turn: make(chan struct{}, 1)}
}

// value has n bytes of every kind, in which no part equals another.
func value(seed string, n int) Secret {
	b := make([]byte, n)
	_, _ = rand.NewChaCha8(sha256.Sum256([]byte(seed))).Read(b)
	return session.NewSecret(string(b))
}

func mustHave(t *testing.T, v *Vault, name string, want Secret) {
	t.Helper()
	got, err := v.Get(t.Context(), name)
	if err != nil || !got.Same(want) {
		t.Fatalf("%s: have %d bytes (%v), want %d", name, len(got.Reveal()), err, len(want.Reveal()))
	}
}

func TestValuesOfEverySizeComeBack(t *testing.T) {
	m := &memory{items: map[string]string{}, largest: 110}
	v := newVault(m, 100)
	for _, n := range []int{1, 98, 99, 100, 101, 199, 200, 201, 5000, 100, 1, 300, 12000, 30} {
		want := value(fmt.Sprint(n), n)
		if err := v.Set(t.Context(), "project/a", want); err != nil {
			t.Fatal(n, err)
		}
		mustHave(t, v, "project/a", want)
		items := 1
		if n+1 > 100 {
			items += (n + 99) / 100
		}
		if len(m.items) != items {
			t.Errorf("%d bytes take %d items, want %d: %v", n, len(m.items), items, slices.Sorted(maps.Keys(m.items)))
		}
	}
	if err := v.Delete(t.Context(), "project/a"); err != nil || len(m.items) != 0 {
		t.Errorf("after Delete: %v %v", err, m.items)
	}
	if _, err := v.Get(t.Context(), "project/a"); session.CodeOf(err) != session.CodeNotFound {
		t.Errorf("after Delete: %v", err)
	}
}

// Every possible place at which a Set fails or is cut off: the old value or the new one is there, whole, and the next
// Set leaves nothing behind.
func TestSetThatFailsLeavesOneWholeValue(t *testing.T) {
	sizes := []int{40, 350, 900}
	for _, oldSize := range sizes {
		for _, newSize := range sizes {
			for _, dies := range []bool{false, true} {
				for at := 1; at < 40; at++ {
					m := &memory{items: map[string]string{}, largest: 110}
					v := newVault(m, 100)
					before, after := value("old", oldSize), value("new", newSize)
					// Twice, so that either slot is in use.
					for range at % 3 {
						if err := v.Set(t.Context(), "s", before); err != nil {
							t.Fatal(err)
						}
					}
					had := at%3 > 0
					m.changes, m.failAt = 0, at
					if dies {
						m.diesAt = at
					}
					err := v.Set(t.Context(), "s", after)
					m.failAt, m.diesAt = 0, 0
					switch {
					case err == nil:
						mustHave(t, v, "s", after)
					case had:
						mustHave(t, v, "s", before)
					default:
						if _, err := v.Get(t.Context(), "s"); session.CodeOf(err) != session.CodeNotFound {
							t.Fatalf("a value out of nothing: %v", err)
						}
					}
					if err := v.Set(t.Context(), "s", before); err != nil {
						t.Fatal(err)
					}
					mustHave(t, v, "s", before)
					if want := 1 + (oldSize/100+1)*min(1, oldSize/100); len(m.items) > want {
						t.Fatalf("old %d new %d at %d: orphans: %v", oldSize, newSize, at, slices.Sorted(maps.Keys(m.items)))
					}
				}
			}
		}
	}
}

func TestDeleteThatIsCutOffIsFinishedByTheNext(t *testing.T) {
	for at := 1; at < 12; at++ {
		m := &memory{items: map[string]string{}, largest: 110}
		v := newVault(m, 100)
		if err := v.Set(t.Context(), "s", value("x", 800)); err != nil {
			t.Fatal(err)
		}
		m.changes, m.diesAt = 0, at
		_ = v.Delete(t.Context(), "s")
		m.diesAt = 0
		if at > 1 {
			if _, err := v.Get(t.Context(), "s"); session.CodeOf(err) != session.CodeNotFound {
				t.Fatalf("half deleted, yet read: %v", err)
			}
		}
		if err := v.Delete(t.Context(), "s"); err != nil || len(m.items) > 0 {
			t.Fatalf("at %d: %v, left %v", at, err, m.items)
		}
	}
}

func TestDamagedItemsAreSaidToBe(t *testing.T) {
	for name, damage := range map[string]func(m map[string]string){
		"part missing":     func(m map[string]string) { delete(m, "s#a1") },
		"part changed":     func(m map[string]string) { m["s#a1"] = "other" },
		"parts exchanged":  func(m map[string]string) { m["s#a0"], m["s#a1"] = m["s#a1"], m["s#a0"] },
		"manifest foreign": func(m map[string]string) { m["s"] = "hunter2" },
		"manifest empty":   func(m map[string]string) { m["s"] = "" },
		"manifest huge":    func(m map[string]string) { m["s"] = `+{"slot":"a","parts":1000000000,"sha256":""}` },
		"manifest strange": func(m map[string]string) { m["s"] = `+{"slot":"../x","parts":1,"sha256":""}` },
	} {
		m := &memory{items: map[string]string{}, largest: 110}
		v := newVault(m, 100)
		if err := v.Set(t.Context(), "s", value("x", 350)); err != nil {
			t.Fatal(err)
		}
		damage(m.items)
		if _, err := v.Get(t.Context(), "s"); session.CodeOf(err) != session.CodeKeychain {
			t.Errorf("%s: %v", name, err)
		}
		want := value("again", 250)
		if err := v.Set(t.Context(), "s", want); err != nil {
			t.Errorf("%s: cannot be entered again: %v", name, err)
		}
		mustHave(t, v, "s", want)
	}
}

func TestKeychainThatWaitsForItsUserIsSlowAndChangesNothingLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := &memory{items: map[string]string{"s": "=old"}, wait: make(chan struct{}), waiting: make(chan struct{}, 99)}
		v := newVault(m, 100)
		begun := time.Now()
		if err := v.Set(t.Context(), "s", value("new", 20)); session.CodeOf(err) != session.CodeKeychainSlow {
			t.Fatal(err)
		}
		_, err := v.Get(t.Context(), "s")
		if known := session.AsError(err); known.Code != session.CodeKeychainSlow || known.Message != "The keychain did not answer within 5 seconds." {
			t.Fatal(known)
		}
		if took := time.Since(begun); took != 2*Limit {
			t.Errorf("two calls took %v", took)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := v.Get(ctx, "s"); session.CodeOf(err) != session.CodeCancelled {
			t.Errorf("cancelled: %v", err)
		}
		if len(m.waiting) != 1 {
			t.Errorf("%d calls wait at the keychain, want 1", len(m.waiting))
		}
		close(m.wait) // the user answers the prompt, too late
		synctest.Wait()
		if m.items["s"] != "=old" || m.changes != 0 {
			t.Errorf("a Set that failed has changed something: %v", m.items)
		}
		mustHave(t, v, "s", session.NewSecret("old"))
	})
}

func TestCloseWaitsForTheCallThatIsUnderWay(t *testing.T) {
	for _, c := range []struct{ answers, closes time.Duration }{{0, 0}, {300 * time.Millisecond, 300 * time.Millisecond}, {time.Minute, parting}} {
		synctest.Test(t, func(t *testing.T) {
			m := &memory{wait: make(chan struct{}), waiting: make(chan struct{}, 99)}
			v := newVault(m, 100)
			time.AfterFunc(c.answers, func() { close(m.wait) })
			go func() { _, _ = v.Get(t.Context(), "s") }()
			<-m.waiting
			begun := time.Now()
			if err := v.Close(); err != nil || time.Since(begun) != c.closes {
				t.Errorf("a keychain that answers after %v: closed after %v, %v", c.answers, time.Since(begun), err)
			}
			time.Sleep(time.Minute)
		})
	}
}

func TestNamesAndSizesOutOfBoundsAreRefused(t *testing.T) {
	v := newVault(&memory{items: map[string]string{}}, 100)
	for _, name := range []string{"", "a b", "a\nb", "a#a0", "-x", "../x\x00", "ä", strings.Repeat("n", 129)} {
		if err := v.Set(t.Context(), name, value("x", 3)); session.CodeOf(err) != session.CodeInvalid {
			t.Errorf("%q: %v", name, err)
		}
		if _, err := v.Get(t.Context(), name); session.CodeOf(err) != session.CodeInvalid {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, n := range []int{0, MaxValue + 1} {
		if err := v.Set(t.Context(), "x", value("x", n)); session.CodeOf(err) != session.CodeInvalid {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
}

func TestOneVaultServesManyAtOnce(t *testing.T) {
	v := newVault(&memory{items: map[string]string{}, largest: 110}, 100)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for n := range 20 {
				name, want := fmt.Sprint("s", i), value(fmt.Sprint(i, n), 50+100*(n%4))
				if err := v.Set(t.Context(), name, want); err != nil {
					t.Error(err)
				}
				if got, err := v.Get(t.Context(), name); err != nil || !got.Same(want) {
					t.Error("mixed up", err)
				}
			}
		})
	}
	wg.Wait()
}
