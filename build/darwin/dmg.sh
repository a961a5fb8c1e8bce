#!/usr/bin/env bash
# Makes build/bin/background-agents.dmg, on a Mac: the bundle by the Wails commands, bga inside it, and both signed where
# SIGN_IDENTITY names a certificate. Without one, macOS asks the user at the first start.
set -euo pipefail
cd "$(dirname "$0")/../.."
[[ $(uname) == Darwin ]] || { echo "error: a disk image is made on a Mac" >&2; exit 1; }

make .bin/wails .bin/stamps/supervisor
.bin/wails build -platform darwin/universal -m -nosyncgomod -nocolour -trimpath
app=build/bin/background-agents.app
[[ -d $app ]] || app="build/bin/Background Agents.app"
for arch in amd64 arm64; do
  CGO_ENABLED=0 GOARCH=$arch go build -trimpath -ldflags '-s -w' -o "build/bin/bga-$arch" ./app/cli
done
lipo -create -output "$app/Contents/MacOS/bga" build/bin/bga-amd64 build/bin/bga-arm64
rm build/bin/bga-amd64 build/bin/bga-arm64
cp LICENSE build/bin/THIRD-PARTY-LICENSES.txt "$app/Contents/Resources/"
if [[ -n ${SIGN_IDENTITY:-} ]]; then
  codesign --force --deep --options runtime --sign "$SIGN_IDENTITY" "$app"
fi

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
cp -R "$app" "$stage/"
ln -s /Applications "$stage/Applications"
hdiutil create -volname 'Background Agents' -srcfolder "$stage" -ov -format UDZO build/bin/background-agents.dmg
