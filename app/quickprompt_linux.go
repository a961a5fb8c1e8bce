//go:build webkit2_41 && (production || dev)

package app

/*
#cgo pkg-config: gtk+-3.0 webkit2gtk-4.1 x11
#include <stdlib.h>
#include <string.h>
#include <gtk/gtk.h>
#include <webkit2/webkit2.h>
#ifdef GDK_WINDOWING_X11
#include <gdk/gdkx.h>
#endif

// All of this runs on GTK's thread: the functions at the end, which Go calls, only hand over to it.
static GtkWidget *win, *view;
static gboolean waiting;     // the window is to be shown when the page is ready
static guint timer;          // shows it without the page, where that takes too long
static unsigned long before; // the X11 window that had the keyboard

static gboolean on_x11(void) {
#ifdef GDK_WINDOWING_X11
	return GDK_IS_X11_DISPLAY(gdk_display_get_default());
#else
	return FALSE;
#endif
}

static unsigned long active_window(void) {
	unsigned long found = 0;
#ifdef GDK_WINDOWING_X11
	Display *d = GDK_DISPLAY_XDISPLAY(gdk_display_get_default());
	Atom type;
	int format;
	unsigned long n, rest;
	unsigned char *data = NULL;
	Atom name = XInternAtom(d, "_NET_ACTIVE_WINDOW", False);
	if (XGetWindowProperty(d, DefaultRootWindow(d), name, 0, 1, False, AnyPropertyType, &type, &format, &n, &rest, &data) == Success && data) {
		if (n == 1 && format == 32)
			found = *(unsigned long *)data;
		XFree(data);
	}
#endif
	return found;
}

// activate gives the keyboard to a window, as a pager does.
static void activate(unsigned long id) {
#ifdef GDK_WINDOWING_X11
	Display *d = GDK_DISPLAY_XDISPLAY(gdk_display_get_default());
	XEvent e;
	memset(&e, 0, sizeof e);
	e.xclient.type = ClientMessage;
	e.xclient.window = id;
	e.xclient.message_type = XInternAtom(d, "_NET_ACTIVE_WINDOW", False);
	e.xclient.format = 32;
	e.xclient.data.l[0] = 2;
	e.xclient.data.l[1] = gdk_x11_get_server_time(gtk_widget_get_window(win));
	XSendEvent(d, DefaultRootWindow(d), False, SubstructureRedirectMask | SubstructureNotifyMask, &e);
	XFlush(d);
#endif
}

static void find_view(GtkWidget *w, gpointer found) {
	if (WEBKIT_IS_WEB_VIEW(w)) {
		if (w != view)
			*(GtkWidget **)found = w;
	} else if (GTK_IS_CONTAINER(w)) {
		gtk_container_forall(GTK_CONTAINER(w), find_view, found);
	}
}

static WebKitWebView *main_view(void) {
	GtkWidget *found = NULL;
	GList *windows = gtk_window_list_toplevels();
	for (GList *i = windows; i; i = i->next)
		find_view(GTK_WIDGET(i->data), &found);
	g_list_free(windows);
	return (WebKitWebView *)found;
}

// centre puts the window in the middle of the screen that the pointer is on.
static void centre(void) {
	GdkDisplay *display = gdk_display_get_default();
	GdkRectangle r;
	gint x, y, w, h;
	gdk_device_get_position(gdk_seat_get_pointer(gdk_display_get_default_seat(display)), NULL, &x, &y);
	gdk_monitor_get_workarea(gdk_display_get_monitor_at_point(display, x, y), &r);
	gtk_window_get_size(GTK_WINDOW(win), &w, &h);
	gtk_window_move(GTK_WINDOW(win), r.x + (r.width - w) / 2, r.y + (r.height - h) / 2);
}

static void present(void) {
	waiting = FALSE;
	if (timer)
		g_source_remove(timer);
	timer = 0;
	if (!gtk_widget_get_visible(win)) {
		before = on_x11() ? active_window() : 0;
		centre();
	}
	gtk_widget_show(win);
	guint32 now = GDK_CURRENT_TIME;
#ifdef GDK_WINDOWING_X11
	if (on_x11())
		now = gdk_x11_get_server_time(gtk_widget_get_window(win)); // past the prevention of focus stealing
#endif
	gtk_window_present_with_time(GTK_WINDOW(win), now);
	gtk_widget_grab_focus(view);
	webkit_web_view_evaluate_javascript(WEBKIT_WEB_VIEW(view), "window.quickPromptOpened && window.quickPromptOpened()",
		-1, NULL, NULL, NULL, NULL, NULL);
}

static gboolean too_late(gpointer data) {
	timer = 0;
	if (win && waiting)
		present();
	return G_SOURCE_REMOVE;
}

static gboolean do_hide(gpointer data) {
	waiting = FALSE;
	if (!win || !gtk_widget_get_visible(win))
		return G_SOURCE_REMOVE;
	if (before && active_window() == GDK_WINDOW_XID(gtk_widget_get_window(win)))
		activate(before);
	gtk_widget_hide(win);
	return G_SOURCE_REMOVE;
}

static gboolean on_delete(GtkWidget *w, GdkEvent *e, gpointer data) {
	do_hide(NULL);
	return TRUE;
}

static gboolean do_stop(gpointer data) {
	waiting = FALSE;
	if (timer)
		g_source_remove(timer);
	timer = 0;
	GtkWidget *gone = win;
	win = view = NULL;
	if (gone)
		gtk_widget_destroy(gone);
	return G_SOURCE_REMOVE;
}

static void on_terminated(WebKitWebView *v, WebKitWebProcessTerminationReason reason, gpointer data) { g_idle_add(do_stop, NULL); }

// The page stays where it is: nothing leads it elsewhere.
static gboolean on_decide(WebKitWebView *v, WebKitPolicyDecision *decision, WebKitPolicyDecisionType type, gpointer uri) {
	if (type == WEBKIT_POLICY_DECISION_TYPE_RESPONSE)
		return FALSE;
	WebKitNavigationAction *action = webkit_navigation_policy_decision_get_navigation_action(WEBKIT_NAVIGATION_POLICY_DECISION(decision));
	const char *to = webkit_uri_request_get_uri(webkit_navigation_action_get_request(action));
	if (type == WEBKIT_POLICY_DECISION_TYPE_NAVIGATION_ACTION && g_strcmp0(to, uri) == 0)
		return FALSE;
	webkit_policy_decision_ignore(decision);
	return TRUE;
}

static gboolean on_menu(WebKitWebView *v, WebKitContextMenu *menu, GdkEvent *e, WebKitHitTestResult *hit, gpointer data) {
	return !webkit_hit_test_result_context_is_editable(hit);
}

// make makes window and page. The page shares the process of the main one, which costs about 1 MB.
static gboolean make(const char *fragment, int width, int height) {
	WebKitWebView *related = main_view();
	if (!related)
		return FALSE;
	win = gtk_window_new(GTK_WINDOW_TOPLEVEL);
	gtk_window_set_title(GTK_WINDOW(win), "Quick prompt");
	gtk_window_set_decorated(GTK_WINDOW(win), FALSE);
	gtk_window_set_keep_above(GTK_WINDOW(win), TRUE);
	gtk_window_set_skip_taskbar_hint(GTK_WINDOW(win), TRUE);
	gtk_window_set_type_hint(GTK_WINDOW(win), GDK_WINDOW_TYPE_HINT_DIALOG);
	gtk_window_stick(GTK_WINDOW(win));
	gtk_window_set_default_size(GTK_WINDOW(win), width, height);
	g_signal_connect(win, "delete-event", G_CALLBACK(on_delete), NULL);
	view = webkit_web_view_new_with_related_view(related);
	webkit_settings_set_hardware_acceleration_policy(
		webkit_web_view_get_settings(WEBKIT_WEB_VIEW(view)), WEBKIT_HARDWARE_ACCELERATION_POLICY_NEVER);
	GUri *base = g_uri_parse(webkit_web_view_get_uri(related), G_URI_FLAGS_NONE, NULL);
	GUri *to = g_uri_build(G_URI_FLAGS_NONE, g_uri_get_scheme(base), NULL, g_uri_get_host(base), g_uri_get_port(base),
		"/quick.html", NULL, fragment);
	char *uri = g_uri_to_string(to);
	g_uri_unref(base);
	g_uri_unref(to);
	g_signal_connect_data(view, "decide-policy", G_CALLBACK(on_decide), uri, (GClosureNotify)g_free, 0);
	g_signal_connect(view, "context-menu", G_CALLBACK(on_menu), NULL);
	g_signal_connect(view, "web-process-terminated", G_CALLBACK(on_terminated), NULL);
	gtk_container_add(GTK_CONTAINER(win), view);
	webkit_web_view_load_uri(WEBKIT_WEB_VIEW(view), uri);
	gtk_widget_show(view);
	gtk_widget_realize(win);
	return TRUE;
}

struct opening {
	char *fragment;
	int width, height;
};

static gboolean do_open(gpointer data) {
	struct opening *o = data;
	if (win && !waiting) {
		present();
	} else if (!win && make(o->fragment, o->width, o->height)) {
		waiting = TRUE;
		timer = g_timeout_add_seconds(5, too_late, NULL);
	}
	free(o->fragment);
	free(o);
	return G_SOURCE_REMOVE;
}

static gboolean do_ready(gpointer data) {
	if (win && waiting)
		present();
	return G_SOURCE_REMOVE;
}

static gboolean do_resize(gpointer data) {
	if (!win)
		return G_SOURCE_REMOVE;
	int w = GPOINTER_TO_INT(data) >> 16, h = GPOINTER_TO_INT(data) & 0xffff;
	gtk_window_resize(GTK_WINDOW(win), w, h);
	return G_SOURCE_REMOVE;
}

static void quick_open(char *fragment, int width, int height) {
	struct opening *o = malloc(sizeof *o);
	*o = (struct opening){fragment, width, height};
	g_idle_add(do_open, o);
}
static void quick_ready(void) { g_idle_add(do_ready, NULL); }
static void quick_hide(void) { g_idle_add(do_hide, NULL); }
static void quick_stop(void) { g_idle_add(do_stop, NULL); }
static void quick_resize(int w, int h) { g_idle_add(do_resize, GINT_TO_POINTER(w << 16 | h)); }
*/
import "C"

// gtkQuickPrompt is a second window of this process. Its page calls the backend through the bridge.
type gtkQuickPrompt struct{ token string }

func newQuickPrompt(w *window) quickPrompt { return gtkQuickPrompt{w.bridge.token} }

// open frees nothing: the C side does when it has read the text.
func (q gtkQuickPrompt) open() { C.quick_open(C.CString(q.token), quickWidth, quickMinHeight) }

func (gtkQuickPrompt) ready() { C.quick_ready() }

func (gtkQuickPrompt) resize(height int) { C.quick_resize(quickWidth, C.int(height)) }

func (gtkQuickPrompt) hide() { C.quick_hide() }

func (gtkQuickPrompt) stop() { C.quick_stop() }
