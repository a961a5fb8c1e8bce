package session

import (
	"cmp"
	"fmt"
	"math"
)

// Limits bound one sandbox. In a project 0 means: as the settings say, and of TmpMB DefaultTmpMB.
type Limits struct {
	MemoryMB int     `json:"memoryMB"` // /tmp is part of it
	CPUs     float64 `json:"cpus"`
	TmpMB    int     `json:"tmpMB"`
}

// Bounds of what a project may set, beside those of its engine.
const (
	minMemoryMB = 512
	maxMemoryMB = 1 << 20
	minCPUs     = 0.1
	minTmpMB    = 64
)

// DefaultTmpMB is the size of /tmp in a sandbox with so much memory.
func DefaultTmpMB(memoryMB int) int { return min(1024, memoryMB/2) }

// maxTmpMB is the largest /tmp: what is left is for programs, and for /var/tmp.
func maxTmpMB(memoryMB int) int { return memoryMB / 4 * 3 }

// LimitsOf returns what a project's sandboxes get. A /tmp that fitted a larger memory becomes smaller with it.
func (s Settings) LimitsOf(p Project) Limits {
	l := Limits{MemoryMB: cmp.Or(p.Limits.MemoryMB, s.MemoryMB), CPUs: cmp.Or(p.Limits.CPUs, s.CPUs)}
	l.TmpMB = min(cmp.Or(p.Limits.TmpMB, DefaultTmpMB(l.MemoryMB)), maxTmpMB(l.MemoryMB))
	return l
}

// validLimits refuses what no sandbox can have: on this engine, as far as it has said what it has.
func (m *Manager) validLimits(l Limits) error {
	m.mu.Lock()
	engine, settings := m.engine, m.settings
	m.mu.Unlock()
	memory := cmp.Or(engine.MemoryMB, maxMemoryMB)
	cpus := cmp.Or(float64(engine.CPUs), math.MaxInt16)
	tmp := maxTmpMB(cmp.Or(l.MemoryMB, settings.MemoryMB))
	switch {
	case l.MemoryMB != 0 && l.MemoryMB < minMemoryMB:
		return newError(CodeInvalid, fmt.Sprintf("A sandbox needs %s of memory, not %s.", megabytes(minMemoryMB),
			megabytes(l.MemoryMB)), "Give it more, or 0 for the general setting.", nil)
	case l.MemoryMB > memory:
		return newError(CodeInvalid, fmt.Sprintf("A sandbox can't have %s of memory: the engine has %s.",
			megabytes(l.MemoryMB), megabytes(memory)), "Choose less, or give the engine more memory.", nil)
	case math.IsNaN(l.CPUs) || l.CPUs < 0 || l.CPUs != 0 && l.CPUs < minCPUs:
		return newError(CodeInvalid, fmt.Sprintf("A sandbox needs %g processors, not %g.", minCPUs, l.CPUs),
			"Give it more, or 0 for the general setting.", nil)
	case l.CPUs > cpus:
		return newError(CodeInvalid, fmt.Sprintf("A sandbox can't have %g processors: the engine has %g.", l.CPUs, cpus),
			"Choose fewer, or give the engine more processors.", nil)
	case l.TmpMB != 0 && l.TmpMB < minTmpMB:
		return newError(CodeInvalid, fmt.Sprintf("/tmp needs %s, not %s.", megabytes(minTmpMB), megabytes(l.TmpMB)),
			"Give it more, or 0 for the default.", nil)
	case l.TmpMB > tmp:
		return newError(CodeInvalid, fmt.Sprintf("/tmp can't have %s: it is part of the sandbox's memory, of which it may "+
			"take %s.", megabytes(l.TmpMB), megabytes(tmp)), "Choose less, or give the sandbox more memory.", nil)
	}
	return nil
}
