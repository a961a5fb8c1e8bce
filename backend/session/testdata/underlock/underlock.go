// Package underlock has ports that are called under a lock, for the test that finds them.
package underlock

import "sync"

type Engine interface{ Stop() error }

type Store interface{ Save() error }

type Config struct {
	Engine Engine
	Store  Store
	Room   func() int
	Now    func() int
}

type Manager struct {
	Config
	writing sync.Mutex
	mu      sync.Mutex
	wg      sync.WaitGroup
}

func (m *Manager) update(f func()) {
	m.writing.Lock()
	defer m.writing.Unlock()
	_ = m.Store.Save()
	f()
}

func (m *Manager) set(f func(n int)) { m.update(func() { f(1) }) }

func (m *Manager) helper() { _ = m.Engine.Stop() }

func (m *Manager) middle() { m.helper() }

// What is wrong.

func (m *Manager) direct() {
	m.writing.Lock()
	defer m.writing.Unlock()
	_ = m.Engine.Stop()
	m.helper()
	m.middle()
	m.Room()
}

func (m *Manager) brief() {
	m.mu.Lock()
	_ = m.Engine.Stop()
	m.mu.Unlock()
}

func (m *Manager) callback() {
	m.set(func(int) { m.helper() })
}

func (m *Manager) branch(leave bool) {
	m.mu.Lock()
	if leave {
		m.mu.Unlock()
		return
	}
	m.middle()
	m.mu.Unlock()
}

// What is right.

func (m *Manager) branches(leave bool) {
	m.mu.Lock()
	if leave {
		m.mu.Unlock()
		m.helper()
		return
	}
	m.mu.Unlock()
	defer func() {
		m.mu.Lock()
		defer m.mu.Unlock()
	}()
	m.helper()
}

func (m *Manager) before() {
	_ = m.Engine.Stop()
	m.mu.Lock()
	m.Now()
	m.mu.Unlock()
	m.helper()
}

func (m *Manager) elsewhere() {
	m.update(func() {
		_ = m.Store.Save()
		m.wg.Go(m.helper)
		go m.helper()
	})
	m.Room()
}

var _ = []func(*Manager){(*Manager).direct, (*Manager).brief, (*Manager).callback, (*Manager).before,
	(*Manager).elsewhere}

var _ = []func(*Manager, bool){(*Manager).branch, (*Manager).branches}
