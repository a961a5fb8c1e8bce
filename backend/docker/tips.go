package docker

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"background-agents/backend/private"
)

// maxTips bounds how many tips of a volume are remembered. An older one is still in the mirror; when it is asked for
// again, an almost empty bundle brings it back to mind.
const maxTips = 64

// maxTipsFile bounds the file of all volumes in bytes.
const maxTipsFile = 64 << 20

// tips remembers what volumes hold, mirrors their commits and tools their digest, in a small file, so that a session's
// start asks no container.
type tips struct {
	path string
	mu   sync.Mutex
}

// holding is what one volume holds. Volume is the random name that the volume was given in its label: one that was
// removed and recreated, or lies on another engine, has another.
type holding struct {
	Volume string   `json:"volume"`
	Tips   []string `json:"tips"`
}

func (t *tips) of(key string) (holding, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	all, err := t.load()
	return all[key], err
}

// add remembers a tip of the volume; what was known of another one of the same key is forgotten.
func (t *tips) add(key, volume, tip string) error {
	return t.change(func(all map[string]holding) {
		m := all[key]
		if m.Volume != volume {
			m = holding{Volume: volume}
		}
		m.Tips = append(slices.DeleteFunc(m.Tips, func(s string) bool { return s == tip }), tip)
		m.Tips = m.Tips[max(0, len(m.Tips)-maxTips):]
		all[key] = m
	})
}

func (t *tips) forget(key string) error {
	return t.change(func(all map[string]holding) { delete(all, key) })
}

func (t *tips) change(f func(map[string]holding)) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	all, err := t.load()
	if err != nil {
		return err
	}
	f(all)
	b, err := json.MarshalIndent(all, "", "\t")
	if err != nil {
		return err
	}
	if err = os.MkdirAll(filepath.Dir(t.path), 0o700); err == nil {
		err = private.WriteFile(t.path, b)
	}
	if err != nil {
		return fmt.Errorf("remember what volumes hold: %w", err)
	}
	return nil
}

// load reads the file. One that cannot be understood says nothing: the volumes are then filled again.
func (t *tips) load() (map[string]holding, error) {
	all := map[string]holding{}
	b, err := private.ReadFile(t.path, maxTipsFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return all, nil
	case err != nil:
		return nil, fmt.Errorf("read what volumes hold: %w", err)
	}
	if json.Unmarshal(b, &all) != nil || all == nil {
		return map[string]holding{}, nil //nolint:nilerr // a file that is damaged says nothing: the volumes are filled again
	}
	return all, nil
}
