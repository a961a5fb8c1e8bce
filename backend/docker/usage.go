package docker

import (
	"context"
	"encoding/json"
	"sync"
	"time"

	"github.com/docker/docker/api/types/container"
)

// The engine takes about a second to measure a container, and its first use of processors takes two measurements. Who
// asks waits usageWait for a figure that is fresh (usageFresh), and gets an older one where that takes longer; the
// measurement ends after usageLimit.
const (
	usageFresh = 5 * time.Second
	usageWait  = 3 * time.Second
	usageLimit = 10 * time.Second // for one measurement
	usageKept  = 256              // containers remembered; the one asked for longest ago goes first
)

// usage knows what containers use.
type usage struct {
	mu      sync.Mutex
	samples map[string]*sample // by container id
	running sync.WaitGroup
}

type sample struct {
	memoryMB int
	cpu      float64       // percent of one core
	spent    uint64        // processor time so far, in nanoseconds
	at       time.Time     // of the measurement, by the engine's clock
	taken    time.Time     // of the measurement, by ours
	asked    time.Time     // last
	busy     chan struct{} // closed when the measurement under way is done; nil when there is none
}

// of returns what the container uses, as far as it is known.
func (u *usage) of(ctx context.Context, api *calls, id string) (memoryMB int, cpu float64) {
	u.mu.Lock()
	s := u.samples[id]
	if s == nil {
		s = u.add(id)
	}
	s.asked = time.Now()
	if time.Since(s.taken) > usageFresh && s.busy == nil {
		s.busy = make(chan struct{})
		u.running.Go(func() { u.measure(api, id, s) })
	}
	busy := s.busy
	u.mu.Unlock()

	if busy != nil {
		select {
		case <-busy:
		case <-time.After(usageWait):
		case <-ctx.Done():
		}
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	return s.memoryMB, s.cpu
}

func (u *usage) add(id string) *sample {
	if u.samples == nil {
		u.samples = map[string]*sample{}
	}
	if len(u.samples) >= usageKept {
		var oldest string
		for id, s := range u.samples {
			if oldest == "" || s.asked.Before(u.samples[oldest].asked) {
				oldest = id
			}
		}
		delete(u.samples, oldest)
	}
	s := &sample{}
	u.samples[id] = s
	return s
}

func (u *usage) measure(api *calls, id string, s *sample) {
	ctx, cancel := context.WithTimeout(context.Background(), usageLimit)
	defer cancel()
	err := u.once(ctx, api, id, s)
	if err == nil && s.cpu == 0 {
		err = u.once(ctx, api, id, s) // processor use needs two
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	close(s.busy)
	s.busy = nil
	if err != nil {
		delete(u.samples, id)
	}
}

func (u *usage) once(ctx context.Context, api *calls, id string, s *sample) error {
	r, err := api.ContainerStatsOneShot(ctx, id)
	if err != nil {
		return err
	}
	defer r.Body.Close()
	var got container.StatsResponse
	if err := json.NewDecoder(r.Body).Decode(&got); err != nil {
		return err
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	s.memoryMB = int(memoryUse(got.MemoryStats) >> 20)
	spent := got.CPUStats.CPUUsage.TotalUsage
	if passed := got.Read.Sub(s.at); s.spent != 0 && spent >= s.spent && passed > 0 {
		s.cpu = 100 * float64(spent-s.spent) / float64(passed.Nanoseconds())
	}
	s.spent, s.at, s.taken = spent, got.Read, time.Now()
	return nil
}

// memoryUse leaves out the file cache that the kernel gives back on demand, as `docker stats` does.
func memoryUse(m container.MemoryStats) uint64 {
	for _, name := range []string{"total_inactive_file", "inactive_file"} { // cgroup v1, v2
		if cache, ok := m.Stats[name]; ok && cache < m.Usage {
			return m.Usage - cache
		}
	}
	return m.Usage
}

// wait returns when no measurement is under way.
func (u *usage) wait() { u.running.Wait() }
