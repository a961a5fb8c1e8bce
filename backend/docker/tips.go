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
	"background-agents/backend/session"
)

// maxTips bounds how many tips of a mirror are remembered. An older one is still in the mirror; when it is asked for
// again, an almost empty bundle brings it back to mind.
const maxTips = 64

// maxTipsFile bounds the file of all mirrors in bytes.
const maxTipsFile = 64 << 20

// tips remembers what the mirrors hold, in a small file, so that a session's start asks no container.
type tips struct {
	path string
	mu   sync.Mutex
}

// mirrorTips is what one mirror volume holds. Volume is the random name that the volume was given in its label: one
// that was removed and recreated, or lies on another engine, has another.
type mirrorTips struct {
	Volume string   `json:"volume"`
	Tips   []string `json:"tips"`
}

func (t *tips) of(p session.ProjectID) (mirrorTips, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	all, err := t.load()
	return all[p], err
}

// add remembers a tip of the volume; what was known of another volume of the project is forgotten.
func (t *tips) add(p session.ProjectID, volume, tip string) error {
	return t.change(func(all map[session.ProjectID]mirrorTips) {
		m := all[p]
		if m.Volume != volume {
			m = mirrorTips{Volume: volume}
		}
		m.Tips = append(slices.DeleteFunc(m.Tips, func(s string) bool { return s == tip }), tip)
		m.Tips = m.Tips[max(0, len(m.Tips)-maxTips):]
		all[p] = m
	})
}

func (t *tips) forget(p session.ProjectID) error {
	return t.change(func(all map[session.ProjectID]mirrorTips) { delete(all, p) })
}

func (t *tips) change(f func(map[session.ProjectID]mirrorTips)) error {
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
		return fmt.Errorf("remember what the mirrors hold: %w", err)
	}
	return nil
}

// load reads the file. One that cannot be understood says nothing: the mirrors are then filled again.
func (t *tips) load() (map[session.ProjectID]mirrorTips, error) {
	all := map[session.ProjectID]mirrorTips{}
	b, err := private.ReadFile(t.path, maxTipsFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return all, nil
	case err != nil:
		return nil, fmt.Errorf("read what the mirrors hold: %w", err)
	}
	if json.Unmarshal(b, &all) != nil || all == nil {
		return map[session.ProjectID]mirrorTips{}, nil //nolint:nilerr // a file that is damaged says nothing: the mirrors are filled again
	}
	return all, nil
}
