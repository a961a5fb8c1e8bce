package app

import (
	"encoding/json"
	"path/filepath"

	"background-agents/backend/private"
)

// Sizes in pixels.
const minWidth, minHeight = 720, 480

// Bounds are where the window is. They are kept in the data folder from one start to the next.
type Bounds struct {
	X         int  `json:"x"`
	Y         int  `json:"y"`
	Width     int  `json:"width"`
	Height    int  `json:"height"`
	Maximised bool `json:"maximised"`
}

var firstBounds = Bounds{Width: 1360, Height: 860}

// fits reports whether enough of the window would be on a screen of this size to take hold of it.
func (b Bounds) fits(width, height int) bool {
	const grip = 80
	return b.X > grip-b.Width && b.X < width-grip && b.Y >= 0 && b.Y < height-grip
}

func boundsFile(home string) string { return filepath.Join(home, "window.json") }

// loadBounds returns what was kept, or the size of a first start where that is missing or makes no sense. kept is
// false then.
func loadBounds(home string) (b Bounds, kept bool) {
	raw, err := private.ReadFile(boundsFile(home), 4096)
	if err != nil || json.Unmarshal(raw, &b) != nil {
		return firstBounds, false
	}
	if b.Width < minWidth || b.Height < minHeight || b.Width > 20_000 || b.Height > 20_000 {
		return firstBounds, false
	}
	return b, true
}

// saveBounds keeps them. What cannot be written is not worth an error: the next start has the first size.
func saveBounds(home string, b Bounds) {
	if b.Width < minWidth || b.Height < minHeight {
		return // the window was hidden
	}
	raw, err := json.Marshal(b)
	if err != nil {
		return
	}
	_ = private.WriteFile(boundsFile(home), raw)
}
