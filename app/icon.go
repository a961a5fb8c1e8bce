package app

import _ "embed"

// The icons are drawn in build/icons and rendered by `build/icons/render.sh`.

//go:embed icons/app.png
var icon []byte
