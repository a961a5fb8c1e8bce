#!/bin/sh
# Tells the desktop of the new, or the gone, program. It is none of the package's business where that fails.
update-desktop-database -q /usr/share/applications 2>/dev/null || true
gtk-update-icon-cache -q -t -f /usr/share/icons/hicolor 2>/dev/null || true
