// Command barewindow is a Wails window with one line in it: the floor that the start of the real one is measured against.
package main

import (
	"embed"
	"log"

	"github.com/wailsapp/wails/v2"
	"github.com/wailsapp/wails/v2/pkg/options"
	"github.com/wailsapp/wails/v2/pkg/options/assetserver"
	"github.com/wailsapp/wails/v2/pkg/options/linux"
)

//go:embed dist
var dist embed.FS

func main() {
	err := wails.Run(&options.App{
		Title: "Bare window", Width: 1280, Height: 820,
		AssetServer: &assetserver.Options{Assets: dist},
		Linux:       &linux.Options{WebviewGpuPolicy: linux.WebviewGpuPolicyNever},
	})
	if err != nil {
		log.Fatal(err)
	}
}
