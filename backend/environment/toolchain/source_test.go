package toolchain

import (
	"bytes"
	"errors"
	"net/http"
	"os"
	"runtime"
	"strconv"
	"testing"

	"background-agents/backend/session"
)

func each(t *testing.T, test func(t *testing.T, m maker)) {
	for _, m := range makers {
		t.Run(m.name, func(t *testing.T) { test(t, m) })
	}
}

func TestAGoodArchiveIsFetched(t *testing.T) {
	each(t, func(t *testing.T, m maker) {
		digests := map[string]bool{}
		for _, arch := range []string{AMD64, ARM64} {
			s := newStandIn(t)
			r := m.offer(t, s, AMD64, ARM64)
			f := s.fetcher(t)
			var read, whole int64
			f.Progress = func(r, w int64) { read, whole = r, w }
			got, err := f.FetchRelease(t.Context(), "Tool", r, arch)
			if err != nil {
				t.Fatalf("%v: %v", err, session.AsError(err).Err)
			}
			if len(got.Parts) != m.parts {
				t.Fatalf("%d parts, want %d", len(got.Parts), m.parts)
			}
			var bytesRead int64
			for _, p := range got.Parts {
				published := false
				body, err := os.ReadFile(p.Path)
				for _, archive := range s.archives {
					published = published || bytes.Equal(archive, body)
				}
				info, _ := os.Stat(p.Path)
				if err != nil || !published || p.Size != int64(len(body)) || p.Checksum == "" || p.Format == "" ||
					runtime.GOOS != "windows" && info.Mode().Perm() != 0o600 {
					t.Fatalf("%+v, %v, %v", p, info.Mode(), err)
				}
				bytesRead += p.Size
			}
			if read != bytesRead || whole != bytesRead {
				t.Errorf("progress ended at %d of %d, want %d", read, whole, bytesRead)
			}
			digests[got.Digest] = true
			if err := got.Remove(); err != nil || len(leftovers(t, f)) > 0 {
				t.Errorf("left behind: %v, %v", leftovers(t, f), err)
			}
		}
		if len(digests) != 2 {
			t.Errorf("digests of two processors: %v", digests)
		}
	})
}

func TestAnArchiveWithOneOtherByteIsRefused(t *testing.T) {
	each(t, func(t *testing.T, m maker) {
		s := newStandIn(t)
		r := m.offer(t, s, AMD64, ARM64)
		s.onArchive = func(w http.ResponseWriter, body []byte) bool {
			changed := bytes.Clone(body)
			changed[len(changed)/3] ^= 1
			_, _ = w.Write(changed)
			return true
		}
		told := refusedAs(t, s.fetcher(t), r, AMD64, session.CodeToolRefused)
		want := "The archive of Tool " + r.Version + " is not the one its maker published: its checksum differs."
		if told.Message != want {
			t.Errorf("%q", told.Message)
		}
	})
}

func TestATruncatedArchiveIsRefused(t *testing.T) {
	each(t, func(t *testing.T, m maker) {
		for name, c := range map[string]struct {
			length func(body []byte) int
			code   session.Code
		}{
			"the connection ends early": {func(body []byte) int { return len(body) }, session.CodeTool},
			"the length says so":        {func(body []byte) int { return len(body) / 2 }, session.CodeToolRefused},
		} {
			t.Run(name, func(t *testing.T) {
				s := newStandIn(t)
				r := m.offer(t, s, AMD64, ARM64)
				s.onArchive = func(w http.ResponseWriter, body []byte) bool {
					w.Header().Set("Content-Length", strconv.Itoa(c.length(body)))
					_, _ = w.Write(body[:len(body)/2])
					return true
				}
				refusedAs(t, s.fetcher(t), r, AMD64, c.code)
			})
		}
	})
}

func TestAnArchiveForAnotherProcessorIsNotTaken(t *testing.T) {
	each(t, func(t *testing.T, m maker) {
		if m.oneFile {
			return // one archive is for all
		}
		for arch, other := range map[string]string{AMD64: ARM64, ARM64: AMD64} {
			s := newStandIn(t)
			refusedAs(t, s.fetcher(t), m.offer(t, s, other), arch, session.CodeNotFound)
		}
	})
}

func TestAnUnknownProcessorIsRefused(t *testing.T) {
	each(t, func(t *testing.T, m maker) {
		s := newStandIn(t)
		refusedAs(t, s.fetcher(t), m.offer(t, s, AMD64, ARM64), "riscv64", session.CodeNotFound)
	})
}

