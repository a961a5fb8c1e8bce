package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

func TestLicensesOfAllThatIsShippedAreThere(t *testing.T) {
	t.Chdir("../..")
	if _, err := os.Stat("frontend/node_modules"); err != nil {
		t.Skip("needs the packages of the page: make modules")
	}
	var out bytes.Buffer
	if err := run(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"The Go standard library", "github.com/hashicorp/yamux v", "Mozilla Public License",
		"github.com/wailsapp/wails/v2 v",
		"github.com/docker/docker v", "github.com/wailsapp/go-webview2 v", "\nsvelte 5.", "\nmarked ",
		"\nhighlight.js ", "\nlowlight ",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it lacks %q", want)
		}
	}
	if _, err := licenses(t.TempDir()); err == nil {
		t.Error("a module without a license is not an error")
	}
	t.Chdir(t.TempDir())
	if err := run(&out); err == nil {
		t.Error("a folder without sources is not an error")
	}
}
