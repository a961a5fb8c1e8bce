package app

import _ "embed"

var (
	//go:embed icons/tray-idle.ico
	trayIdle []byte
	//go:embed icons/tray-active.ico
	trayActive []byte
	//go:embed icons/tray-needs.ico
	trayNeedsYou []byte
)

// trayIcons say what the sessions do: nothing, work, or need their user.
var trayIcons = map[string][]byte{"idle": trayIdle, "active": trayActive, "needs": trayNeedsYou}
