#!/bin/sh
# Installs from the unpacked archive for this user (or with PREFIX=/usr/local, as root, for all). `install.sh --remove`
# takes it away again; what sessions have made stays.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
prefix=${PREFIX:-$HOME/.local}
icons=$prefix/share/icons/hicolor

if [ "${1:-}" = --remove ]; then
  rm -f "$prefix/bin/background-agents" "$prefix/bin/bga" "$prefix/share/applications/background-agents.desktop"
  find "$icons" -name 'background-agents.*' -delete 2>/dev/null || true
  exit 0
fi

mkdir -p "$prefix/bin" "$prefix/share/applications"
cp "$here/background-agents" "$here/bga" "$prefix/bin/"
sed "s|^Exec=background-agents|Exec=$prefix/bin/background-agents|" "$here/background-agents.desktop" \
  >"$prefix/share/applications/background-agents.desktop"
for png in "$here"/icons/app-*.png; do
  size=${png##*app-}
  size=${size%.png}
  mkdir -p "$icons/${size}x$size/apps"
  cp "$png" "$icons/${size}x$size/apps/background-agents.png"
done
echo "Installed to $prefix/bin. The window needs libgtk-3 and libwebkit2gtk-4.1; both programs need git and Docker."
