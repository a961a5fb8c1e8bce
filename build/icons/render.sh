#!/usr/bin/env bash
# Renders the SVG drawings of this folder to the images that are committed. Needs chromium and ImageMagick; run it after
# a drawing was changed.
set -euo pipefail
cd "$(dirname "$0")"
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

render() { # render DRAWING SIZE PNG
  printf '<!doctype html><style>html,body{margin:0;background:transparent}img{display:block;width:%spx;height:%spx}</style><img src="file://%s">' \
    "$2" "$2" "$PWD/$1" >"$tmp/page.html"
  chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --force-device-scale-factor=1 \
    --default-background-color=00000000 --window-size="$2,$2" --screenshot="$tmp/shot.png" "file://$tmp/page.html" >/dev/null 2>&1
  convert "$tmp/shot.png" -crop "$2x$2+0+0" +repage -strip "$3"
}

for size in 16 32 48 64 128 256 512; do
  render app.svg "$size" "app-$size.png"
done
render app.svg 1024 ../appicon.png # what the Wails CLI makes the bundles' icons from
mkdir -p ../windows ../../app/icons
convert app-16.png app-32.png app-48.png app-64.png app-128.png app-256.png ../windows/icon.ico
cp app-256.png ../../app/icons/app.png
for name in idle active needs; do
  render "tray-$name.svg" 64 "../../app/icons/tray-$name.png"
  for size in 16 24 32; do render "tray-$name.svg" "$size" "$tmp/$size.png"; done
  convert "$tmp/16.png" "$tmp/24.png" "$tmp/32.png" "../../app/icons/tray-$name.ico"
done
