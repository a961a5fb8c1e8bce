//go:build webkit2_41 && (production || dev)

package app

/*
#cgo pkg-config: gtk+-3.0
#include <gtk/gtk.h>

static gboolean end(gpointer data) {
	if (gtk_main_level() > 0)
		gtk_main_quit();
	return G_SOURCE_CONTINUE;
}

static void end_main_loop(void) { g_timeout_add(20, end, NULL); }
*/
import "C"

// endMainLoop ends the main loop from within, as soon as it runs. Wails asks for its end from another thread, which GLib
// refuses before the loop has begun, and notices only when it turns next: an idle application would go on until somebody
// moves the mouse.
func endMainLoop() { C.end_main_loop() }
