//go:build webkit2_41 && (production || dev)

package app

/*
#cgo pkg-config: gtk+-3.0
#include <gtk/gtk.h>
*/
import "C"

import (
	"os"
	"path/filepath"
	"runtime"
)

// keepWebKitIn makes WebKit keep its data and its cache below the application's data folder, each below a folder that has
// the program's name. WebKit has no option for this: it asks GLib, and GLib reads the environment once. So the variables
// are set for that one question only, and programs that are started later don't inherit them. It must come before GTK's start.
func keepWebKitIn(home string) {
	ask := func(variable, folder string, glib func()) {
		old, had := os.LookupEnv(variable)
		_ = os.Setenv(variable, filepath.Join(home, "webkit", folder)) // the name is valid
		glib()
		if had {
			_ = os.Setenv(variable, old)
		} else {
			_ = os.Unsetenv(variable)
		}
	}
	ask("XDG_DATA_HOME", "data", func() { C.g_get_user_data_dir() })
	ask("XDG_CACHE_HOME", "cache", func() { C.g_get_user_cache_dir() })
}

// screen reports whether a window can be opened. Wails would panic.
func screen() bool {
	runtime.LockOSThread() // GTK belongs to the thread that starts it; Wails starts it again, from this one
	// As Wails does: GTK would otherwise try, and warn of, displays that are not meant.
	if kind := os.Getenv("XDG_SESSION_TYPE"); os.Getenv("GDK_BACKEND") == "" && (kind == "" || kind == "unspecified" || kind == "x11") {
		_ = os.Setenv("GDK_BACKEND", "x11")
	}
	return C.gtk_init_check(nil, nil) != 0
}
