// Package frontend embeds the built window.
package frontend

import "embed"

// Dist is the built window, below the folder dist. It holds nothing but .gitkeep until `npm run build` has run.
//
//go:embed all:dist
var Dist embed.FS
