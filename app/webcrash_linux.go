//go:build webkit2_41 && (production || dev)

package app

/*
#cgo pkg-config: gtk+-3.0 webkit2gtk-4.1
#include <gtk/gtk.h>
#include <webkit2/webkit2.h>

static void terminated(WebKitWebView *view, WebKitWebProcessTerminationReason reason, gpointer data) {
	webkit_web_view_load_uri(view, "wails://wails/");
}

static void walk(GtkWidget *w, gpointer data) {
	if (WEBKIT_IS_WEB_VIEW(w))
		g_signal_connect(w, "web-process-terminated", G_CALLBACK(terminated), NULL);
	else if (GTK_IS_CONTAINER(w))
		gtk_container_forall(GTK_CONTAINER(w), walk, data);
}

static gboolean hook(gpointer data) {
	GList *windows = gtk_window_list_toplevels();
	for (GList *i = windows; i; i = i->next)
		walk(GTK_WIDGET(i->data), NULL);
	g_list_free(windows);
	return G_SOURCE_REMOVE;
}

static void reload_after_crash(void) { g_idle_add(hook, NULL); }
*/
import "C"

// reloadAfterCrash loads the page again whenever WebKit's process for it ends: Wails would leave its last picture
// standing. The page then asks for the state, and goes on.
func reloadAfterCrash() { C.reload_after_crash() }
