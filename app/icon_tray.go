//go:build !windows

package app

import _ "embed"

var (
	//go:embed icons/tray-idle.png
	trayIdle []byte
	//go:embed icons/tray-active.png
	trayActive []byte
	//go:embed icons/tray-needs.png
	trayNeedsYou []byte
)

// trayIcons say what the sessions do: nothing, work, or need their user.
var trayIcons = map[string][]byte{"idle": trayIdle, "active": trayActive, "needs": trayNeedsYou}
