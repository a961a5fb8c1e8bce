//go:build bindings || (darwin && !cgo)

package app

// noTray stands in where the program is only type-checked, or its bindings generated.
type noTray struct{}

func newTrayBar() trayBar { return noTray{} }

func (noTray) start(func(trayAction)) {}
func (noTray) show(trayView)          {}
func (noTray) stop()                  {}
func (noTray) present() bool          { return false }