// The other host has the same bytes, so the checksum does not show that the redirect was followed.
func TestARedirectToAnotherHostIsRefused(t *testing.T) {
	each(t, func(t *testing.T, m maker) {
		for name, to := range map[string]string{
			"another host":     "https://evil.example.net/archive",
			"another port":     "https://github.com:8443/archive",
			"not https":        "http://github.com/archive",
			"with a user name": "https://user@github.com/archive",
			"a similar name":   "https://github.com.example.net/archive",
		} {
			t.Run(name, func(t *testing.T) {
				for _, of := range []string{"archive", "index"} {
					s := newStandIn(t)
					r := m.offer(t, s, AMD64, ARM64)
					followed := false
					redirect := func(w http.ResponseWriter, body []byte) bool {
						for _, host := range []string{"evil.example.net", "github.com:8443", "github.com", "github.com.example.net"} {
							s.handlers[host+"/archive"] = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
								followed = true
								_, _ = w.Write(body)
							})
						}
						w.Header().Set("Location", to)
						w.WriteHeader(http.StatusFound)
						s.onArchive, s.onIndex = nil, nil
						return true
					}
					if of == "archive" {
						s.onArchive = redirect
					} else {
						s.onIndex = redirect
					}
					refusedAs(t, s.fetcher(t), r, AMD64, session.CodeToolRefused)
					if followed {
						t.Errorf("the %s was followed", of)
					}
				}
			})
		}
	})
}

func TestABadIndexIsRefused(t *testing.T) {
	answers := map[string]func(w http.ResponseWriter, body []byte) bool{
		"a page": func(w http.ResponseWriter, _ []byte) bool {
			_, _ = w.Write([]byte("<!DOCTYPE html>\n<html><title>Log in to the network</title></html>\n"))
			return true
		},
		"nothing": func(http.ResponseWriter, []byte) bool { return true },
		"{}":      func(w http.ResponseWriter, _ []byte) bool { _, _ = w.Write([]byte("{}")); return true },
		"huge":    func(w http.ResponseWriter, _ []byte) bool { _, _ = w.Write(make([]byte, maxIndex+1)); return true },
		"not text": func(w http.ResponseWriter, _ []byte) bool {
			_, _ = w.Write([]byte{0, 1, 2, 0xff, '\n', 0})
			return true
		},
	}
	each(t, func(t *testing.T, m maker) {
		for name, answer := range answers {
			t.Run(name, func(t *testing.T) {
				s := newStandIn(t)
				r := m.offer(t, s, AMD64, ARM64)
				s.onIndex = answer
				if _, ok := r.Source.(dotnetSDK); ok && name == "{}" {
					refusedAs(t, s.fetcher(t), r, AMD64, session.CodeNotFound) // it names no version
					return
				}
				told := refusedAs(t, s.fetcher(t), r, AMD64, session.CodeToolRefused)
				if large := errors.Is(told, errTooLarge); large != (name == "huge") {
					t.Errorf("%v", told.Err)
				}
			})
		}
	})
}

func TestAVersionThatTheMakerDoesNotHaveIsNotFound(t *testing.T) {
	each(t, func(t *testing.T, m maker) {
		s := newStandIn(t)
		r := m.offer(t, s, AMD64, ARM64)
		r.Version = "10.9.999"
		if _, ok := r.Source.(adoptium); ok {
			r.Source = adoptium("jdk-10.9.999")
		}
		refusedAs(t, s.fetcher(t), r, AMD64, session.CodeNotFound)
	})
}

func TestAnArchiveThatIsTooLargeIsRefused(t *testing.T) {
	each(t, func(t *testing.T, m maker) {
		for name, length := range map[string]bool{"with its length": true, "without": false} {
			t.Run(name, func(t *testing.T) {
				s := newStandIn(t)
				r := m.offer(t, s, AMD64, ARM64)
				r.Max = 100
				s.onArchive = func(w http.ResponseWriter, body []byte) bool {
					if !length {
						w.(http.Flusher).Flush()
					}
					_, _ = w.Write(body)
					return true
				}
				if told := refusedAs(t, s.fetcher(t), r, AMD64, session.CodeToolRefused); !errors.Is(told, errTooLarge) {
					t.Errorf("%v", told.Err)
				}
			})
		}
	})
}
