package session

import (
	"context"
	"sync"
)

// slots limits how many sessions start or work at once. Who waits is served in order of arrival.
type slots struct {
	mu      sync.Mutex
	limit   int
	taken   int
	waiting []chan struct{}
}

func newSlots(limit int) *slots { return &slots{limit: limit} }

// resize changes the limit; what runs goes on.
func (s *slots) resize(limit int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limit = limit
	s.serve()
}

// tryAcquire takes a slot where one is free and nobody waits.
func (s *slots) tryAcquire() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.taken >= s.limit || len(s.waiting) > 0 {
		return false
	}
	s.taken++
	return true
}

// take takes a slot over the limit, for a turn that runs already.
func (s *slots) take() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken++
}

func (s *slots) acquire(ctx context.Context) error {
	s.mu.Lock()
	if s.taken < s.limit && len(s.waiting) == 0 {
		s.taken++
		s.mu.Unlock()
		return nil
	}
	turn := make(chan struct{})
	s.waiting = append(s.waiting, turn)
	s.mu.Unlock()
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, w := range s.waiting {
		if w == turn {
			s.waiting = append(s.waiting[:i:i], s.waiting[i+1:]...)
			return ctx.Err()
		}
	}
	s.taken-- // it was served while we gave up
	s.serve()
	return ctx.Err()
}

func (s *slots) release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taken--
	s.serve()
}

// serve hands free slots to who waits; the caller holds mu.
func (s *slots) serve() {
	for s.taken < s.limit && len(s.waiting) > 0 {
		close(s.waiting[0])
		s.waiting = s.waiting[1:]
		s.taken++
	}
}

// keyedMutex is a mutex for each key.
type keyedMutex struct {
	mu   sync.Mutex
	held map[string]*keyed
}

type keyed struct {
	mu    sync.Mutex
	users int
}

func (k *keyedMutex) lock(key string) (unlock func()) {
	k.mu.Lock()
	if k.held == nil {
		k.held = map[string]*keyed{}
	}
	e := k.held[key]
	if e == nil {
		e = &keyed{}
		k.held[key] = e
	}
	e.users++
	k.mu.Unlock()
	e.mu.Lock()
	return func() {
		e.mu.Unlock()
		k.mu.Lock()
		defer k.mu.Unlock()
		if e.users--; e.users == 0 {
			delete(k.held, key)
		}
	}
}
